/** Programs whose environment says nothing of us any more. */
import { existsSync } from 'node:fs';

const PERL = '/usr/bin/perl';
export const hasPerl = process.platform === 'linux' && existsSync(PERL);

/** Shell code. Each of them prints `up PID` when its environment is lost, and lives on. */
export const UNMARKED: readonly (readonly [how: string, script: string, isHere: boolean])[] = [
  ['is started without it', `exec env -u PROCSUP_RUN_ID sh -c 'echo "up $$"; exec sleep infinity'`, true],
  // As nginx, redis-server, puma and postgres do: arguments and environment are one region of memory.
  [
    'writes its title over it',
    `exec ${PERL} -e '$0 = "x" x 100000; $| = 1; print "up $$\\n"; sleep 1000000'`,
    hasPerl,
  ],
];

/** The same in a session of its own, beside a program that ends at once: it has made itself a daemon. */
export const daemonized = (script: string): string => `setsid sh -c ${quoted(script)} & exit 0`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

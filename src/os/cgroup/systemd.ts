/** What is asked of systemd about limits, by its own programs. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Unit {
  readonly name: string;
  /** `--user`, or nothing. */
  readonly manager: readonly string[];
}

export interface SystemdTools {
  /** Whether groups may be made below that of this unit. */
  isDelegated(unit: Unit): Promise<boolean>;
  /** Whether scopes can be made. Tried once. */
  readonly scopes: () => Promise<'available' | { readonly why: string }>;
  /** The path of the group that scopes are in, as in /proc/self/cgroup; undefined before one was made. */
  slice(): string | undefined;
  readonly setProperties: (unit: string, properties: readonly string[]) => Promise<void>;
  /** Of the one that makes our scopes. */
  readonly manager: readonly string[];
}

/** systemd is the init of this machine, as sd_booted(3) finds out. */
const BOOTED = '/run/systemd/system';
/** A manager that does not answer is no manager. */
const TIMEOUT_MS = 10_000;

export function createSystemdTools(
  env: NodeJS.ProcessEnv = process.env,
  isBooted: () => boolean = () => existsSync(BOOTED),
): SystemdTools {
  // root has the manager of the system, and seldom one of its own.
  const manager = process.getuid?.() === 0 ? [] : ['--user'];
  let slice: string | undefined;
  let scopes: Promise<'available' | { readonly why: string }> | undefined;

  const run = (program: string, ...words: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(program, words, { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(Object.assign(error as Error, { stderr }));
      });
    });

  const tryScope = async (): Promise<'available' | { readonly why: string }> => {
    try {
      const words = ['--scope', '--quiet', '--collect', 'cat', '/proc/self/cgroup'];
      slice = /^0::(\/.*)\/[^/]+$/m.exec(await run('systemd-run', ...manager, ...words))?.[1];
      return 'available';
    } catch (thrown) {
      return { why: `systemd-run ${reasonOf(thrown as Failure)}` };
    }
  };

  return {
    manager,
    isDelegated: async ({ name, manager: own }) =>
      !isBooted() ||
      (await run('systemctl', ...own, 'show', '--property=Delegate', '--value', name).then(
        (said) => said.trim() === 'yes',
        () => false,
      )),
    scopes: () => (scopes ??= tryScope()),
    slice: () => slice,
    async setProperties(unit, properties) {
      await run('systemctl', ...manager, 'set-property', '--runtime', unit, ...properties);
    },
  };
}

type Failure = NodeJS.ErrnoException & { readonly stderr: string };

function reasonOf({ code, stderr }: Failure): string {
  if (code === 'ENOENT') return 'is not installed';
  const [first = ''] = stderr.trim().split('\n');
  return first === '' ? 'has failed' : `says: ${first}`;
}

/** The unit whose own group this is; undefined: of none, or it is below that of one, which is delegated then. */
export function unitOf(path: string): Unit | undefined {
  const name = /\/([^/]+\.(?:service|scope))$/.exec(path)?.[1];
  return name === undefined
    ? undefined
    : { name, manager: /\/user@\d+\.service\//.test(path) ? ['--user'] : [] };
}

import { STATUS, statusOf } from '../../core/process/exit.ts';
import { VerbError, type SessionClient } from '../../control/session/client.ts';
import { findProgram } from '../../os/process/find-program.ts';
import type { LockGrant } from '../../runtime/exchange/locks.ts';
import { complain, NotDone } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { withSession } from '../client/with-session.ts';
import type { Io } from '../io.ts';

interface LockSettings {
  readonly name: string;
  readonly words: readonly [program: string, ...args: string[]];
  readonly slots: number | undefined;
  readonly mode: 'exclusive' | 'shared';
  /** 0: not at all. */
  readonly waitMs: number | undefined;
  readonly conflictStatus: number | undefined;
}

/** As flock(1) without a lock. */
const BUSY = 1;
const TIMED_OUT = 124;
const MOST_STATUS = 255;

/** `procsup lock`: runs a command while it holds a lock of the supervisor. */
export const lock = controlCommand<LockSettings>({
  settings(read, [name = '', program, ...args]) {
    const [slots, conflictStatus] = [read.count('slots'), read.count('conflict-exit-code')];
    const timeoutMs = read.optionalDuration('timeout');
    const isImpatient = read.isOn('no-wait');
    if (program === undefined || name === '')
      throw wrong("missing COMMAND for 'procsup lock'", 'use procsup lock NAME -- COMMAND');
    if (isImpatient && timeoutMs !== undefined) throw wrong("'--no-wait' and '--timeout' exclude each other");
    if (slots === 0) throw wrong('a lock has at least 1 slot');
    if (conflictStatus !== undefined && conflictStatus > MOST_STATUS)
      throw wrong(`invalid exit status '${String(conflictStatus)}'`, `the limit is ${String(MOST_STATUS)}`);
    return {
      ...{ name, words: [program, ...args], slots, conflictStatus },
      mode: read.isOn('shared') ? 'shared' : 'exclusive',
      waitMs: isImpatient ? 0 : timeoutMs,
    };
  },

  async carryOut(context, settings) {
    const { io } = context;
    const refusal = whyNotRun(settings.words[0], io);
    if (refusal !== undefined) return refusal;
    const said = ['lock', settings.name, '--', ...settings.words].join(' ');
    return withSession(context, said, async (session) => {
      const granted = await get(session, settings);
      if ('status' in granted) {
        complain(io, granted.message);
        return granted.status;
      }
      return run(session, settings, granted, io);
    });
  },
});

const wrong = (message: string, remedy?: string): NotDone =>
  new NotDone({ code: 'usage', message, ...(remedy !== undefined && { remedy }) });

/** Before anybody waits. */
function whyNotRun(program: string, io: Io): number | undefined {
  const found = findProgram(program, io.env['PATH'], io.cwd);
  if (found.kind === 'program') return undefined;
  const why = found.kind === 'missing' ? 'not found' : found.why;
  complain(io, `cannot run '${program}': ${why}`);
  return found.kind === 'missing' ? STATUS.notFound : STATUS.notExecutable;
}

async function get(
  session: SessionClient,
  { name, slots, mode, waitMs, conflictStatus }: LockSettings,
): Promise<LockGrant | { readonly status: number; readonly message: string }> {
  try {
    return (await session.ask('lock.get', { name, slots, mode, wait: waitMs })) as LockGrant;
  } catch (error) {
    const status = error instanceof VerbError ? STATUSES[error.code] : undefined;
    if (status === undefined) throw error;
    return { status: conflictStatus ?? status, message: (error as VerbError).message };
  }
}

const STATUSES: Readonly<Record<string, number>> = { 'lock-busy': BUSY, 'lock-timeout': TIMED_OUT };

/**
 * The command has the connection, too: should we be killed, it runs on, and the lock is held until it ends.
 */
async function run(
  session: SessionClient,
  { name, words }: LockSettings,
  { grant, abandoned }: LockGrant,
  io: Io,
): Promise<number> {
  if (abandoned) io.stderr(`procsup: the last holder of lock '${name}' ended without releasing it\n`);
  const env = { ...definedIn(io.env), PROCSUP_LOCK: name, ...(abandoned && { PROCSUP_LOCK_ABANDONED: '1' }) };
  let isRunning = true;
  void session.ended.then((lost) => {
    if (lost !== undefined && isRunning)
      io.stderr(`procsup: lost lock '${name}': the supervisor has ended; the command runs on\n`);
  });
  const { runCommand } = await import('../../os/process/command.ts');
  const { descriptor } = session;
  const exit = await runCommand({
    words,
    root: io.cwd,
    env,
    ...(descriptor !== undefined && { descriptor }),
  });
  isRunning = false;
  if (exit.by === 'refusal') complain(io, `cannot run '${words[0]}': ${exit.message}`);
  // Where it cannot be told any more, the end of the connection does it.
  await session.ask('lock.release', { name, grant }).catch(() => undefined);
  return statusOf(exit);
}

const definedIn = (env: Io['env']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );

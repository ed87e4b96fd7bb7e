/**
 * Programs without a kernel. It knows a few scripts, and does what the kernel would: signals end programs that do not
 * ignore them, and the news of it come in a later turn of the event loop, which is when the test says `turn`.
 */
import type { Exit } from '../../src/core/process/exit.ts';
import type { SignalName } from '../../src/core/process/signals.ts';
import type {
  ProcessGroups,
  Guard,
  Launcher,
  LaunchEvents,
  LaunchRequest,
} from '../../src/ports/processes.ts';
import type { Refusal } from '../../src/core/process/exit.ts';

export interface FakeProgram {
  readonly pid: number;
  readonly request: LaunchRequest;
  readonly signals: readonly SignalName[];
  isAlive: boolean;
  /** It ends by itself. */
  readonly exit: (exit: Exit) => void;
  readonly ignore: (...signals: SignalName[]) => void;
  /** Starts something that outlives it: in its group, or in a session of its own. */
  readonly leave: (where: 'group' | 'apart') => FakeProgram;
}

export interface FakeWorld {
  readonly launcher: Launcher;
  readonly processGroups: ProcessGroups;
  readonly guard: Guard;
  readonly guarded: ReadonlySet<number>;
  /** Everything that was launched or left behind, in order. */
  readonly programs: readonly FakeProgram[];
  /** The next launches are refused; null ends that. */
  readonly refuse: (refusal: Refusal | null) => void;
  /** From now on nothing can be looked at, for this errno; null ends that. */
  readonly blind: (why: string | null) => void;
  /** Tells what has happened since the last turn. */
  readonly turn: () => void;
  /** The supervisor dies without a word. */
  readonly die: () => void;
}

/** Signals that end nobody by default. */
const HARMLESS: readonly SignalName[] = ['SIGCONT', 'SIGCHLD', 'SIGURG', 'SIGWINCH'];

export const NO_SUCH_DIRECTORY = '/no/such/directory';

interface Program extends FakeProgram {
  readonly group: number;
  readonly parent: number;
  readonly started: number;
  readonly ignored: ReadonlySet<SignalName>;
  readonly take: (signal: SignalName) => void;
}

/** `log` gets a line for each signal and for each change of the guard. */
export function createFakeWorld(log: (line: string) => void = () => undefined): FakeWorld {
  const programs: Program[] = [];
  const news: (() => void)[] = [];
  const guarded = new Set<number>();
  let refusal: Refusal | null = null;
  let missed: string | null = null;
  let lastPid = 99;
  let moment = 0;

  const create = (request: LaunchRequest, parent: number, group: number | null, events?: LaunchEvents) => {
    const pid = (lastPid += 1);
    const ignored = new Set<SignalName>();
    const signals: SignalName[] = [];
    const end = (exit: Exit): void => {
      if (!program.isAlive) return;
      program.isAlive = false;
      news.push(() => events?.exited(exit));
    };
    const program: Program = {
      pid,
      request,
      group: group ?? pid,
      parent,
      started: (moment += 1),
      ignored,
      signals,
      isAlive: true,
      exit: end,
      ignore: (...some) => {
        for (const signal of some) ignored.add(signal);
      },
      leave: (where) => create(request, pid, where === 'group' ? program.group : null),
      take(signal) {
        if (!program.isAlive) return;
        signals.push(signal);
        if (HARMLESS.includes(signal) || (ignored.has(signal) && signal !== 'SIGKILL')) return;
        end({ by: 'signal', signal });
      },
    };
    programs.push(program);
    return program;
  };

  const living = (matches: (program: Program) => boolean): readonly Program[] =>
    programs.filter((program) => program.isAlive && matches(program));
  const carriers = (runId: string) => living(({ request }) => request.runId.startsWith(runId));
  const seen = (runId: string) => (missed === null ? carriers(runId) : []);
  const send = (some: readonly Program[], signal: SignalName): void => {
    for (const program of some) program.take(signal);
  };

  return {
    programs,
    guarded,
    blind: (why) => void (missed = why),
    refuse: (next) => void (refusal = next),
    turn() {
      for (const tell of news.splice(0)) tell();
    },
    die: () =>
      send(
        living(({ group }) => guarded.has(group)),
        'SIGKILL',
      ),

    launcher: {
      launch(request, events) {
        for (const end of [request.ends?.stdin, request.ends?.stdout]) end?.release();
        const missing: Refusal = { by: 'refusal', error: 'ENOENT', message: 'there is no such directory' };
        const refused = request.root === NO_SUCH_DIRECTORY ? missing : refusal;
        if (refused !== null) {
          events.refused(refused);
          return;
        }
        const program = create(request, 1, null, events);
        events.spawned(program.pid, program.pid, null);
        play(program);
      },
    },

    processGroups: {
      signal({ pid, runId }, signal, reach) {
        log(`${signal} to ${reach === 'all' ? 'all of ' : ''}${pid}`);
        send(
          living(
            ({ group, request }) => group === pid || (reach === 'all' && request.runId.startsWith(runId)),
          ),
          signal,
        );
      },
      presenceOf({ pid }) {
        if (missed !== null) return { is: 'unknown', why: missed };
        return { is: living(({ group }) => group === pid).length > 0 ? 'living' : 'gone' };
      },
      marked: (runId) => ({ pids: seen(runId).map(({ pid }) => pid), missed }),
      carriers: (runTag, without) => ({
        carriers: seen(runTag)
          .filter(({ pid }) => !without.has(pid))
          .map(({ pid, group, request }) => ({
            pid,
            instance: request.runId.slice(runTag.length).split(':')[0] ?? '',
            session: group,
            program: 'program',
          })),
        missed,
      }),
      signalMarked(runId, signal, except = new Set()) {
        const marked = seen(runId);
        const meant = marked.filter(({ pid }) => !except.has(pid));
        if (meant.length > 0) log(`${signal} to marked ${runId}`);
        send(meant, signal);
        return { pids: marked.map(({ pid }) => pid), missed };
      },
      signalOne(pid, signal) {
        log(`${signal} to ${pid} alone`);
        send(
          living((program) => program.pid === pid),
          signal,
        );
      },
      look: (pids) => (missed === null ? living(({ pid }) => pids.includes(pid)) : []),
      ignores: (pid, signal) => living((one) => one.pid === pid && one.ignored.has(signal)).length > 0,
      now: () => (moment += 1),
    },

    guard: {
      add(pid) {
        guarded.add(pid);
        log(`guard ${pid}`);
      },
      remove(pid) {
        if (guarded.delete(pid)) log(`unguard ${pid}`);
      },
    },
  };
}

/** The scripts of the contract, which a shell understands as well. */
export const SCRIPTS = {
  live: 'exec sleep infinity',
  fail: 'exit 3',
  leaveJob: 'sleep infinity & exit 0',
  leaveStray: 'setsid sleep infinity & sleep infinity',
} as const;

function play(program: Program): void {
  switch (program.request.script) {
    case SCRIPTS.fail:
      return program.exit({ by: 'code', code: 3 });
    case SCRIPTS.leaveJob:
      program.leave('group');
      return program.exit({ by: 'code', code: 0 });
    case SCRIPTS.leaveStray:
      program.leave('apart');
  }
}

/** One long-lived worker of `procsup pool --worker`: a program in a session of its own, known to the guardian. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { scriptFor } from '../../core/shell/command.ts';
import type { Exit } from '../../core/process/exit.ts';
import type { Guard, ProcessGroup, ProcessGroups } from '../../ports/processes.ts';
import { systemClock } from '../clock.ts';
import type { MakeStagePipes } from '../pipes/stage-spawn.ts';
import { TAG_LIMITS } from '../process/run-limits.ts';
import { shellFor } from '../process/shell.ts';
import { exitOf, refusalOf } from '../process/spawn.ts';
import type { LineCodec } from '../worker/line-framing.ts';
import { residentBytes } from '../worker/memory.ts';
import { openLineLink, type LineLink } from '../worker/line-link.ts';

export interface WorkerPlace {
  readonly command: string;
  readonly makePipes: MakeStagePipes;
  readonly guard: Guard;
  readonly groups: Pick<ProcessGroups, 'signal'>;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Shell code that runs before the program. */
  readonly prelude: string;
}

export interface WorkerEvents {
  /** It can be given messages. */
  ready(): void;
  message(bytes: Buffer): void;
  /** Called once, when all that it has answered is told, and what it has started is killed. */
  exited(exit: Exit): void;
}

export interface WorkerProcess {
  send(bytes: Uint8Array): void;
  /** At once, with its whole group. */
  kill(): void;
  /** It ends by itself, unless it takes too long. */
  end(): void;
  /** In bytes; 0: not known. */
  memory(): number;
}

const END_GRACE_MS = 5000;
/** For its last answers, when it has ended. Only what the kernel holds keeps a pipe open after SIGKILL. */
const LAST_WORDS_MS = 5000;

export function startWorkerProcess(
  place: WorkerPlace,
  codec: LineCodec,
  runId: string,
  events: WorkerEvents,
): WorkerProcess {
  const { guard, groups, root, env } = place;
  let group: ProcessGroup | undefined;
  let link: LineLink | undefined;
  let [isKilled, hasEnded] = [false, false];
  let stopWaiting = (): void => undefined;

  const kill = (): void => {
    isKilled = true;
    if (group !== undefined && !hasEnded) groups.signal(group, 'SIGKILL', 'group');
  };

  const begin = async (): Promise<void> => {
    const [input, output] = await place.makePipes(2);
    if (input === undefined || output === undefined) throw new Error('no pipes');
    let child: ChildProcess;
    try {
      child = launch(place, runId, input.read, output.write);
    } finally {
      for (const fd of [input.read, output.write]) closeSync(fd);
    }
    link = openLineLink({ input: input.write, output: output.read }, codec, (bytes) => events.message(bytes));
    const { pid } = child;
    const exit = new Promise<Exit>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(exitOf(code, signal)));
    });
    if (pid !== undefined) {
      guard.add(pid);
      group = { pid, runId };
      if (isKilled) kill();
      else events.ready();
    }
    const ended = await exit.finally(() => (pid === undefined ? link?.close() : undefined));
    hasEnded = true;
    stopWaiting();
    if (group === undefined) return;
    guard.remove(group.pid);
    groups.signal(group, 'SIGKILL', 'all');
    const cancel = systemClock.after(LAST_WORDS_MS, () => link?.close());
    await link.over;
    cancel();
    link.close();
    events.exited(ended);
  };
  begin().catch((error: unknown) => events.exited(refusalOf(error, { root, env })));

  return {
    send: (bytes) => link?.send(bytes),
    kill,
    end() {
      link?.end();
      if (!hasEnded) stopWaiting = systemClock.after(END_GRACE_MS, kill);
    },
    memory: () => residentBytes(group?.pid),
  };
}

function launch(
  { command, prelude, root, env }: WorkerPlace,
  runId: string,
  stdin: number,
  stdout: number,
): ChildProcess {
  const shell = shellFor(env);
  const script = prelude + TAG_LIMITS.prelude(runId) + scriptFor(command.trim());
  return spawn(shell.file, [...shell.flags, '-c', script], {
    cwd: root,
    env: { ...env, PROCSUP_RUN_ID: runId },
    stdio: [stdin, stdout, 'inherit'],
    detached: true,
  });
}

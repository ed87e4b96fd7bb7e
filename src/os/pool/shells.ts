/**
 * The shells that run the jobs of a pool, one for each slot: to start a job a shell forks, which takes a fraction of the time
 * that our own spawn would take.
 *
 *     we --- control FIFO ---> sh --- fork ---> job --- stdout, stderr FIFO ---> we
 *      ^------ status pipe ----'
 *
 * A shell leads a session and a group of its own, which the guardian knows, and ends when its control FIFO does. It is
 * retired, and replaced with the next job, when a job has left something that holds its output, or was stopped: so what is
 * left of one job is never taken for the next one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Exit } from '../../core/process/exit.ts';
import { jobScript, parallelVariables, shellScript } from '../../core/pool/job-script.ts';
import type { OpenReader } from '../../ports/output.ts';
import type { JobEvents, JobShells, OutputStream } from '../../ports/pool.ts';
import type { Guard, ProcessGroups } from '../../ports/processes.ts';
import type { NamedPipePool } from '../pipes/pool.ts';
import { TAG_LIMITS } from '../process/run-limits.ts';
import { shellFor } from '../process/shell.ts';
import { exitOf, refusalOf } from '../process/spawn.ts';
import { openCapture, type Capture } from './capture.ts';
import { openControl, type Control } from './control.ts';
import { exitOfStatus } from './status-exit.ts';
import { openStatusPipe } from './status-pipe.ts';

export interface JobShellsOptions {
  readonly pipes: Pick<NamedPipePool, 'takeNamed'>;
  readonly guard: Guard;
  readonly groups: Pick<ProcessGroups, 'presenceOf'>;
  readonly runTag: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** Shell code that runs once in each shell. */
  readonly prelude: string;
  /** Null: the jobs write to our own stdout and stderr. */
  readonly openReader: OpenReader | null;
  /** Its jobs can tell which slot they have. Default: yes. */
  readonly hasSlotVariables?: boolean | undefined;
}

interface Shell {
  readonly id: number;
  readonly slot: number;
  readonly runId: string;
  readonly child: ChildProcess;
  readonly control: Control;
  readonly captures: Captures | null;
  job: JobEvents | undefined;
  /** Its job was signalled. */
  isStopped: boolean;
  /** Its job has ended, and what is left of it is waited for: the end of the shell says nothing about it any more. */
  isEnding: boolean;
  hasEnded: boolean;
  isRetired: boolean;
}

type Captures = Readonly<Record<OutputStream, Capture>>;

const LOOK_MS = 10;
const CLOSE_MS = 2000;
/** Pipes that background processes of ended jobs hold; beyond that the oldest is closed. */
const MOST_HELD = 128;

/** Throws the system's error. */
export function createJobShells(options: JobShellsOptions): JobShells {
  const { pipes, guard, groups, runTag, root, env, prelude, openReader, hasSlotVariables = true } = options;
  const bySlot = new Map<number, Shell>();
  const byId = new Map<number, Shell>();
  const held = new Set<Capture>();
  const program = shellFor(env);
  let lastId = 0;
  let isPaused = false;
  let isClosed = false;
  let closed = (): void => undefined;
  const status = openStatusPipe(pipes.takeNamed(), (id, code) => {
    const shell = byId.get(id);
    if (shell === undefined) return;
    if (shell.job !== undefined) jobEnded(shell, exitOfStatus(code));
  });

  const open = (slot: number, job: JobEvents): Shell => {
    const id = (lastId += 1);
    const runId = `${runTag}pool.${String(slot)}:${String(id)}:`;
    const control = openControl(pipes.takeNamed());
    const shells: { own?: Shell } = {};
    const captureOf = (stream: OutputStream): Capture | null =>
      openReader && openCapture(pipes.takeNamed(), openReader, (n) => shells.own?.job?.data(stream, n));
    const opened: Capture[] = [];
    try {
      const stdout = captureOf('stdout');
      if (stdout !== null) opened.push(stdout);
      const stderr = captureOf('stderr');
      if (stderr !== null) opened.push(stderr);
      // What it complains of begins with its name, or with the path of its script if it had one.
      const child = spawn(program.file, [...program.flags, '-s'], {
        argv0: 'sh',
        cwd: root,
        env: { ...env, PROCSUP_RUN_ID: runId },
        stdio: [control.forShell, openReader === null ? 'inherit' : 'ignore', 'ignore', status.write, 2],
        detached: true,
      });
      control.handedOver();
      const captures = stdout && stderr && { stdout, stderr };
      const shell: Shell = {
        id,
        slot,
        runId,
        child,
        control,
        captures,
        job,
        isStopped: false,
        isEnding: false,
        hasEnded: false,
        isRetired: false,
      };
      shells.own = shell;
      watch(shell);
      return shell;
    } catch (error) {
      control.close();
      for (const capture of opened) capture.close();
      throw error;
    }
  };

  const watch = (shell: Shell): void => {
    const { id, slot, child, control } = shell;
    byId.set(id, shell);
    bySlot.set(slot, shell);
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      retire(shell);
      byId.delete(id);
      const job = shell.job;
      shell.job = undefined;
      job?.refused(refusalOf(error, { root, env }));
    });
    if (child.pid === undefined) return;
    guard.add(child.pid);
    child.on('exit', (code, signal) => {
      // It may have told the status just before.
      status.readNow();
      if (child.pid !== undefined) guard.remove(child.pid);
      byId.delete(id);
      shell.hasEnded = true;
      if (shell.job !== undefined) jobEnded(shell, diedWithJob(exitOf(code, signal)));
      retire(shell);
      if (byId.size === 0) closed();
    });
    const variables = hasSlotVariables ? parallelVariables(slot, process.pid) : '';
    control.write(shellScript(`${prelude}${TAG_LIMITS.prelude(shell.runId)}`) + variables);
  };

  const jobEnded = (shell: Shell, exit: Exit): void => {
    const { job, captures, child } = shell;
    if (job === undefined || shell.isEnding) return;
    shell.isEnding = true;
    // Both, or what is in the second one would be lost.
    const ends = captures === null ? [] : [captures.stdout.drain(), captures.stderr.drain()];
    // Whoever hears of the end may start the next job on this slot at once.
    if (shell.isStopped || shell.hasEnded || ends.includes('held')) retire(shell);
    const tell = (): void => {
      if (shell.job !== job) return;
      shell.job = undefined;
      shell.isEnding = false;
      job.ended(exit);
    };
    if (!shell.isStopped || child.pid === undefined) return tell();
    const group = { pid: child.pid, runId: shell.runId };
    const look = (): void => {
      if (shell.job === job && groups.presenceOf(group).is !== 'gone') setTimeout(look, LOOK_MS);
      else tell();
    };
    look();
  };

  const retire = (shell: Shell): void => {
    if (shell.isRetired) return;
    shell.isRetired = true;
    if (bySlot.get(shell.slot) === shell) bySlot.delete(shell.slot);
    shell.control.close();
    for (const capture of shell.captures ? Object.values(shell.captures) : []) {
      held.add(capture);
      capture.retire(() => held.delete(capture));
    }
    for (const oldest of held) {
      if (held.size <= MOST_HELD) break;
      oldest.close();
    }
  };

  const captures = (): readonly Capture[] =>
    [...bySlot.values()].flatMap((shell) => (shell.captures ? Object.values(shell.captures) : []));

  return {
    start(slot, { seq, command }, job) {
      try {
        for (;;) {
          const shell = bySlot.get(slot) ?? open(slot, job);
          if (isPaused) for (const capture of Object.values(shell.captures ?? {})) capture.pause();
          shell.job = job;
          const paths = shell.captures && {
            out: shell.captures.stdout.path,
            err: shell.captures.stderr.path,
          };
          if (shell.child.pid === undefined || shell.control.write(jobScript(shell.id, seq, command, paths)))
            return;
          // It has died, and its exit was not told yet.
          shell.job = undefined;
          retire(shell);
        }
      } catch (error) {
        setImmediate(() => job.refused(refusalOf(error, { root, env })));
      }
    },
    expectStop(slot) {
      const shell = bySlot.get(slot);
      const stopped = shell ?? [...byId.values()].find((one) => one.slot === slot && one.job !== undefined);
      if (stopped?.job === undefined || stopped.child.pid === undefined) return null;
      stopped.isStopped = true;
      return { pid: stopped.child.pid, runId: stopped.runId };
    },
    abandon(slot) {
      for (const shell of byId.values()) {
        if (shell.slot !== slot || shell.job === undefined) continue;
        shell.job = undefined;
        retire(shell);
      }
    },
    pause() {
      isPaused = true;
      for (const capture of captures()) capture.pause();
    },
    resume() {
      isPaused = false;
      for (const capture of captures()) capture.resume();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const shell of [...byId.values()]) retire(shell);
      await new Promise<void>((resolve) => {
        // One that hangs in the kernel is not waited for.
        const timer = setTimeout(resolve, CLOSE_MS);
        closed = () => {
          clearTimeout(timer);
          resolve();
        };
        if (byId.size === 0) closed();
      });
      status.close();
    },
    release() {
      for (const capture of [...held]) capture.close();
    },
  };
}

/** A shell that ends by itself has not told how its job did. */
function diedWithJob(exit: Exit): Exit {
  return exit.by === 'code' && exit.code === 0 ? { by: 'code', code: 255 } : exit;
}

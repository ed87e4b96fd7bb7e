/**
 * Runs the jobs of a pool until it is over: whatever happens becomes an event of the machine (`core/pool/step.ts`), whose
 * effects are performed here, one event after the other. In the end nothing of the jobs is left.
 */
import type { Job, JobExit, PoolRequest } from '../core/pool/job.ts';
import { poolStatus } from '../core/pool/halt.ts';
import { newPool } from '../core/pool/state.ts';
import { stepPool, JOB_GRACE_MS, type PoolEffect, type PoolEvent } from '../core/pool/step.ts';
import { STATUS, statusOf, type Exit } from '../core/process/exit.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { Prefixer } from '../output/prefixer.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sink } from '../ports/output.ts';
import type { JobShells, OutputStream, Spill } from '../ports/pool.ts';
import type { ProcessGroups } from '../ports/processes.ts';
import { createPoolOutputs, type JobSink } from './pool-output.ts';
import { createStopSignals } from './stop-signals.ts';
import { sweep } from './sweep.ts';

export interface PoolPorts {
  readonly clock: Clock;
  readonly shells: JobShells;
  readonly groups: ProcessGroups;
  readonly runTag: string;
  readonly sinks: Readonly<Record<OutputStream, Sink>>;
  /** The shells' output is read into its workspace. */
  readonly prefixer: Prefixer;
  readonly spill: Spill;
  /** Calls `listener` for each signal that we get, until the returned function is called. */
  readonly hear: (listener: (signal: SignalName) => void) => () => void;
  /** Tells the user something, in one line. */
  readonly warn: (text: string) => void;
}

export interface PoolOutcome {
  /** The exit status of GNU parallel; 130 after Ctrl-C, 128 + n after another signal that stops the pool. */
  readonly status: number;
  readonly done: number;
  readonly failed: number;
  /** Jobs that were taken from the input and have no result. What was not taken from it is not counted. */
  readonly notDone: number;
  /** The first signal that ended it early, SIGPIPE when nobody reads our output; else null. */
  readonly signal: SignalName | null;
  /** Background processes of jobs that were stopped at the end. */
  readonly strays: readonly number[];
  /** Why not all could be done, apart from failed jobs and signals. */
  readonly problem: string | null;
}

/** A job from when it is taken from the input until its output is on its way. */
interface Entry {
  readonly job: Job;
  sink: JobSink | undefined;
  command: string;
  startedAtMs: number;
  started: number;
  runtimeMs: number;
  exit: Exit;
}

const PROBLEM_STATUS = 255;
const READER_GONE_STATUS = 141;
const NOT_RUN: Exit = { by: 'code', code: 0 };

export async function runPool(request: PoolRequest, ports: PoolPorts): Promise<PoolOutcome> {
  const { spec, jobs, output } = request;
  const { clock, shells, groups, runTag, sinks, prefixer, spill, warn } = ports;
  const stopSignals = createStopSignals(groups);
  const state = newPool(spec, { gated: request.gate !== undefined });
  const entries = new Map<number, Entry>();
  const timers = new Map<number, () => void>();
  const iterator = jobs[Symbol.asyncIterator]();
  const aborter = new AbortController();
  let cancelDelay = (): void => undefined;
  let signal: SignalName | null = null;
  let problem: string | null = null;
  let wanted = 0;
  let isPulling = false;
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));

  const mailbox: PoolEvent[] = [];
  let isStepping = false;
  const take = (event: PoolEvent): void => {
    mailbox.push(event);
    if (isStepping) return;
    isStepping = true;
    for (let next = mailbox.shift(); next !== undefined; next = mailbox.shift()) {
      for (const effect of stepPool(spec, state, next)) perform(effect);
    }
    isStepping = false;
  };

  const give = (reason: string): void => {
    problem ??= reason;
    take({ type: 'stop', how: 'now' });
  };

  const outputs = createPoolOutputs({
    ...{ mode: modeOf(request), slots: spec.slots, sinks, prefixer, clock, spill },
    events: {
      full(isFull) {
        if (output.mode === 'line-buffered') {
          if (isFull) shells.pause();
          else shells.resume();
        }
        take({ type: 'output', isFull });
      },
      gone() {
        signal ??= 'SIGPIPE';
        take({ type: 'stop', how: 'now' });
      },
      stuck: (reason) => warn(`cannot write the output: ${reason}; trying again`),
      lost: (error) => give(`output is incomplete: cannot use a temporary file: ${messageOf(error)}`),
    },
  });

  const pull = async (): Promise<void> => {
    if (isPulling) return;
    isPulling = true;
    try {
      while (wanted > 0 && state.phase === 'open') {
        const next = await iterator.next();
        if (next.done === true) {
          take({ type: 'source-ended' });
          return;
        }
        wanted -= 1;
        const job = next.value;
        entries.set(job.seq, newEntry(job));
        take({ type: 'job', seq: job.seq });
      }
      isPulling = false;
    } catch (error) {
      problem ??= `cannot read the values: ${messageOf(error)}`;
      take({ type: 'source-ended' });
    }
  };

  const start = ({ slot, run, seq }: Extract<PoolEffect, { type: 'start' }>): void => {
    const entry = entries.get(seq);
    if (entry === undefined) return;
    entry.command = entry.job.commandFor(String(slot));
    const sink = outputs.open(output.label(entry.job, slot));
    entry.sink = sink;
    entry.startedAtMs = clock.wallNow();
    entry.started = clock.now();
    shells.start(
      slot,
      { seq, command: entry.command },
      {
        data: (stream, byteCount) => sink.data(stream, byteCount),
        ended(exit) {
          entry.exit = exit;
          entry.runtimeMs = clock.now() - entry.started;
          sink.ended();
          take({ type: 'ended', slot, run, status: statusOf(exit), runtimeMs: entry.runtimeMs });
        },
        refused({ message }) {
          if (state.open <= 1) problem ??= `cannot start a shell: ${message}`;
          else if (state.open === spec.slots)
            warn(`cannot start a shell: ${message}; running fewer jobs at once`);
          take({ type: 'slot-lost', slot, run });
        },
      },
    );
  };

  const finish = ({ seq, slot, attempts, timedOut }: Extract<PoolEffect, { type: 'finish' }>): void => {
    const entry = entries.get(seq);
    if (entry === undefined) return;
    const { startedAtMs, runtimeMs, command, exit } = entry;
    request.onResult({
      ...{ seq, slot, startedAtMs, runtimeMs, sentBytes: 0, receivedBytes: entry.sink?.receivedBytes ?? 0 },
      ...{ exit: jobExit(exit), attempts, timedOut, command },
    });
  };

  const perform = (effect: PoolEffect): void => {
    switch (effect.type) {
      case 'pull':
        wanted += effect.count;
        void pull();
        break;
      case 'start':
        start(effect);
        break;
      case 'signal':
        tellGroup(effect.slot, effect.signal);
        break;
      case 'abandon':
        warn(`a job is still alive after SIGKILL; giving up on it`);
        shells.abandon(effect.slot);
        break;
      case 'set-timer': {
        const { slot, run, ms } = effect;
        timers.get(slot)?.();
        timers.set(
          slot,
          clock.after(ms, () => take({ type: 'slot-timer', slot, run })),
        );
        break;
      }
      case 'clear-timer':
        timers.get(effect.slot)?.();
        timers.delete(effect.slot);
        break;
      case 'set-delay':
        cancelDelay = clock.after(effect.ms, () => take({ type: 'delay-over' }));
        break;
      case 'ask-gate':
        void askGate();
        break;
      case 'retry':
        entries.get(effect.seq)?.sink?.discard();
        break;
      case 'finish':
        finish(effect);
        break;
      case 'drop':
        entries.get(effect.seq)?.sink?.discard();
        entries.delete(effect.seq);
        break;
      case 'deliver':
        entries.get(effect.seq)?.sink?.deliver();
        entries.delete(effect.seq);
        break;
      case 'end':
        end();
        break;
    }
  };

  const tellGroup = (slot: number, name: 'SIGTERM' | 'SIGKILL'): void => {
    const group = shells.expectStop(slot);
    if (group === null) return;
    if (name === 'SIGKILL') return groups.signal(group, name, 'all');
    stopSignals.toGroup(group, name);
    groups.signal(group, 'SIGCONT', 'group');
  };

  const askGate = async (): Promise<void> => {
    try {
      await request.gate?.(aborter.signal);
      take({ type: 'gate-passed' });
    } catch (error) {
      if (!aborter.signal.aborted) give(messageOf(error));
    }
  };

  const stopHearing = ports.hear((name) => {
    const how = howToStop(name, signal !== null);
    if (how === undefined) return;
    const running = state.open - state.idle.length;
    if (how === 'soon' && state.phase === 'open') {
      const again = name === 'SIGINT' ? 'press Ctrl-C again to stop them' : 'send SIGTERM to stop them';
      warn(`starting no more jobs; waiting for ${String(running)} (${again})`);
    }
    if (name !== 'SIGHUP') signal ??= name;
    take({ type: 'stop', how: state.phase === 'stopping' && how === 'now' ? 'kill' : how });
    if (how === 'now' && state.phase === 'over') outputs.abandon();
  });

  take({ type: 'output', isFull: false });
  await over;
  aborter.abort();
  cancelDelay();
  for (const cancel of timers.values()) cancel();
  // It may wait for a value that never comes.
  if (!state.sourceEnded) void iterator.return?.().catch(() => undefined);
  const printed = outputs.idle();
  await shells.close();
  const { found, left } = await sweep(stopSignals, runTag, JOB_GRACE_MS, clock);
  if (found.length > 0) warn(`stopped stray processes: pid ${found.join(', ')}`);
  if (left.length > 0) warn(`still alive after SIGKILL; giving up on it: pid ${left.join(', ')}`);
  await printed;
  stopHearing();
  outputs.close();
  const { done, failed, notDone } = state.counts;
  return { status: status(), done, failed, notDone, signal, strays: found, problem };

  function status(): number {
    if (problem !== null) return PROBLEM_STATUS;
    if (signal === 'SIGPIPE') return READER_GONE_STATUS;
    if (signal === 'SIGINT') return STATUS.interrupted;
    if (signal !== null) return statusOf({ by: 'signal', signal });
    return poolStatus(spec.halt, state.halted, state.counts);
  }
}

/** Lines of several jobs in the order of the jobs are those of one after the other. */
function modeOf({ output, spec }: PoolRequest): PoolRequest['output']['mode'] {
  return output.mode === 'line-buffered' && spec.keepOrder ? 'grouped' : output.mode;
}

const STOPPING: readonly SignalName[] = ['SIGTERM', 'SIGQUIT', 'SIGALRM', 'SIGXCPU', 'SIGABRT'];

/** Ctrl-C once and SIGHUP: what runs may end. As in GNU parallel, SIGTERM stops everything. */
function howToStop(name: SignalName, isAgain: boolean): 'soon' | 'now' | undefined {
  if (name === 'SIGHUP') return 'soon';
  if (name === 'SIGINT') return isAgain ? 'now' : 'soon';
  return STOPPING.includes(name) ? 'now' : undefined;
}

function newEntry(job: Job): Entry {
  return {
    ...{ job, sink: undefined, command: '', startedAtMs: 0, started: 0, runtimeMs: 0 },
    exit: NOT_RUN,
  };
}

const jobExit = (exit: Exit): JobExit =>
  exit.by === 'signal' ? { signal: exit.signal } : { code: statusOf(exit) };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

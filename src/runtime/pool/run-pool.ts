/**
 * Runs the jobs of a pool until it is over: whatever happens becomes an event of the machine (`core/pool/step.ts`), whose
 * effects are performed here, one event after the other. In the end nothing of the jobs is left.
 */
import type { Job } from '../../core/pool/job.ts';
import type { PoolEffect, PoolEvent } from '../../core/pool/events.ts';
import { endingSignal, howToStop, poolOutcome, type PoolOutcome } from '../../core/pool/outcome.ts';
import { newPool } from '../../core/pool/state.ts';
import { stepPool, JOB_GRACE_MS } from '../../core/pool/step.ts';
import { statusOf, type Exit } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import type { Prefixer } from '../../output/prefixer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import type { JobShells, OutputStream, PoolRequest, Spill } from '../../ports/pool.ts';
import type { ProcessGroups } from '../../ports/processes.ts';
import { createPoolSource } from './source.ts';
import { createJobResults, type Attempt } from './job-results.ts';
import { createPoolOutputs } from './output.ts';
import { messageOf } from '../../text/error-message.ts';
import { signalJob, stopStrays } from '../shell-jobs.ts';
import { createStopSignals } from '../stop-signals.ts';

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

interface Entry extends Attempt {
  started: number;
  /** Gives back what its attempt has taken at the gate. */
  leave: () => void;
}

const nothing = (): void => undefined;
const NOT_RUN: Exit = { by: 'code', code: 0 };
const KILLED: Exit = { by: 'signal', signal: 'SIGKILL' };

export async function runPool(request: PoolRequest, ports: PoolPorts): Promise<PoolOutcome> {
  const { spec, jobs, output } = request;
  const { clock, shells, groups, runTag, sinks, prefixer, spill, warn } = ports;
  const stopSignals = createStopSignals(groups);
  const state = newPool(spec, { gated: request.gate !== undefined });
  const entries = new Map<number, Entry>();
  const timers = new Map<number, () => void>();
  const aborter = new AbortController();
  let cancelDelay = nothing;
  /** Of the job that is started next. */
  let leaveGate = nothing;
  let signal: SignalName | null = null;
  const heard = new Set<SignalName>();
  let problem: string | null = null;
  let end = nothing;
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

  shells.onFailed?.(give);

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

  const source = createPoolSource(jobs, {
    job(job) {
      entries.set(job.seq, newEntry(job));
      take({ type: 'job', seq: job.seq });
    },
    ended: () => take({ type: 'source-ended' }),
    failed(error) {
      problem ??= `cannot read the values: ${messageOf(error)}`;
      take({ type: 'source-ended' });
    },
  });

  const withEntry = (seq: number, deed: (entry: Entry) => void): void => {
    const entry = entries.get(seq);
    if (entry !== undefined) deed(entry);
  };

  const start = ({ slot, run, seq }: Extract<PoolEffect, { type: 'start' }>): void => {
    const entry = entries.get(seq);
    if (entry === undefined) return;
    entry.command = entry.job.commandFor(String(slot));
    const sink = outputs.open(output.label(entry.job, slot));
    entry.sink = sink;
    entry.leave = leaveGate;
    leaveGate = nothing;
    entry.startedAtMs = clock.wallNow();
    entry.started = clock.now();
    request.onStart?.(entry.command);
    shells.start(
      slot,
      { seq, command: entry.command },
      {
        data: (stream, byteCount) => sink.data(stream, byteCount),
        ended(exit) {
          entry.exit = exit;
          entry.runtimeMs = clock.now() - entry.started;
          sink.ended();
          entry.leave();
          take({ type: 'ended', slot, run, status: statusOf(exit), runtimeMs: entry.runtimeMs });
        },
        refused({ message }) {
          entry.leave();
          entry.sink = undefined;
          if (state.open <= 1) problem ??= `cannot start a shell: ${message}`;
          else if (state.open === spec.slots)
            warn(`cannot start a shell: ${message}; running fewer jobs at once`);
          take({ type: 'slot-lost', slot, run });
        },
      },
    );
  };

  const startNoMore = (reason: string): void => {
    problem ??= reason;
    take({ type: 'stop', how: 'soon' });
  };

  const results = createJobResults(request, outputs, startNoMore);

  const perform = (effect: PoolEffect): void => {
    switch (effect.type) {
      case 'pull':
        source.want(effect.count);
        break;
      case 'start':
        start(effect);
        break;
      case 'signal':
        signalJob({ shells, groups, stopSignals }, effect.slot, effect.signal);
        break;
      case 'abandon':
        abandon(effect);
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
        withEntry(effect.seq, (entry) => results.finish(entry, effect));
        break;
      case 'drop':
        withEntry(effect.seq, (entry) => results.drop(entry));
        entries.delete(effect.seq);
        break;
      case 'deliver':
        withEntry(effect.seq, (entry) => results.deliver(entry));
        entries.delete(effect.seq);
        break;
      case 'end':
        end();
        break;
    }
  };

  const abandon = ({ slot, seq }: Extract<PoolEffect, { type: 'abandon' }>): void => {
    warn(`job ${String(seq)} is still alive after SIGKILL; giving up on it`);
    shells.abandon(slot);
    const entry = entries.get(seq);
    if (entry === undefined) return;
    entry.leave();
    entry.exit = KILLED;
    entry.runtimeMs = clock.now() - entry.started;
  };

  const askGate = async (): Promise<void> => {
    try {
      leaveGate = (await request.gate?.(aborter.signal)) ?? nothing;
      if (state.phase === 'over') leaveGate();
      take({ type: 'gate-passed' });
    } catch (error) {
      // What runs has passed, and may end.
      if (!aborter.signal.aborted) startNoMore(messageOf(error));
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
    heard.add(name);
    if (name !== 'SIGHUP') signal ??= name;
    take({ type: 'stop', how: state.phase === 'stopping' && how === 'now' ? 'kill' : how });
    if (how === 'now' && state.phase === 'over') outputs.abandon();
  });

  take({ type: 'output', isFull: false });
  await over;
  aborter.abort();
  leaveGate();
  cancelDelay();
  for (const cancel of timers.values()) cancel();
  source.close();
  const printed = outputs.idle();
  await shells.close();
  const strays = await stopStrays('jobs', {
    ...{ shells, stopSignals, runTag, graceMs: JOB_GRACE_MS, clock, warn },
  });
  await printed;
  stopHearing();
  outputs.close();
  const early = { signal: endingSignal(signal, heard, state), strays, problem };
  const outcome = poolOutcome(spec, state, early);
  const { unsaved } = results;
  return { ...outcome, done: outcome.done - unsaved, notDone: outcome.notDone + unsaved };
}

/** Lines of several jobs in the order of the jobs are those of one after the other. */
function modeOf({ output, spec }: PoolRequest): PoolRequest['output']['mode'] {
  return output.mode === 'line-buffered' && spec.keepOrder ? 'grouped' : output.mode;
}

function newEntry(job: Job): Entry {
  return {
    ...{ job, sink: undefined, command: '', startedAtMs: 0, started: 0, runtimeMs: 0 },
    ...{ exit: NOT_RUN, result: undefined, leave: nothing },
  };
}

/** From the end of the last process to our own: nothing is left behind, and nothing that was said is lost. */
import { STATUS } from '../core/process/exit.ts';
import { systemClock } from '../os/clock.ts';
import { openSink } from '../os/terminal/stdout.ts';
import { sweep } from '../runtime/sweep.ts';
import type { HostOptions } from './options.ts';
import { recordEvent } from './records/record-event.ts';
import type { Running } from './wire.ts';

/**
 * Resolves with our exit status when the run has ended and everything was cleared away. `remarked`: what there is to be said
 * about it has been said.
 */
export async function windDown(
  running: Running,
  settings: HostOptions,
  remarked: Promise<void>,
): Promise<number> {
  const { status, isNobodyLeft } = await running.ended;
  await remarked;
  // The request that has ended the run may have set another time.
  const timeoutMs = running.supervisor.state.closing?.graceMs ?? settings.timeoutMs;
  if (!isNobodyLeft) await endStrays(running, timeoutMs);
  const patience = await lastOutputTaken(running, timeoutMs);
  const lostBytes = await release(running);
  if (patience === 'interrupted') return STATUS.interrupted;
  if (lostBytes === 0 || isReaderGone(running)) return status;
  reportLoss(lostBytes);
  return status === STATUS.success && running.announcer.wasStuck ? STATUS.internal : status;
}

/** Lets go of everything; nothing runs any more, or ever did. Returns the number of bytes that were never taken. */
async function release({
  announcer,
  inputs,
  checks,
  sharedMemory,
  sockets,
  enforcement,
  groundwork,
}: Running): Promise<number> {
  const lostBytes = announcer.close();
  inputs.closeAll();
  checks.close();
  sockets.close();
  await sharedMemory.close();
  await enforcement.close();
  await groundwork.close();
  return lostBytes;
}

/** Without waiting: stderr may be the terminal that did not take the output. */
function reportLoss(bytes: number): void {
  openSink(2).write(Buffer.from(`procsup: lost ${String(bytes)} bytes of output that were not read\n`));
}

async function endStrays(running: Running, timeoutMs: number): Promise<void> {
  const { stopSignals, runTag } = running;
  const { found, left, missed } = await sweep(stopSignals, runTag, timeoutMs, systemClock);
  const stopped = found.filter((pid) => !left.includes(pid));
  if (stopped.length > 0) recordEvent(running, { type: 'strays-stopped', pids: stopped });
  if (left.length > 0) recordEvent(running, { type: 'strays-left', pids: left });
  if (missed !== null) recordEvent(running, { type: 'strays-unknown', reason: missed });
}

type Patience = 'taken' | 'given up' | 'interrupted';

/**
 * A slow reader gets all the time it needs to take the last of the output, unless the user has asked for the end: then
 * it gets as long as a process has to stop, and with a further Ctrl-C none at all. A full disk is tried once
 * more.
 */
async function lastOutputTaken(
  { announcer, supervisor, onSignal }: Running,
  timeoutMs: number,
): Promise<Patience> {
  const ends: (() => void)[] = [];
  const patience = await new Promise<Patience>((resolve) => {
    const hurry = (ms = timeoutMs) => void ends.push(systemClock.after(ms, () => resolve('given up')));
    announcer.flush(() => resolve('taken'));
    const by = supervisor.state.closing?.cause.by;
    if (by === 'signal' || by === 'request') hurry();
    else if (announcer.wasStuck) hurry(Math.min(timeoutMs, FULL_DISK_MS));
    const stopListening = onSignal((signal) => {
      if (signal === 'SIGINT') resolve('interrupted');
      else if (signal !== 'SIGUSR1' && signal !== 'SIGUSR2') hurry();
    });
    ends.push(stopListening);
  });
  for (const end of ends) end();
  return patience;
}

/** It is tried each second. */
const FULL_DISK_MS = 1_500;

function isReaderGone({ supervisor }: Running): boolean {
  return supervisor.state.closing?.cause.by === 'reader-gone';
}

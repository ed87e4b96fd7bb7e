/** From the end of the last process to our own: nothing is left behind, and nothing that was said is lost. */
import { STATUS } from '../core/process/exit.ts';
import { systemClock } from '../os/clock.ts';
import { onSignals } from '../os/process/received-signals.ts';
import { openSink } from '../os/terminal/stdout.ts';
import { sweep } from '../runtime/sweep.ts';
import type { HostOptions } from './options.ts';
import type { Running } from './wire.ts';

/** Resolves with our exit status when the run has ended and everything was cleared away. */
export async function windDown(running: Running, settings: HostOptions): Promise<number> {
  const status = await running.ended;
  await endStrays(running, settings);
  const patience = await lastOutputTaken(running, settings);
  const lostBytes = await release(running);
  if (patience === 'interrupted') return STATUS.interrupted;
  if (lostBytes === 0 || isReaderGone(running)) return status;
  reportLoss(lostBytes);
  return status === STATUS.success && running.announcer.wasStuck ? STATUS.internal : status;
}

/** Lets go of everything; nothing runs any more, or ever did. Returns the number of bytes that were never taken. */
export async function release({
  announcer,
  book,
  inputs,
  pipes,
  reserve,
  guardian,
}: Running): Promise<number> {
  const lostBytes = announcer.close();
  book.close();
  inputs.closeAll();
  pipes?.close();
  reserve.close();
  await guardian.dismiss();
  return lostBytes;
}

/** Without waiting: stderr may be the terminal that did not take the output. */
function reportLoss(bytes: number): void {
  openSink(2).write(Buffer.from(`procsup: ${String(bytes)} bytes of output were not taken and are lost\n`));
}

async function endStrays(
  { processGroups, mark, announcer }: Running,
  { timeoutMs }: HostOptions,
): Promise<void> {
  const { found, left, missed } = await sweep(processGroups, mark, timeoutMs, systemClock);
  if (found.length > 0) announcer.say(`ended what had left its session: ${pids(found)}`);
  if (left.length > 0) announcer.say(`could not end ${pids(left)}`);
  if (missed !== null) {
    announcer.say(`could not look for stray processes (${missed}); some may still be running`);
  }
}

const pids = (found: readonly number[]): string => `pid ${found.join(', ')}`;

/**
 * A slow reader gets all the time it needs to take the last of the output, unless the user has asked for the end: then
 * it gets as long as a process has to stop, and with a further Ctrl-C none at all. A full disk gets no more than that.
 */
function lastOutputTaken(
  { announcer, supervisor }: Running,
  { timeoutMs }: HostOptions,
): Promise<'taken' | 'given up' | 'interrupted'> {
  return new Promise((resolve) => {
    announcer.flush(() => resolve('taken'));
    const hurry = () => systemClock.after(timeoutMs, () => resolve('given up'));
    const by = supervisor.state.closing?.cause.by;
    if (by === 'signal' || by === 'request' || announcer.wasStuck) hurry();
    onSignals((signal) => {
      if (signal === 'SIGINT') resolve('interrupted');
      else if (signal !== 'SIGUSR1' && signal !== 'SIGUSR2') hurry();
    });
  });
}

function isReaderGone({ supervisor }: Running): boolean {
  return supervisor.state.closing?.cause.by === 'reader-gone';
}

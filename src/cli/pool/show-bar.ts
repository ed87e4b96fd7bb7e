/** The bar of `procsup pool`: a live line on stderr if it is a terminal, once the pool has lasted a second. */
import { isatty } from 'node:tty';
import type { JobResult } from '../../core/pool/job.ts';
import { countJobs } from '../../core/pool/operands.ts';
import { openLiveLine } from '../../os/terminal/live-line.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Sink } from '../../ports/output.ts';
import type { OutputStream } from '../../ports/pool.ts';
import { poolBar } from '../../ui/pool-bar.ts';
import type { PoolSettings } from './settings.ts';

export interface Bar {
  add(result: JobResult): void;
  /** Clears the line before something else is printed. */
  clear(): void;
  /** Removes the line for good. */
  close(): void;
}

const FIRST_MS = 1000;
const BETWEEN_MS = 250;

/** undefined if none is wanted: without a terminal on stderr, with CI set, or with TERM=dumb. */
export function showBar(
  settings: PoolSettings,
  clock: Clock,
  env: Readonly<Record<string, string | undefined>>,
): Bar | undefined {
  if (!settings.bar || !isatty(2) || (env['CI'] ?? '') !== '' || env['TERM'] === 'dumb') return undefined;
  const line = openLiveLine({ output: process.stderr });
  const total = totalOf(settings);
  const startedAtMs = clock.now();
  let [done, failed] = [0, 0];

  const draw = (): void => {
    const progress = { done, failed, total, elapsedMs: clock.now() - startedAtMs };
    line.draw(poolBar(progress, line.columns - 1));
    cancel = clock.after(BETWEEN_MS, draw);
  };
  let cancel = clock.after(FIRST_MS, draw);

  return {
    add({ exit }) {
      done += 1;
      if (!('code' in exit) || exit.code !== 0) failed += 1;
    },
    clear: () => line.clear(),
    close() {
      cancel();
      line.close();
    },
  };
}

type Sinks = Readonly<Record<OutputStream, Sink>>;

/** On the terminal that shows the bar, several lines of output would be written over it. */
export function besideBar({ stdout, stderr }: Sinks, bar: Pick<Bar, 'clear'>): Sinks {
  const cleared = (sink: Sink): Sink => {
    if (!sink.isTerminal) return sink;
    const write = (bytes: Uint8Array): boolean => {
      bar.clear();
      return sink.write(bytes);
    };
    return { isTerminal: true, write, listen: (events) => sink.listen(events), close: () => sink.close() };
  };
  return { stdout: cleared(stdout), stderr: cleared(stderr) };
}

/** Of a resumed pool nobody knows before the end. */
function totalOf({ sources, combining, batches, resume }: PoolSettings): number | null {
  return resume === 'no' ? countJobs(sources, { ...combining, ...batches }) : null;
}

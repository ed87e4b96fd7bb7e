/** Draws jobs as they are wanted, one after the other: a source may be slow, endless, or fail. */
import type { Job } from '../../core/pool/job.ts';

export interface PoolSource {
  /** So many more. */
  want(count: number): void;
  /** Nothing more is told. It may wait for a value that never comes. */
  close(): void;
}

export interface PoolSourceEvents {
  readonly job: (job: Job) => void;
  readonly ended: () => void;
  readonly failed: (error: unknown) => void;
}

export function createPoolSource(jobs: AsyncIterable<Job>, events: PoolSourceEvents): PoolSource {
  const iterator = jobs[Symbol.asyncIterator]();
  let wanted = 0;
  let isDrawing = false;
  let isOver = false;

  /** Undefined: there are no more. */
  const next = async (): Promise<Job | undefined> => {
    try {
      const drawn = await iterator.next();
      if (isOver) return undefined;
      if (drawn.done !== true) return drawn.value;
      isOver = true;
      events.ended();
    } catch (error) {
      if (isOver) return undefined;
      isOver = true;
      events.failed(error);
    }
    return undefined;
  };

  const draw = async (): Promise<void> => {
    if (isDrawing) return;
    isDrawing = true;
    while (wanted > 0 && !isOver) {
      const job = await next();
      if (job === undefined) break;
      wanted -= 1;
      events.job(job);
    }
    isDrawing = false;
  };

  return {
    want(count) {
      wanted += count;
      void draw();
    },
    close() {
      if (isOver) return;
      isOver = true;
      void iterator.return?.().catch(() => undefined);
    },
  };
}

/** Tasks that use caps: each waits for room before it goes to the workers. No more ask for it than there are workers. */
import type { CapUse } from '../../core/plan/process-plan.ts';
import type { Supervisor } from '../../runtime/supervisor.ts';

export type Claims = Supervisor['claim'];

export interface CapGateOptions<T> {
  readonly claims: Claims;
  /** As it is shown to others that wait. */
  readonly name: string;
  readonly most: () => number;
  /** What each of them uses. */
  readonly uses: () => readonly CapUse[];
  /** It has room, until it calls `release`. */
  readonly enter: (task: T, release: () => void) => void;
  readonly refused: (task: T, message: string) => void;
}

export interface CapGate<T> {
  readonly waiting: number;
  add(task: T): void;
  /** False: it is not here. */
  remove(task: T): boolean;
  /** Some may have left. */
  next(): void;
  /** Takes out all that wait. */
  clear(): readonly T[];
}

export function createCapGate<T>(options: CapGateOptions<T>): CapGate<T> {
  const { claims, name, most, uses, enter, refused } = options;
  /** In their order. */
  const waiting = new Set<T>();
  /** Those that have room, or ask for it. */
  let [inside, asking] = [0, 0];
  let leaving = new AbortController();

  const next = (): void => {
    while (asking < waiting.size && inside + asking < most()) void ask(leaving.signal);
  };

  const ask = async (gone: AbortSignal): Promise<void> => {
    asking += 1;
    const held = await claims(name, uses(), gone);
    asking -= 1;
    const [task] = waiting;
    if (held === null || task === undefined) {
      if (held !== null && typeof held !== 'string') held.release();
      next();
      return;
    }
    waiting.delete(task);
    if (typeof held === 'string') {
      refused(task, held);
      next();
      return;
    }
    inside += 1;
    let isInside = true;
    enter(task, () => {
      if (!isInside) return;
      isInside = false;
      inside -= 1;
      held.release();
    });
  };

  return {
    get waiting() {
      return waiting.size;
    },
    add(task) {
      waiting.add(task);
      next();
    },
    remove: (task) => waiting.delete(task),
    next,
    clear() {
      const tasks = [...waiting];
      waiting.clear();
      leaving.abort();
      leaving = new AbortController();
      return tasks;
    },
  };
}

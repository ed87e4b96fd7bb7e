/** The shared memory of a supervisor: what there is of it. What makes it is loaded with the first. */
import { unlinkSync } from 'node:fs';
import type { Asker } from '../../core/events.ts';
import {
  sharedMemoryVariable,
  unknownSharedMemory,
  whyNotNew,
  type SharedMemoryProblem,
  type SharedMemoryRecord,
} from '../../core/shared-memory.ts';
import { systemClock } from '../../os/clock.ts';
import type { SharedMemoryOrder } from '../../os/files/shared-memory.ts';
import { recordEvent, type Recorder } from '../records/record-event.ts';

export interface LazySharedMemory {
  /** For the processes that are started next. */
  variables(): Readonly<Record<string, string>>;
  list(): readonly SharedMemoryRecord[];
  create(
    name: string,
    order: SharedMemoryOrder,
    cause: Asker,
  ): Promise<SharedMemoryRecord | SharedMemoryProblem>;
  /** Those that have it open keep it. */
  remove(name: string, cause: Asker): SharedMemoryRecord | SharedMemoryProblem;
  /** Nothing is being made when it resolves. What was made is removed with its directory. */
  close(): Promise<void>;
}

/** `directory`: private, not made yet. */
export function keepSharedMemory(directory: string, recorder: Recorder): LazySharedMemory {
  const all = new Map<string, SharedMemoryRecord>();
  const making = new Map<string, Promise<unknown>>();
  const closing = new AbortController();
  let variables: Readonly<Record<string, string>> = {};

  const changed = (): void => {
    variables = Object.fromEntries([...all.values()].map(({ variable, path }) => [variable, path]));
  };
  const make = async (name: string, order: SharedMemoryOrder) => {
    const { makeSharedMemory } = await import('../../os/files/shared-memory.ts');
    return makeSharedMemory(directory, name, order, closing.signal);
  };

  return {
    variables: () => variables,
    list: () => [...all.values()],

    async create(name, order, cause) {
      const problem = whyNotNew(name, [...all.keys(), ...making.keys()]);
      if (problem !== undefined) return problem;
      const attempt = make(name, order);
      making.set(name, attempt);
      const made = await attempt.finally(() => making.delete(name));
      if ('code' in made) return made;
      const since = new Date(systemClock.wallNow()).toISOString();
      const record = { name, ...made, variable: sharedMemoryVariable(name), since };
      all.set(name, record);
      changed();
      recordEvent(recorder, { type: 'memory-created', memory: name, bytes: made.bytes, cause });
      return record;
    },

    remove(name, cause) {
      const record = all.get(name);
      if (record === undefined) return unknownSharedMemory(name);
      unlinkIfThere(record.path);
      all.delete(name);
      changed();
      recordEvent(recorder, { type: 'memory-removed', memory: name, cause });
      return record;
    },

    async close() {
      closing.abort();
      await Promise.allSettled(making.values());
    },
  };
}

/** The user may have removed it. */
function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The cache of tasks: what its parts decide and do, put together. */
import { join } from 'node:path';
import { differenceOf, type MissReason } from '../../core/task/key.ts';
import { whyNotCacheable, type Task } from '../../core/task/task.ts';
import type { Claim, Fingerprint, KeptResult, RecordedOutput, TaskCache } from '../../ports/task-cache.ts';
import { makePrivateDirectory } from '../files/private-directory.ts';
import { isOwn, tryClaim, type OwnClaim } from './claims.ts';
import { openDigests, type Digests } from './digests.ts';
import { fingerprintOf } from './fingerprint.ts';
import { EMPTY, sha256 } from './hash.ts';
import { joined, waitFor } from './joining.ts';
import { createRecording, unrecorded } from './keep.ts';
import { pruneAfter, useCache, USUAL_BOUNDS, type CacheBounds } from './prune.ts';
import { reasonOf } from './reason.ts';
import { readRecord, recordsOf } from './record.ts';
import { restoreFiles } from './restore.ts';
import { DamagedResult, openStore, type StoredResult } from './store.ts';
import { createTools } from './tools.ts';

export interface TaskCacheOptions {
  /** Private to the user. It is made when something is kept. */
  readonly directory: string;
  readonly bounds?: CacheBounds;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Beginning {
  /** Else anybody could have put something into it. */
  readonly isPrivate: boolean;
  /** Why nothing can be kept. What is there is found all the same. */
  readonly problem?: string;
}

export function openTaskCache({
  directory,
  bounds = USUAL_BOUNDS,
  now = Date.now,
}: TaskCacheOptions): TaskCache {
  const store = openStore(directory);
  const tools = createTools();
  const known = new Map<string, Digests>();
  let beginning: Promise<Beginning> | undefined;
  let use: OwnClaim | undefined;
  let grownBytes = 0;

  const digestsOf = ({ workingDir }: Task): Digests => {
    const digests = known.get(workingDir) ?? openDigests(join(directory, 'stats', sha256(workingDir)));
    known.set(workingDir, digests);
    return digests;
  };
  const begin = (): Promise<Beginning> => (beginning ??= beginOnce());
  const beginOnce = async (): Promise<Beginning> => {
    let isPrivate = false;
    try {
      makePrivateDirectory(directory);
      isPrivate = true;
      use = await useCache(directory);
      return { isPrivate };
    } catch (error) {
      return { isPrivate, problem: reasonOf(error) };
    }
  };

  /** What cannot be read is not there. */
  const found = (task: Task, { key, notKept }: Fingerprint): KeptResult | undefined => {
    if (notKept !== undefined || whyNotCacheable(task) !== undefined) return undefined;
    try {
      const result = store.find(key);
      return result === undefined || isExpired(task, result) ? undefined : keptResult(task, key, result);
    } catch {
      return undefined;
    }
  };
  const isExpired = ({ cache: { maxAgeMs } }: Task, { madeAtMs }: StoredResult): boolean =>
    maxAgeMs !== undefined && now() - madeAtMs > maxAgeMs;

  const keptResult = (task: Task, key: string, result: StoredResult): KeptResult => {
    const { madeAtMs, durationMs, files, output } = result;
    let recorded: Buffer | undefined;
    return {
      ...{ key, madeAtMs, durationMs },
      async restore() {
        try {
          recorded = checkedOutput(output);
          const restored = await restoreFiles(task, files, { store, digests: digestsOf(task) });
          store.setLast(taskIdOf(task), key);
          return restored;
        } catch (error) {
          if (error instanceof DamagedResult) store.removeResult(key);
          throw error;
        }
      },
      output() {
        const whole = recorded ?? readRecord(store.objectPath(output.digest));
        recorded = undefined;
        return outputOf(whole);
      },
    };
  };

  const checkedOutput = ({ digest, size }: StoredResult['output']): Buffer => {
    // That it is there and empty was seen when the result was found.
    if (size === 0 && digest === EMPTY) return Buffer.alloc(0);
    const whole = readRecord(store.objectPath(digest));
    if (sha256(whole) === digest) return whole;
    store.removeObject(digest);
    throw new DamagedResult('its recorded output is damaged');
  };

  const run = (task: Task, fingerprint: Fingerprint, claim: OwnClaim): Claim => {
    const onGrowth = (bytes: number): void => void (grownBytes += bytes);
    const keeping = { store, digests: digestsOf(task), now, taskId: taskIdOf(task), onGrowth };
    return { type: 'run', recording: createRecording(task, fingerprint, claim, keeping) };
  };

  return {
    fingerprint: (task, context) => fingerprintOf(task, context, { digests: digestsOf(task), tools }),

    async find(task, fingerprint) {
      return (await begin()).isPrivate ? found(task, fingerprint) : undefined;
    },

    explain: (task, fingerprint) => Promise.resolve().then(() => explain(task, fingerprint)),

    async claim(task, fingerprint, options) {
      const { force, signal } = options;
      const why = fingerprint.notKept ?? whyNotCacheable(task);
      if (why !== undefined) return { type: 'run', recording: unrecorded(why) };
      const { isPrivate, problem } = await begin();
      if (problem !== undefined) {
        const kept = force || !isPrivate ? undefined : found(task, fingerprint);
        return kept === undefined
          ? { type: 'run', recording: unrecorded(problem) }
          : { type: 'kept', result: kept };
      }
      const place = join(directory, 'running', fingerprint.key);
      for (let isForced = force; ;) {
        signal.throwIfAborted();
        const kept = isForced ? undefined : found(task, fingerprint);
        if (kept !== undefined) return { type: 'kept', result: kept };
        const claim = claimed(place);
        if (claim instanceof Error) return { type: 'run', recording: unrecorded(reasonOf(claim)) };
        if (claim !== 'contended' && isOwn(claim)) {
          // It may have been kept between the look and the claim.
          const late = isForced ? undefined : found(task, fingerprint);
          if (late === undefined) return run(task, fingerprint, claim);
          claim.release();
          return { type: 'kept', result: late };
        }
        const failure = await waitFor(place, claim, signal, (pid) => options.onWait?.(pid));
        if (failure !== undefined) return joined(failure);
        // The run that was waited for is as good as one of our own.
        if (claim !== 'contended') isForced = false;
      }
    },

    async close() {
      if ((await beginning)?.problem !== undefined) return;
      for (const digests of known.values()) digests.save();
      use?.release();
      try {
        pruneAfter(store, { ...bounds, grownBytes, nowMs: now() });
      } catch {
        // Next time.
      }
    },
  };

  function explain(task: Task, fingerprint: Fingerprint): MissReason {
    const none = { added: [], removed: [], changed: [] };
    const because = fingerprint.notKept ?? whyNotCacheable(task);
    if (because !== undefined) return { type: 'not-cacheable', ...none, because };
    const last = store.lastOf(taskIdOf(task));
    const own = store.find(fingerprint.key);
    if (own !== undefined && isExpired(task, own)) return { type: 'expired', ...none };
    if (last === undefined) return { type: 'new', ...none };
    if (last.key === fingerprint.key || last.parts === undefined) return { type: 'removed', ...none };
    return { type: 'changed', ...differenceOf(last.parts, fingerprint.parts) };
  }
}

/** An error of the system: nothing can be written there. */
function claimed(place: string): ReturnType<typeof tryClaim> | Error {
  try {
    return tryClaim(place);
  } catch (error) {
    return error as Error;
  }
}

const taskIdOf = ({ name, workingDir }: Task): string => sha256(JSON.stringify([workingDir, name]));

async function* outputOf(whole: Buffer): AsyncIterable<RecordedOutput> {
  await Promise.resolve();
  yield* recordsOf(whole);
}

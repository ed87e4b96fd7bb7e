/** Keeps what a run has made, when it has succeeded. */
import { readlinkSync } from 'node:fs';
import { fileRules } from '../../core/task/files.ts';
import { differenceOf } from '../../core/task/key.ts';
import type { Task } from '../../core/task/task.ts';
import type { Fingerprint, Recording } from '../../ports/task-cache.ts';
import { bytesOf } from '../watch/names.ts';
import type { OwnClaim } from './claims.ts';
import type { Digests } from './digests.ts';
import { inputsOf, nameFrom } from './fingerprint.ts';
import { leaveFailure } from './joining.ts';
import { EMPTY } from './hash.ts';
import { reasonOf } from './reason.ts';
import { createRecord, type OutputRecord } from './record.ts';
import { isInside, modeOf } from './restore.ts';
import type { Store, StoredFile, StoredResult } from './store.ts';
import { unmatchedIn } from './unmatched.ts';
import { walk } from './walk.ts';

export interface KeepingTools {
  readonly store: Store;
  readonly digests: Digests;
  readonly now: () => number;
  /** Of the task in its directory. */
  readonly taskId: string;
  readonly onGrowth: (bytes: number) => void;
}

/** Nothing of it throws: a run is not failed by a full disk of the cache. */
export function createRecording(
  task: Task,
  fingerprint: Fingerprint,
  claim: OwnClaim,
  { store, digests, now, taskId, onGrowth }: KeepingTools,
): Recording {
  let record: OutputRecord | undefined;
  let failure: unknown;
  try {
    record = createRecord(store.partial());
  } catch (error) {
    failure = error;
  }

  const keepOutput = (from: OutputRecord): StoredResult['output'] => {
    if (from.isEmpty && store.hasObject(EMPTY, 0)) return { digest: EMPTY, size: 0 };
    const output = from.finish();
    store.takeObject(from.path, output.digest);
    onGrowth(output.size);
    return output;
  };

  return {
    write: (stream, bytes) => record?.write(stream, bytes),

    async keep(durationMs) {
      try {
        if (record === undefined) return { notKept: reasonOf(failure) };
        const { files, unmatched } = await outputsOf(task, { store, digests, onGrowth });
        // After the outputs: what changes from now on is told by the next fingerprint.
        const changed = await changedInput(task, fingerprint, digests);
        if (changed !== undefined) return { notKept: `${changed} has changed while it ran` };
        const output = keepOutput(record);
        const result = {
          task: task.name,
          directory: task.workingDir,
          madeAtMs: now(),
          durationMs,
          files,
          output,
        };
        store.addResult(fingerprint.key, result, fingerprint.parts, taskId);
        return unmatched.length > 0 ? { unmatched } : {};
      } catch (error) {
        return { notKept: reasonOf(error) };
      } finally {
        record?.discard();
        claim.release();
      }
    },

    drop(status) {
      leaveFailure(claim, record, status);
      claim.release();
      return Promise.resolve();
    },
  };
}

/** What runs without a claim. */
export const unrecorded = (notKept: string): Recording => ({
  write: () => undefined,
  keep: () => Promise.resolve({ notKept }),
  drop: () => Promise.resolve(),
});

async function changedInput(
  task: Task,
  fingerprint: Fingerprint,
  digests: Digests,
): Promise<string | undefined> {
  const { parts } = await inputsOf(task, digests);
  const before = new Map([...fingerprint.parts].filter(([name]) => name.startsWith('file ')));
  const { added, removed, changed } = differenceOf(before, parts);
  return [...changed, ...added, ...removed][0]?.slice('file '.length);
}

async function outputsOf(
  task: Task,
  { store, digests, onGrowth }: Pick<KeepingTools, 'store' | 'digests' | 'onGrowth'>,
): Promise<{ readonly files: readonly StoredFile[]; readonly unmatched: readonly string[] }> {
  const { outputs = [], workingDir } = task;
  const files: StoredFile[] = [];
  const rules = fileRules(outputs, workingDir);
  const found = await walk(rules, { followsNamed: false });
  for (const { path, stats } of found) {
    const name = nameFrom(workingDir, path);
    if (!isInside(name)) throw new Error(`the output '${name}' is outside of the working directory`);
    const mode = modeOf(stats);
    if (stats.isSymbolicLink()) {
      files.push({ path: name, target: readlinkSync(bytesOf(path)) });
      continue;
    }
    const known = await digests.contentOf(path, stats);
    if (known !== undefined && store.hasObject(known, stats.size)) {
      files.push({ path: name, mode, size: stats.size, digest: known });
      continue;
    }
    const { digest, size, isNew } = await store.addObject(bytesOf(path));
    if (isNew) onGrowth(size);
    files.push({ path: name, mode, size, digest });
  }
  return { files, unmatched: unmatchedIn(task, rules, found) };
}

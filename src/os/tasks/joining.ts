/** Waiting for another run of the same key, and what it leaves for those who wait when it has failed. */
import { randomUUID } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim } from '../../ports/task-cache.ts';
import { livingClaims, type LivingClaim, type OwnClaim } from './claims.ts';
import { namesIn, removeDirectory, removeQuietly, textOf } from './files.ts';
import { pause } from './pause.ts';
import { readRecord, recordsOf, type OutputRecord } from './record.ts';
import { lstatOf } from './walk.ts';

export interface Failure {
  readonly status: number;
  readonly output: Buffer;
}

const WAIT = /^wait\./;
const LONGEST_PAUSE_MS = 20;
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;

/** Until that claim is gone. Resolves with how its run has failed, if it has and said so. Rejects with the signal's reason. */
export async function waitFor(
  directory: string,
  claim: LivingClaim | 'contended',
  signal: AbortSignal,
  onWait?: (pid: number) => void,
): Promise<Failure | undefined> {
  // By chance, so that two that have met do not meet again.
  if (claim === 'contended') {
    await pause(1 + Math.random() * LONGEST_PAUSE_MS, signal);
    return undefined;
  }
  const own = join(directory, `wait.${randomUUID()}`);
  try {
    writeFileSync(own, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // It was removed with the claim.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    onWait?.(claim.pid);
    for (let lookMs = FIRST_LOOK_MS; isThere(directory, claim); lookMs = Math.min(2 * lookMs, LAST_LOOK_MS))
      await pause(lookMs, signal);
    return failureOf(directory, claim.id);
  } finally {
    removeQuietly(own);
    if (!namesIn(directory).some((name) => WAIT.test(name)))
      for (const name of ['failed', 'output']) removeQuietly(join(directory, `${name}.${claim.id}`));
    removeDirectory(directory);
  }
}

const isThere = (directory: string, { id }: LivingClaim): boolean =>
  lstatOf(join(directory, `claim.${id}`)) !== undefined &&
  livingClaims(directory).some((one) => one.id === id);

function failureOf(directory: string, id: string): Failure | undefined {
  const text = textOf(join(directory, `failed.${id}`));
  return text === undefined
    ? undefined
    : { status: Number(text), output: readRecord(join(directory, `output.${id}`)) };
}

/** The record is used up. `status` null: it was interrupted, and who waits is to run the task. Never throws. */
export function leaveFailure(
  { directory, id }: OwnClaim,
  record: OutputRecord | undefined,
  status: number | null,
): void {
  try {
    if (record === undefined || status === null || !namesIn(directory).some((name) => WAIT.test(name)))
      return;
    record.finish();
    renameSync(record.path, join(directory, `output.${id}`));
    const temporary = join(directory, `new.${id}`);
    writeFileSync(temporary, String(status), { mode: 0o600 });
    renameSync(temporary, join(directory, `failed.${id}`));
  } catch {
    // Who waits runs it, and sees for itself.
  } finally {
    record?.discard();
  }
}

export const joined = ({ status, output }: Failure): Claim => ({
  type: 'joined',
  status,
  async *output() {
    await Promise.resolve();
    yield* recordsOf(output);
  },
});

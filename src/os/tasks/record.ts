/** Recorded output: records of a stream, a length and bytes, in the order in which they came. */
import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { RecordedOutput } from '../../ports/task-cache.ts';
import { createHash } from 'node:crypto';
import { formatSize } from '../../text/size.ts';

export interface OutputRecord {
  readonly path: string;
  readonly isEmpty: boolean;
  /** It is copied. Never throws: what could not be written is told by `finish`. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void;
  /** All of it is in the file. Throws the system's error if something could not be written. */
  finish(): { readonly digest: string; readonly size: number };
  discard(): void;
}

const HEAD_BYTES = 5;
const STREAMS = ['stdout', 'stderr'] as const;
const BLOCK_BYTES = 64 * 1024;

export interface RecordLimits {
  /** So much of the beginning is kept. */
  readonly firstBytes: number;
  /** And so much of the end, in memory until then. */
  readonly lastBytes: number;
}

const USUAL_LIMITS: RecordLimits = { firstBytes: 12 * 1024 * 1024, lastBytes: 4 * 1024 * 1024 };

export function createRecord(
  path: string,
  { firstBytes, lastBytes }: RecordLimits = USUAL_LIMITS,
): OutputRecord {
  let fd: number | undefined;
  const hash = createHash('sha256');
  let isOver = false;
  let failure: unknown;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let size = 0;
  let taken = 0;
  let last: Buffer[] = [];
  let lastHeld = 0;
  let left = 0;

  /** Most tasks of a cached kind say nothing: their record has no file before `finish`. */
  const flush = (): void => {
    const block = Buffer.concat(pending);
    [pending, pendingBytes] = [[], 0];
    if (failure !== undefined) return;
    try {
      fd ??= openSync(path, 'wx', 0o600);
      for (let at = 0; at < block.length;) at += writeSync(fd, block, at);
      hash.update(block);
      size += block.length;
    } catch (error) {
      failure = error;
    }
  };
  const put = (record: Buffer): void => {
    pending.push(record);
    pendingBytes += record.length;
    if (pendingBytes >= BLOCK_BYTES) flush();
  };
  const close = (): void => {
    if (fd !== undefined && !isOver) closeSync(fd);
    isOver = true;
  };

  return {
    path,
    get isEmpty() {
      return taken === 0 && last.length === 0;
    },
    write(stream, bytes) {
      if (failure !== undefined || isOver || bytes.length === 0) return;
      const record = recordOf(stream, bytes);
      if (taken + bytes.length <= firstBytes && left === 0 && last.length === 0) {
        taken += bytes.length;
        put(record);
        return;
      }
      last.push(record);
      lastHeld += record.length;
      while (lastHeld > lastBytes && last.length > 1) {
        const gone = last.shift();
        lastHeld -= gone?.length ?? 0;
        left += (gone?.length ?? HEAD_BYTES) - HEAD_BYTES;
      }
    },
    finish() {
      if (left > 0) put(recordOf('stderr', Buffer.from(`procsup: ${leftText(left)}\n`)));
      for (const record of last) put(record);
      last = [];
      flush();
      close();
      if (failure !== undefined) throw failure as Error;
      return { digest: hash.digest('hex'), size };
    },
    discard() {
      close();
      if (fd !== undefined) rmSync(path, { force: true });
    },
  };
}

const leftText = (bytes: number): string =>
  `${formatSize(Math.ceil(bytes / 1024) * 1024)} of its output were not recorded here`;

function recordOf(stream: 'stdout' | 'stderr', bytes: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  record.writeUInt8(STREAMS.indexOf(stream), 0);
  record.writeUInt32BE(bytes.length, 1);
  record.set(bytes, HEAD_BYTES);
  return record;
}

/** Of what `finish` has written. One that ends within a record ends before it. */
export function* recordsOf(whole: Buffer): Generator<RecordedOutput> {
  for (let at = 0; at + HEAD_BYTES <= whole.length;) {
    const stream = STREAMS[whole.readUInt8(at)];
    const end = at + HEAD_BYTES + whole.readUInt32BE(at + 1);
    if (stream === undefined || end > whole.length) return;
    yield { stream, bytes: whole.subarray(at + HEAD_BYTES, end) };
    at = end;
  }
}

export function readRecord(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    return fstatSync(fd).size === 0 ? Buffer.alloc(0) : readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

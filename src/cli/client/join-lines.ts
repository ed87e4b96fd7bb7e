/** Puts the pieces of log lines together again, each as far as it is to be shown in one piece. */
import type { LogRecord } from '../../control/api.ts';

/** A line, or a part of one whose rest comes later. */
export interface JoinedLine {
  /** Of its first piece. */
  readonly record: LogRecord;
  readonly bytes: Buffer;
  /** `late`: nothing more has come so far. `long`: it is too long to be kept. */
  readonly unfinished: 'late' | 'long' | undefined;
}

interface Open {
  readonly record: LogRecord;
  readonly pieces: Buffer[];
  size: number;
}

/** Undefined as long as the line is to be continued. Of one that is longer than `limitBytes` the parts are given. */
export function createLineJoiner(limitBytes: number): (record: LogRecord) => JoinedLine | undefined {
  const open = new Map<string, Open>();
  return (record) => {
    const { name, unfinished } = record;
    const bytes = bytesOf(record);
    const line: Open = open.get(name) ?? { record, pieces: [], size: 0 };
    line.pieces.push(bytes);
    line.size += bytes.length;
    if (unfinished === 'long' && line.size <= limitBytes) {
      open.set(name, line);
      return undefined;
    }
    open.delete(name);
    return {
      record: line.record,
      bytes: line.pieces.length === 1 ? bytes : Buffer.concat(line.pieces),
      unfinished,
    };
  };
}

function bytesOf({ text, base64 }: LogRecord): Buffer {
  return base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
}

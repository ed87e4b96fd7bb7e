/**
 * The tasks of one client. Values are read no faster than workers take them, and while the client does not read its results
 * nothing more is read or begun for it: what is held here does not grow with the number of values.
 */
import type { PoolClient, TaskResult } from './pool-api.ts';
import { Refused, type Lines } from './route.ts';
import { createBell } from './streams.ts';

type Id = string | number;

/** A longer line is refused. */
export const MOST_LINE_BYTES = 1024 * 1024;
/** What values and results under way may take before no more is read. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

export async function runTasks(
  pool: PoolClient,
  incoming: AsyncIterable<Uint8Array>,
  lines: Lines,
  gone: AbortSignal,
): Promise<void> {
  const [news, room] = [createBell(gone), createBell(gone)];
  const results: { readonly line: object; readonly bytes: number }[] = [];
  const aborts = new Map<Id, () => void>();
  let [underWay, heldBytes, values, done, failed] = [0, 0, 0, 0, 0];
  const reading = { isOver: false, hasFailed: false, error: undefined as unknown };

  const begin = (
    { id, value }: { readonly id?: Id | undefined; readonly value: unknown },
    bytes: number,
  ): void => {
    values += 1;
    const name = id ?? values;
    underWay += 1;
    heldBytes += bytes;
    const abort = pool.submit(value, (result) => {
      if (aborts.get(name) === abort) aborts.delete(name);
      if (result.is === 'done') done += 1;
      else failed += 1;
      const more = result.is === 'done' ? result.output.length : 0;
      heldBytes += more;
      results.push({ line: { id: name, ...lineOf(result) }, bytes: bytes + more });
      news.ring();
    });
    aborts.set(name, abort);
  };

  const read = async (): Promise<void> => {
    for await (const { record, bytes } of recordsIn(incoming)) {
      while (!gone.aborted && (underWay >= pool.enough || heldBytes > MOST_HELD_BYTES)) await room.rung();
      if (gone.aborted) return;
      if ('abort' in record) aborts.get(record.abort)?.();
      else begin(record, bytes);
    }
  };

  void read()
    .catch((error: unknown) => Object.assign(reading, { hasFailed: true, error }))
    .finally(() => {
      reading.isOver = true;
      news.ring();
    });
  try {
    while (!gone.aborted) {
      const result = results.shift();
      if (result !== undefined) {
        if (!lines.write(result.line)) await lines.ready();
        underWay -= 1;
        heldBytes -= result.bytes;
        room.ring();
      } else if (!reading.isOver || underWay > 0) await news.rung();
      else if (reading.hasFailed) throw reading.error;
      else return void lines.write({ done, failed });
    }
  } finally {
    pool.close();
  }
}

function lineOf(result: TaskResult): object {
  if (result.is === 'done') return textOrBase64(result.output);
  const { code, message, exit } = result;
  return { failed: { code, message, ...(exit && { exit }) } };
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOrBase64(bytes: Uint8Array): object {
  try {
    return { output: STRICT.decode(bytes) };
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') };
  }
}

type TaskRecord = { readonly id?: Id | undefined; readonly value: unknown } | { readonly abort: Id };

async function* recordsIn(
  incoming: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly record: TaskRecord; readonly bytes: number }, void, undefined> {
  let number = 0;
  for await (const line of linesIn(incoming)) {
    number += 1;
    const text = line.toString();
    if (text.trim() !== '') yield { record: recordIn(text, number), bytes: line.length };
  }
}

async function* linesIn(incoming: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let parts: Buffer[] = [];
  let held = 0;
  const add = (part: Buffer): void => {
    held += part.length;
    if (held > MOST_LINE_BYTES)
      throw new Refused(
        413,
        'too-large',
        `line too long (the limit is ${String(MOST_LINE_BYTES / 1024)} KiB)`,
      );
    parts.push(part);
  };
  for await (const bytes of incoming) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at));
      from = at + 1;
      const line = parts.length === 1 ? parts[0] : undefined;
      const whole = line ?? Buffer.concat(parts);
      [parts, held] = [[], 0];
      yield whole;
    }
    if (from < chunk.length) add(Buffer.from(chunk.subarray(from)));
  }
  if (held > 0) yield Buffer.concat(parts);
}

function recordIn(text: string, number: number): TaskRecord {
  const wrong = (why: string): Refused =>
    new Refused(400, 'bad-line', `line ${String(number)}: ${why}`, 'send a JSON string on each line');
  let given: unknown;
  try {
    given = JSON.parse(text) as unknown;
  } catch {
    throw wrong('invalid JSON');
  }
  if (typeof given === 'string' || typeof given === 'number') return { value: given };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong('not a value');
  const { id, value, base64, abort } = given as Readonly<Record<string, unknown>>;
  if (isId(abort)) return { abort };
  if (id !== undefined && !isId(id)) throw wrong("invalid 'id'");
  if (typeof base64 === 'string') return { id, value: Buffer.from(base64, 'base64') };
  if (!('value' in given)) throw wrong("missing 'value'");
  return { id, value };
}

const isId = (one: unknown): one is Id => typeof one === 'string' || typeof one === 'number';

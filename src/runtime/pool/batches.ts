/** Joins the values of several records into one job: `-N`, `-n`, `-X`, `-m`. */
import type { Values } from './sources.ts';
import type { Template } from '../../core/pool/template.ts';

export interface BatchOptions {
  /** Records for each job; null: one, or with `fill` as many as fit. */
  readonly records: number | null;
  /** As many records as one command line takes (`-X`, `-m`). */
  readonly fill: boolean;
  /** The longest command line in bytes, where `fill` is on. */
  readonly longestBytes: number;
  /** What is left at the end of the input is dealt out to so many jobs. */
  readonly slots: number;
}

/** A program takes no longer argument than 128 KiB on Linux, and `sh -c` would be given the whole line as one. */
export const LONGEST_COMMAND_BYTES = 131_071;

export async function* inBatches(
  records: AsyncIterable<Values>,
  options: BatchOptions,
  template: Template,
): AsyncGenerator<Values, void, undefined> {
  if (options.fill) {
    yield* filled(records, options, template);
    return;
  }
  const size = options.records ?? 1;
  if (size === 1) {
    yield* records;
    return;
  }
  // -N 0: one job for each record, without its value.
  if (size === 0) {
    for await (const values of records) yield values.slice(0, 0);
    return;
  }
  let batch: Values[] = [];
  for await (const values of records) {
    batch.push(values);
    if (batch.length < size) continue;
    yield batch.flat();
    batch = [];
  }
  if (batch.length > 0) yield batch.flat();
}

async function* filled(
  records: AsyncIterable<Values>,
  { records: most, longestBytes, slots }: BatchOptions,
  template: Template,
): AsyncGenerator<Values, void, undefined> {
  let batch: Values[] = [];
  let count = 0;
  let bytes = template.fixedBytes;
  for await (const values of records) {
    let added = bytesOf(values, count, template);
    if (batch.length > 0 && (bytes + added > longestBytes || batch.length === most)) {
      yield batch.flat();
      [batch, count, bytes] = [[], 0, template.fixedBytes];
      added = bytesOf(values, 0, template);
    }
    batch.push(values);
    count += values.length;
    bytes += added;
  }
  if (batch.length === most) yield batch.flat();
  else yield* dealtOut(batch, slots);
}

function bytesOf(values: Values, from: number, template: Template): number {
  return values.reduce((sum, value, index) => sum + template.bytesOf(value, from + index), 0);
}

/** Every slot has something to do at the end. */
function* dealtOut(batch: readonly Values[], slots: number): Generator<Values, void, undefined> {
  const size = Math.ceil(batch.length / slots);
  for (let at = 0; at < batch.length; at += size) yield batch.slice(at, at + size).flat();
}

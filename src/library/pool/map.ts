/** Many values for a pool, of which only a few are in memory at a time. */
import type { ImapOptions, MapOptions, TaskOptions } from './options.ts';

/** Calls back once, possibly at once. A promise for each task would take longer than many tasks. */
export type SubmitTo = (
  value: unknown,
  options: TaskOptions,
  isChunk: boolean,
  resolve: (result: unknown) => void,
  reject: (reason: unknown) => void,
) => void;
type Submit = (value: unknown, options: TaskOptions) => Promise<unknown>;
type Values<Value> = Iterable<Value> | AsyncIterable<Value>;

const LARGEST_AUTO_CHUNK = 1000;
/** Values for each worker that are read and not done: enough that none waits. */
const READ_AHEAD = 512;
const CHUNKS_READ_AHEAD = 16;
/** Of `auto`: so many chunks for each worker. */
const CHUNKS_PER_WORKER = 4;

export async function mapOver<Value, Result>(
  submit: SubmitTo,
  values: Values<Value>,
  size: number,
  { chunk = 1, failFast = true, ...options }: MapOptions = {},
): Promise<Result[]> {
  const perTask = chunkSize(chunk, values, size);
  const results: Result[] = [];
  const errors: unknown[] = [];
  const most = size * (perTask === 1 ? READ_AHEAD : CHUNKS_READ_AHEAD);
  let open = 0;
  let goOn = (): void => undefined;
  const isOver = (): boolean => failFast && errors.length > 0;

  const give = (task: readonly Value[], at: number): void => {
    open += 1;
    const done = (answer: unknown): void => {
      if (perTask === 1) results[at] = answer as Result;
      else for (const result of answer as Result[]) results[at++] = result;
      end();
    };
    submit(perTask === 1 ? task[0] : task, options, perTask > 1, done, fail);
  };
  const fail = (error: unknown): void => {
    errors.push(error);
    end();
  };
  const end = (): void => {
    open -= 1;
    goOn();
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => (goOn = resolve));
  };

  let task: Value[] = [];
  let count = 0;
  const giveNext = (): void => {
    give(task, count - task.length);
    task = [];
  };
  const add = (value: Value): void => {
    task.push(value);
    count += 1;
    if (task.length === perTask) giveNext();
  };
  if (Symbol.asyncIterator in values) {
    for await (const value of values) {
      add(value);
      if (open >= most) await until(() => open < most || isOver());
      if (isOver()) break;
    }
  } else {
    for (const value of values) {
      add(value);
      if (open >= most) await until(() => open < most || isOver());
      if (isOver()) break;
    }
  }
  if (task.length > 0 && !isOver()) giveNext();
  await until(() => open === 0 || isOver());
  if (isOver()) throw errors[0];
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} tasks failed`);
  return results;
}

function chunkSize(chunk: number | 'auto', values: Values<unknown>, size: number): number {
  if (chunk !== 'auto') {
    if (Number.isInteger(chunk) && chunk >= 1) return chunk;
    throw new TypeError("map(): chunk must be a whole number from 1 on, or 'auto'");
  }
  if (!Array.isArray(values)) return LARGEST_AUTO_CHUNK / 10;
  return Math.max(1, Math.min(LARGEST_AUTO_CHUNK, Math.ceil(values.length / (CHUNKS_PER_WORKER * size))));
}

type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

export async function* imapOver<Value, Result>(
  submit: Submit,
  values: Values<Value>,
  size: number,
  { ordered = true, inFlight = 2 * size, signal, ...options }: ImapOptions = {},
): AsyncGenerator<Result, void, undefined> {
  if (!(inFlight >= 1)) throw new TypeError('imap(): inFlight must be a number from 1 on');
  const leave = new AbortController();
  const either = signal === undefined ? leave.signal : AbortSignal.any([leave.signal, signal]);
  const source = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  /** In the order in which they are given out; the first one may not be settled yet. */
  const results = new Map<number, Promise<readonly [number, Settled<Result>]>>();
  let [count, isOver] = [0, false];
  const begin = (value: Value): void => {
    const at = (count += 1);
    const settled = submit(value, { ...options, signal: either }).then(
      (result): readonly [number, Settled<Result>] => [at, { value: result as Result }],
      (error: unknown): readonly [number, Settled<Result>] => [at, { error }],
    );
    results.set(at, settled);
  };
  try {
    let reading: Promise<IteratorResult<Value>> | undefined;
    for (;;) {
      if (!isOver && results.size < inFlight) reading ??= Promise.resolve(source.next());
      if (reading === undefined && results.size === 0) return;
      const next = ordered ? results.values().next().value : Promise.race(results.values());
      const first = await Promise.race([
        ...(next === undefined ? [] : [next]),
        ...(reading === undefined ? [] : [reading]),
      ]);
      if (!Array.isArray(first)) {
        const read = first as IteratorResult<Value>;
        reading = undefined;
        if (read.done === true) isOver = true;
        else begin(read.value);
        continue;
      }
      const [at, settled] = first as readonly [number, Settled<Result>];
      results.delete(at);
      if ('error' in settled) throw settled.error;
      yield settled.value;
    }
  } finally {
    leave.abort(new DOMException('The loop was left', 'AbortError'));
    if (!isOver) await source.return?.();
  }
}

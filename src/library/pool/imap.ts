/** Results as they are taken: of the values only so many are read as there is room for. */
import { listenToAbort } from '../listen-to-abort.ts';
import type { ImapOptions } from './options.ts';
import type { SubmitTo, Values } from './submit.ts';

type Settled<Result> = { readonly value: Result } | { readonly error: unknown };

/**
 * What is read, carried out or not taken yet counts as in flight. Nothing is kept of what was taken, however long one task
 * takes. So `Promise.race` is not used: each call would leave something with every promise that is not settled.
 */
export async function* imapOver<Value, Result>(
  submit: SubmitTo,
  values: Values<Value>,
  size: number,
  { ordered = true, inFlight = 2 * size, signal, ...options }: ImapOptions = {},
): AsyncGenerator<Result, void, undefined> {
  if (!(inFlight >= 1)) throw new TypeError('imap(): inFlight must be a number from 1 on');
  const leave = new AbortController();
  const given = { ...options, signal: leave.signal };
  const isAsync = Symbol.asyncIterator in values;
  const source = isAsync ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  /** Those that are not taken, by their places in the order in which they are. */
  const settled = new Map<number, Settled<Result>>();
  let [read, taken, places] = [0, 0, 0];
  let [isReading, isOver] = [false, false];
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;

  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  const take = ({ done, value }: IteratorResult<Value>): void => {
    if (done === true) {
      isOver = true;
      return;
    }
    const number = read;
    read += 1;
    const settle = (one: Settled<Result>): void => {
      const place = ordered ? number : places;
      places += 1;
      settled.set(place, one);
      if (place === taken) wake();
    };
    const resolve = (result: unknown): void => settle({ value: result as Result });
    submit(value, given, false, resolve, (error) => settle({ error }));
  };
  const readOne = async (): Promise<void> => {
    isReading = true;
    const next = await Promise.resolve(source.next()).finally(() => (isReading = false));
    take(next);
    readOn();
    wake();
  };
  /** As far as there is room. */
  const readOn = (): void => {
    while (!isOver && !isReading && failure === undefined && read - taken < inFlight) {
      if (isAsync) readOne().catch(fail);
      else take((source as Iterator<Value>).next());
    }
  };
  const stopListening = listenToAbort(signal, () => fail(signal?.reason));
  try {
    signal?.throwIfAborted();
    for (;;) {
      readOn();
      if (failure !== undefined) throw failure.error;
      const next = settled.get(taken);
      if (next !== undefined) {
        settled.delete(taken);
        taken += 1;
        readOn();
        if ('error' in next) throw next.error;
        yield next.value;
      } else if (isOver && taken === read) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stopListening();
    leave.abort(new DOMException('The loop was left', 'AbortError'));
    // One that is being read may never come, and its source would answer to nothing else before.
    const returned = isOver ? undefined : source.return?.();
    if (isReading) Promise.resolve(returned).catch(() => undefined);
    else await returned;
  }
}

import { ExchangeError } from './error.ts';
import type { JsonValue, OpenExchangeOptions, SharedValue, ValueChange } from './options.ts';
import { openExchangeSession } from './session.ts';

/** A value of a running supervisor. It is made by its first write. Rejects with `ExchangeError`. */
export async function openValue(name: string, options: OpenExchangeOptions = {}): Promise<SharedValue> {
  const session = await openExchangeSession('openValue()', name, options);
  const done = async (verb: string, input: object): Promise<boolean> =>
    ((await session.ask(verb, input)) as { readonly done: boolean }).done;
  const existing = async <T>(verb: string): Promise<T | undefined> => {
    try {
      return (await session.ask(verb)) as T;
    } catch (error) {
      if (codeOf(error) === 'unknown-value') return undefined;
      throw error;
    }
  };
  const close = (): void => session.close();
  return {
    name,
    get: async () => (await existing<{ readonly value: JsonValue }>('value.get'))?.value,
    async set(value) {
      await session.ask('value.set', { value });
    },
    setIfMissing: (value) => done('value.set', { value, missing: true }),
    increment: async (by = 1) =>
      ((await session.ask('value.incr', { by })) as { readonly value: number }).value,
    compareAndSet: (expected, value) => done('value.cas', { expected, value }),
    remove: async () => (await existing('value.rm')) !== undefined,
    async *watch({ signal } = {}) {
      for (let after: number | undefined; !session.isClosed();) {
        let change: ValueChange;
        try {
          change = (await session.wait('value.watch', { signal }, { after })) as ValueChange;
        } catch (error) {
          if (session.isClosed()) return;
          throw error;
        }
        const { value, version, skipped } = change;
        after = version;
        yield { value, version, skipped };
      }
    },
    async until(value, how = {}) {
      await session.wait('value.watch', how, { until: value });
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

const codeOf = (error: unknown): unknown =>
  error instanceof ExchangeError ? (error.cause as { readonly code?: unknown } | undefined)?.code : undefined;

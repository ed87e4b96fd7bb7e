import type { OpenExchangeOptions, SharedFlag } from './options.ts';
import { openExchangeSession } from './session.ts';

/** A flag of a running supervisor, clear at first. Rejects with `ExchangeError`. */
export async function openFlag(name: string, options: OpenExchangeOptions = {}): Promise<SharedFlag> {
  const session = await openExchangeSession('openFlag()', name, options);
  const close = (): void => session.close();
  return {
    name,
    isSet: async () => ((await session.ask('flag.get')) as { readonly set: boolean }).set,
    async set() {
      await session.ask('flag.set');
    },
    async clear() {
      await session.ask('flag.clear');
    },
    async wait(how = {}) {
      await session.wait('flag.wait', how);
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

import type { OpenExchangeOptions, SharedFlag } from './options.ts';
import { openExchangeSession } from './session.ts';

/** A flag of a running supervisor, clear at first. Rejects with `ExchangeError`. */
export async function openFlag(name: string, options: OpenExchangeOptions = {}): Promise<SharedFlag> {
  const session = await openExchangeSession('openFlag()', name, options);
  const close = (): void => session.close();
  return {
    name,
    isSet: async () => ((await session.ask('flag.get')) as { readonly set: boolean }).set,
    set: async () => void (await session.ask('flag.set')),
    clear: async () => void (await session.ask('flag.clear')),
    wait: async (how = {}) => void (await session.wait('flag.wait', how)),
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

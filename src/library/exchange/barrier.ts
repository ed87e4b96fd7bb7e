import type { OpenExchangeOptions, SharedBarrier } from './options.ts';
import { openExchangeSession } from './session.ts';

/** A barrier of a running supervisor for so many parties. Rejects with `ExchangeError`. */
export async function openBarrier(
  name: string,
  parties: number,
  options: OpenExchangeOptions = {},
): Promise<SharedBarrier> {
  const session = await openExchangeSession('openBarrier()', name, options);
  const close = (): void => session.close();
  return {
    name,
    parties,
    async wait(how = {}) {
      const { index } = (await session.wait('barrier.wait', how, { parties })) as { readonly index: number };
      return index;
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

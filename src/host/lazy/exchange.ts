/** What processes exchange: its code is loaded, and its store opened, with the first request for it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StorePlaces } from '../../os/messages/open-store.ts';
import { STORE_FILE } from '../../os/messages/store-file.ts';
import type { Exchange } from '../../runtime/exchange/exchange.ts';

export interface LazyExchange {
  /** Rejects where the store cannot be opened, which is tried again at the next call, or this is closed. */
  open(): Promise<Exchange>;
  /** As `open`; undefined where nothing was used, by this supervisor or by one before it whose messages are kept. */
  ifUsed(): Promise<Exchange | undefined>;
  close(): void;
}

export function createLazyExchange(places: StorePlaces): LazyExchange {
  let opening: Promise<Exchange> | undefined;
  let isClosed = false;

  const load = async (): Promise<Exchange> => {
    const { openExchange } = await import('../exchange.ts');
    if (isClosed) throw new Error('the supervisor is ending');
    return openExchange(places);
  };

  const open = (): Promise<Exchange> => {
    if (opening === undefined) {
      opening = load();
      opening.catch(() => (opening = undefined));
    }
    return opening;
  };
  const hasMessages = (): boolean =>
    places.stateDirectory !== undefined && existsSync(join(places.stateDirectory, STORE_FILE));

  return {
    open,
    ifUsed: async () => (opening !== undefined || hasMessages() ? open() : undefined),
    close() {
      isClosed = true;
      opening?.then(
        (exchange) => exchange.close(),
        () => undefined,
      );
    },
  };
}

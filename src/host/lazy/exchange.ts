/** What processes exchange: its code is loaded, and its store opened, with the first request for it. */
import { systemClock } from '../../os/clock.ts';
import type { Exchange } from '../../runtime/exchange/exchange.ts';

export interface LazyExchange {
  /** Rejects where the store cannot be opened, which is tried again at the next call, or this is closed. */
  open(): Promise<Exchange>;
  close(): void;
}

export interface ExchangePlaces {
  readonly root: string;
  /** Of the project. Undefined: another supervisor may use it as well. */
  readonly stateDirectory: string | undefined;
}

export function createLazyExchange(places: ExchangePlaces): LazyExchange {
  let opening: Promise<Exchange> | undefined;
  let isClosed = false;

  const load = async (): Promise<Exchange> => {
    const [{ createExchange }, { openMessageStore }, { createMemoryStore }] = await Promise.all([
      import('../../runtime/exchange/exchange.ts'),
      import('../../os/messages/open-store.ts'),
      import('../../os/messages/memory-store.ts'),
    ]);
    if (isClosed) throw new Error('the supervisor is ending');
    const epoch = Math.floor(Math.random() * 36 ** 6)
      .toString(36)
      .padStart(6, '0');
    const opened = openMessageStore(places, epoch);
    const durable = 'store' in opened ? opened.store : undefined;
    return createExchange({
      clock: systemClock,
      memory: createMemoryStore(durable?.epochs ?? [{ firstSeq: 1, epoch }]),
      durable,
      remarks: 'none' in opened ? [`queues are kept in memory only: ${opened.none}`] : [],
    });
  };

  return {
    open() {
      opening ??= load();
      opening.catch(() => (opening = undefined));
      return opening;
    },
    close() {
      isClosed = true;
      opening?.then(
        (exchange) => exchange.close(),
        () => undefined,
      );
    },
  };
}

import { bytesOf, sentMessage, type SentMessage } from '../../control/session/message.ts';
import type { Channel, OpenExchangeOptions, ReceiveOptions } from './options.ts';
import { openExchangeSession } from './session.ts';

interface Received {
  readonly messages: readonly SentMessage[];
  readonly end: boolean;
}

/** Of one request. */
const MOST_MESSAGES = 1000;

/** A channel of a running supervisor. Rejects with `ExchangeError`. */
export async function openChannel(name: string, options: OpenExchangeOptions = {}): Promise<Channel> {
  const session = await openExchangeSession('openChannel()', name, options);
  const close = (): void => session.close();

  async function* received({
    broadcast = false,
    count = 1,
    ...how
  }: ReceiveOptions): AsyncGenerator<SentMessage> {
    try {
      while (!session.isClosed()) {
        const answer = (await session.wait('channel.recv', how, { broadcast, most: count })) as Received;
        if (answer.end) return;
        yield* answer.messages;
      }
    } catch (error) {
      if (!session.isClosed()) throw error;
    } finally {
      // A broadcast receiver that does not take any more would keep all senders waiting.
      if (!session.isClosed()) await session.ask('channel.close', { end: 'recv' }).catch(() => undefined);
    }
  }

  return {
    name,
    async send(messages, how = {}) {
      const all = typeof messages === 'string' || messages instanceof Uint8Array ? [messages] : messages;
      for (let at = 0; at === 0 || at < all.length; at += MOST_MESSAGES)
        await session.wait('channel.send', how, {
          messages: all.slice(at, at + MOST_MESSAGES).map(sentMessage),
        });
    },
    async end() {
      await session.ask('channel.close', { end: 'send' });
    },
    async *messages(how = {}) {
      for await (const one of received(how)) yield typeof one === 'string' ? one : bytesOf(one).toString();
    },
    async *chunks(how = {}) {
      for await (const one of received(how)) yield bytesOf(one);
    },
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}

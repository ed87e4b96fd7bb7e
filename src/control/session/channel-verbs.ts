/** The verbs of channels. Senders and receivers are sessions, so a single request can be neither. */
import type { MemberAsking } from '../../runtime/exchange/channels.ts';
import { Refused } from '../route.ts';
import { object } from '../schema.ts';
import { BOOLEAN, COUNT, nameOf, WAITING } from './exchange-schemas.ts';
import { MESSAGE, MOST } from './queue-schemas.ts';
import { settled } from './refusals.ts';
import { Delivery, verb, type Verb, type VerbAsk } from './verb.ts';

const NAME = nameOf('channel');
const MESSAGES = { type: 'array', items: MESSAGE, maxItems: 1000 } as const;
const CHANNEL = object({ name: NAME, senders: COUNT, receivers: COUNT, broadcast: BOOLEAN, waiting: COUNT }, [
  'name',
  'senders',
  'receivers',
  'broadcast',
  'waiting',
]);
/** Of the messages of one send. */
const MOST_CHARACTERS = 2 * 1024 * 1024;

export const CHANNEL_VERBS: readonly Verb[] = [
  verb({
    name: 'channel.send',
    summary:
      'Sends messages; answers when receivers have been given all of them. The session is a sender from then on, also without a message.',
    input: object({ name: NAME, messages: MESSAGES, ...WAITING }, ['name', 'messages']),
    answer: object({}),
    async handle(api, ask) {
      const { name, messages } = ask.input;
      const length = messages.reduce(
        (sum, one) => sum + (typeof one === 'string' ? one : one.base64).length,
        0,
      );
      if (length > MOST_CHARACTERS)
        throw new Refused(413, 'too-large', 'messages too large (the limit is 2 MiB in one request)');
      const { channels } = await api.exchange();
      settled(await channels.send(name, messages, memberOf(ask)));
      return {};
    },
  }),
  verb({
    name: 'channel.recv',
    summary:
      'Waits for messages, at most `most` (1), or the end: the last sender has gone. With `broadcast` every receiver gets every message.',
    input: object({ name: NAME, most: MOST, broadcast: BOOLEAN, ...WAITING }, ['name']),
    answer: object({ messages: MESSAGES, end: BOOLEAN }, ['messages', 'end']),
    async handle(api, ask) {
      const { name, most = 1, broadcast = false } = ask.input;
      const { channels } = await api.exchange();
      const answer = settled(await channels.receive(name, { most, broadcast }, memberOf(ask)));
      return new Delivery(answer, () => {
        // Of broadcast the others have it as well.
        if (!broadcast) channels.takeBack(name, answer.messages);
      });
    },
  }),
  verb({
    name: 'channel.close',
    summary: 'This session does not send any longer, or does not receive: `end` is `send` or `recv`.',
    input: object({ name: NAME, end: { type: 'string', enum: ['send', 'recv'] } as const }, ['name', 'end']),
    answer: object({}),
    async handle(api, ask) {
      const { name, end } = ask.input;
      (await api.exchange()).channels.leave(name, end, memberOf(ask).holder);
      return {};
    },
  }),
  verb({
    name: 'channel.rm',
    path: '/v1/channels/{name}/rm',
    summary: 'Removes the channel: requests that wait are refused with `gone`.',
    input: object({ name: NAME }, ['name']),
    answer: object({}),
    handle: async (api, { input }) => settled((await api.exchange()).channels.remove(input.name) ?? {}),
  }),
  verb({
    name: 'channel.ls',
    path: '/v1/channels',
    method: 'GET',
    summary: 'All channels with a sender or a receiver.',
    input: object({}),
    answer: object({ channels: { type: 'array', items: CHANNEL } }, ['channels']),
    handle: async (api) => ({ channels: (await api.exchange()).channels.list() }),
  }),
];

interface Waiting {
  readonly wait?: number;
  readonly token?: number;
}

function memberOf({ input, holder, gone }: VerbAsk<Waiting | object>): MemberAsking {
  if (holder === undefined)
    throw new Refused(400, 'session-needed', 'a channel is for sessions', 'open one at /v1/session');
  const { wait: waitMs, token } = input as Waiting;
  return { holder, gone, waitMs, token };
}

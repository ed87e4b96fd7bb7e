/** The channels of a supervisor, with their senders and receivers. A channel is forgotten when it has neither. */
import { createChannel, type Channel, type ChannelEffect } from '../../core/exchange/channel/channel.ts';
import { refused, type Refused } from '../../core/exchange/refusal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Holder } from './holder.ts';
import {
  createWaits,
  leftBecause,
  MOST_NAMES,
  MOST_WAITING,
  SUPERVISOR_ENDS,
  tooMany,
  type Asking,
} from './waits.ts';

export type ChannelMessage = string | { readonly base64: string };

export interface ChannelRecord {
  readonly name: string;
  readonly senders: number;
  readonly receivers: number;
  readonly broadcast: boolean;
  /** Messages that are not received. */
  readonly waiting: number;
}

export interface Received {
  readonly messages: readonly ChannelMessage[];
  /** The last sender has gone. */
  readonly end: boolean;
}

/** Senders and receivers are sessions. */
export interface MemberAsking extends Asking {
  readonly holder: Holder;
}

export interface Channels {
  /** Resolves when all are received. */
  send(name: string, messages: readonly ChannelMessage[], asking: MemberAsking): Promise<Received | Refused>;
  receive(
    name: string,
    how: { readonly most: number; readonly broadcast: boolean },
    asking: MemberAsking,
  ): Promise<Received | Refused>;
  /** They could not be written to their receiver: another one gets them. */
  takeBack(name: string, messages: readonly ChannelMessage[]): void;
  /** The session is no longer a sender, or a receiver. */
  leave(name: string, end: 'send' | 'recv', holder: Holder): void;
  remove(name: string): Refused | undefined;
  list(): readonly ChannelRecord[];
  cancel(token: number, holder: Holder): void;
  close(): void;
}

interface Item {
  readonly message: ChannelMessage;
  readonly size: number;
}

interface Known {
  readonly channel: Channel<Item>;
  /** Requests that wait. */
  readonly asked: Set<number>;
}

/** In one answer, but for a first message. */
const MOST_ANSWER = 1024 * 1024;
/** Of messages that wait, of all channels together, in characters. */
const MOST_IN_ALL = 64 * 1024 * 1024;
/** What a message takes beside its text. */
const OVERHEAD = 100;

const SENT: Received = { messages: [], end: false };

export function createChannels(clock: Pick<Clock, 'wallNow' | 'after'>): Channels {
  const channels = new Map<string, Known>();
  const waits = createWaits<Received | Refused>(clock);
  /** The names of each session. */
  const members = new Map<number, Set<string>>();
  let memberships = 0;
  let total = 0;

  const settle = (effect: ChannelEffect<Item>): void => {
    if (effect.type === 'sent') waits.settle(effect.id, SENT);
    else if (effect.type === 'end') waits.settle(effect.id, { messages: [], end: true });
    else waits.settle(effect.id, { messages: effect.items.map(({ message }) => message), end: false });
  };

  const open = (name: string): Known => {
    const known = channels.get(name);
    if (known !== undefined) return known;
    const made = { channel: createChannel<Item>(settle), asked: new Set<number>() };
    channels.set(name, made);
    return made;
  };

  /** Whatever is done to a channel is done in here, so that the sum is kept and what is unused is forgotten. */
  const change = (name: string, { channel }: Known, deed: () => void): void => {
    const before = channel.size;
    deed();
    total += channel.size - before;
    const { senders, receivers, waiting } = channel;
    if (senders.size === 0 && receivers.size === 0 && waiting === 0) channels.delete(name);
  };

  const ended = (member: number): void => {
    const names = members.get(member) ?? new Set();
    members.delete(member);
    memberships -= names.size;
    for (const name of names) {
      const known = channels.get(name);
      if (known === undefined) continue;
      change(name, known, () => {
        known.channel.closeReceiver(member);
        known.channel.closeSender(member);
      });
    }
  };

  const join = (name: string, holder: Holder): void => {
    let names = members.get(holder.id);
    if (names === undefined) {
      names = new Set();
      members.set(holder.id, names);
      holder.onEnd(() => ended(holder.id));
    }
    if (!names.has(name)) memberships += 1;
    names.add(name);
  };

  const ask = async (
    name: string,
    asking: MemberAsking,
    begin: (id: number, channel: Channel<Item>) => void,
    left: (id: number, channel: Channel<Item>) => string,
  ): Promise<Received | Refused> => {
    if (asking.holder.hasEnded) return leftBecause('channel', name, 'ended');
    if (waits.count >= MOST_WAITING || memberships >= MOST_NAMES)
      return tooMany('channel', 'channels or requests', MOST_WAITING);
    join(name, asking.holder);
    const known = open(name);
    let asked = 0;
    try {
      return await waits.ask(
        asking,
        (id) => {
          known.asked.add((asked = id));
          change(name, known, () => begin(id, known.channel));
        },
        (id, why) => {
          let details = '';
          change(name, known, () => (details = left(id, known.channel)));
          const { refused: reason } = leftBecause('channel', name, why);
          return refused(reason.code, reason.message + details);
        },
      );
    } finally {
      known.asked.delete(asked);
    }
  };

  return {
    async send(name, messages, asking) {
      const items = messages.map((message): Item => ({ message, size: lengthOf(message) + OVERHEAD }));
      const size = items.reduce((sum, one) => sum + one.size, 0);
      if (total + size > MOST_IN_ALL) return TOO_MANY_MESSAGES;
      return ask(
        name,
        asking,
        (id, channel) => channel.send(id, asking.holder.id, items),
        (id, channel) => {
          const received = items.length - channel.leave(id);
          return `: ${String(received)} of ${String(items.length)} messages were received`;
        },
      );
    },

    async receive(name, { most, broadcast }, asking) {
      const channel = channels.get(name)?.channel;
      if (channel !== undefined && channel.receivers.size > 0 && channel.isBroadcast !== broadcast)
        return otherKind(name, channel.isBroadcast);
      return ask(
        name,
        asking,
        (id, to) => to.receive({ id, member: asking.holder.id, most, mostSize: MOST_ANSWER, broadcast }),
        (id, from) => {
          from.leave(id);
          return '';
        },
      );
    },

    takeBack(name, messages) {
      if (messages.length === 0) return;
      const known = open(name);
      change(name, known, () =>
        known.channel.takeBack(messages.map((message) => ({ message, size: lengthOf(message) + OVERHEAD }))),
      );
    },

    leave(name, end, holder) {
      const known = channels.get(name);
      if (known === undefined) return;
      change(name, known, () => {
        if (end === 'send') known.channel.closeSender(holder.id);
        else known.channel.closeReceiver(holder.id);
      });
    },

    remove(name) {
      const known = channels.get(name);
      if (known === undefined) return refused('unknown-channel', `unknown channel '${name}'`, LIST);
      channels.delete(name);
      total -= known.channel.size;
      for (const id of [...known.asked]) waits.settle(id, removed(name));
      return undefined;
    },

    list: () =>
      [...channels].map(([name, { channel }]) => ({
        ...{ name, senders: channel.senders.size, receivers: channel.receivers.size },
        ...{ broadcast: channel.isBroadcast, waiting: channel.waiting },
      })),
    cancel: (token, holder) => waits.cancel(token, holder),
    close: () => waits.close(SUPERVISOR_ENDS),
  };
}

const lengthOf = (message: ChannelMessage): number =>
  typeof message === 'string' ? message.length : message.base64.length;

const LIST = "list the channels with 'procsup channel ls'";
const TOO_MANY_MESSAGES = refused(
  'channel-too-many',
  `too many messages wait for receivers (the limit is ${String(MOST_IN_ALL / 1024 / 1024)} MiB)`,
);
const removed = (name: string): Refused => refused('gone', `channel '${name}' was removed`);

function otherKind(name: string, isBroadcast: boolean): Refused {
  const message = `the receivers of channel '${name}' ${isBroadcast ? 'broadcast' : 'share its messages'}`;
  return refused('channel-kind', message, 'all receivers of a channel must agree on --broadcast');
}

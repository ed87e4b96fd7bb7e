/** Random stories of one channel, and what must hold in each of them, kept by a book of its own. */
import type { ChannelEffect, createChannel } from '../../../src/core/exchange/channel/channel.ts';
import { seeded } from '../random.ts';

export interface ChannelCore {
  readonly createChannel: typeof createChannel;
}

interface Item {
  readonly size: number;
  readonly send: number;
  readonly member: number;
  readonly seq: number;
}

interface Reader {
  /** Request that waits. */
  ask: number | undefined;
  hadSender: boolean;
  /** The seq after which all messages are for it, if it broadcasts. */
  from: number;
  last: number;
}

export function liveChannel(seed: number, { createChannel }: ChannelCore) {
  const random = seeded(seed);
  const broadcast = random.chance(0.5);
  const violations: string[] = [];
  const counts = { given: 0, sent: 0, ends: 0, back: 0, dropped: 0, waited: 0 };
  const must = (isSo: boolean, what: string): void => {
    if (!isSo) violations.push(what);
  };
  const effects: ChannelEffect<Item>[] = [];
  const channel = createChannel<Item>((effect) => void effects.push(effect));
  const senders = new Set<number>();
  const readers = new Map<number, Reader>();
  /** Of each send that is not answered: its items. */
  const open = new Map<number, readonly Item[]>();
  /** Messages that may yet be given to somebody. */
  let live: Item[] = [];
  const takers = new Map<number, Set<number>>();
  let furthest = -1;
  let lastId = 0;
  let lastSeq = 0;
  let lastMember = 10;

  const isGiven = ({ seq }: Item): boolean => (takers.get(seq)?.size ?? 0) > 0;

  const isFinished = (item: Item): boolean => {
    if (!broadcast) return isGiven(item);
    if (!isGiven(item)) return false;
    return [...readers].every(
      ([member, one]) => item.seq <= one.from || takers.get(item.seq)?.has(member) === true,
    );
  };

  const hear = (): void => {
    for (const effect of effects.splice(0)) {
      if (effect.type === 'sent') {
        const items = open.get(effect.id);
        must(items?.every(isFinished) === true, 'a send is answered before receivers have all of it');
        open.delete(effect.id);
        counts.sent += 1;
        continue;
      }
      const found = [...readers].find(([, { ask }]) => ask === effect.id);
      if (found === undefined) {
        violations.push('one is answered that does not wait');
        continue;
      }
      const [member, reader] = found;
      reader.ask = undefined;
      if (effect.type === 'end') {
        must(
          senders.size === 0 && reader.hadSender,
          'the end is told while there is a sender, or there was none',
        );
        must(!live.some((item) => isFor(member, reader, item)), 'the end is told before all is read');
        reader.hadSender = false;
        counts.ends += 1;
        continue;
      }
      counts.given += 1;
      reader.hadSender = true;
      must(effect.items.length > 0 && effect.items.length <= 3, 'more than it asked for, or nothing');
      for (const item of effect.items) {
        const next = live.find((one) => isFor(member, reader, one));
        must(next?.seq === item.seq, 'not the next one in order');
        takers.set(item.seq, (takers.get(item.seq) ?? new Set()).add(member));
        reader.last = item.seq;
        furthest = Math.max(furthest, item.seq);
      }
      live = live.filter((item) => !isFinished(item));
    }
  };

  const isFor = (member: number, reader: Reader, item: Item): boolean =>
    broadcast ? item.seq > reader.from && takers.get(item.seq)?.has(member) !== true : !isGiven(item);

  /** Nothing may wait that could go on. */
  const check = (): void => {
    hear();
    live = live.filter((item) => !isFinished(item));
    for (const [member, reader] of readers) {
      if (reader.ask === undefined) continue;
      counts.waited += 1;
      must(!live.some((item) => isFor(member, reader, item)), 'a receiver waits beside a message for it');
      must(senders.size > 0 || !reader.hadSender, 'the end is not told');
    }
    for (const [, items] of open) must(!items.every(isFinished), 'a send is not answered');
    must(channel.waiting === live.length, 'messages are lost or kept');
    must(channel.size === live.reduce((sum, { size }) => sum + size, 0), 'the size is wrong');
  };

  const endMember = (member: number): void => {
    for (const [id, items] of [...open]) {
      if (items[0]?.member !== member) continue;
      open.delete(id);
      const lost = items.filter((item) => live.includes(item) && !isGiven(item));
      live = live.filter((item) => !lost.includes(item));
      const dropped = channel.leave(id);
      must(dropped === lost.length, 'what nobody was given does not go with its sender');
      if (dropped > 0) counts.dropped += 1;
      check();
    }
    readers.delete(member);
    channel.closeReceiver(member);
    check();
    senders.delete(member);
    channel.closeSender(member);
    check();
  };

  for (let step = 0; step < 80; step += 1) {
    const act = random.between(1, 12);
    const member = random.between(lastMember - 3, lastMember);
    if (act <= 4) {
      const id = (lastId += 1);
      const items = Array.from({ length: random.between(0, 4) }, () => {
        const item = { size: random.between(1, 5), send: id, member, seq: (lastSeq += 1) };
        return item;
      });
      senders.add(member);
      for (const reader of readers.values()) reader.hadSender = true;
      open.set(id, items);
      live.push(...items);
      channel.send(id, member, items);
    } else if (act <= 9) {
      const known = readers.get(member);
      if (known?.ask !== undefined) {
        channel.leave(known.ask);
        known.ask = undefined;
      } else {
        const reader = known ?? { hadSender: senders.size > 0, from: furthest, last: -1, ask: undefined };
        reader.ask = lastId += 1;
        readers.set(member, reader);
        channel.receive({ id: reader.ask, member, most: 3, mostSize: 1000, broadcast });
      }
    } else if (act === 10) {
      senders.delete(member);
      channel.closeSender(member);
    } else if (act === 11 && !broadcast && lastSeq > 0) {
      const reader = readers.get(member);
      if (reader === undefined || reader.last < 0 || reader.last !== furthest) continue;
      // It was given the latest one, and is gone before it was written.
      const item = { size: 2, send: -1, member: -1, seq: reader.last };
      reader.last = -1;
      readers.delete(member);
      channel.closeReceiver(member);
      takers.delete(item.seq);
      live = [item, ...live];
      channel.takeBack([item]);
      counts.back += 1;
    } else {
      endMember(member);
      lastMember += 1;
    }
    check();
  }
  return { violations, counts };
}

/**
 * One channel, changed in place: messages pass from senders to receivers, in order, and nothing is kept for later.
 *
 * * A send is finished when receivers have been given all of its messages: so senders wait for receivers. One that leaves takes
 *   with it what nobody was given.
 * * Receivers share the messages: each goes to the one that has asked first. Or all are broadcast receivers, and each of them is
 *   given every message that was sent since it came; a message is finished when the slowest has it.
 * * Members are sessions. One is a sender from its first send on, and a receiver from its first request on, until it
 *   closes that end or ends.
 * * A receiver is told the end, once, when it has had a sender, none is left, and all is received. Then it waits for
 *   the next first sender, as before the first one.
 */
export interface Sized {
  readonly size: number;
}

export type ChannelEffect<Item extends Sized> =
  | { readonly type: 'given'; readonly id: number; readonly items: readonly Item[] }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'sent'; readonly id: number };

export interface Channel<Item extends Sized> {
  readonly senders: ReadonlySet<number>;
  readonly receivers: ReadonlyMap<number, unknown>;
  readonly isBroadcast: boolean;
  /** Messages that are not finished, and their sizes together. */
  readonly waiting: number;
  readonly size: number;
  send(id: number, member: number, items: readonly Item[]): void;
  receive(ask: Receive): void;
  /** The request does not wait any longer. Of a send: returns how many of its messages nobody was given. */
  leave(id: number): number;
  closeSender(member: number): void;
  closeReceiver(member: number): void;
  /** They were given to a receiver that was gone: another one gets them. Not for broadcast, where nobody has missed them. */
  takeBack(items: readonly Item[]): void;
}

export interface Receive {
  readonly id: number;
  readonly member: number;
  readonly most: number;
  /** Together, but for the first one. */
  readonly mostSize: number;
  /** Must be `isBroadcast` of the others while there are any. */
  readonly broadcast: boolean;
}

interface Entry<Item> {
  readonly item: Item;
  /** Of the send that is finished with it; none where its sender is gone. */
  send: number | undefined;
}

interface Receiver {
  readonly broadcast: boolean;
  /** Of the log: what it is given next. */
  next: number;
  /** The end is told only to one that has had a sender. */
  hadSender: boolean;
}

export function createChannel<Item extends Sized>(
  tell: (effect: ChannelEffect<Item>) => void,
): Channel<Item> {
  const senders = new Set<number>();
  const receivers = new Map<number, Receiver>();
  const asks = new Map<number, Receive>();
  /** Messages of each send that are not finished. */
  const unfinished = new Map<number, number>();
  let log: Entry<Item>[] = [];
  /** So many at the front of the log were given to a receiver: of broadcast, where others have yet to take them. */
  let given = 0;
  let size = 0;

  const finish = (count: number): void => {
    const done = log.splice(0, count);
    given = Math.max(0, given - count);
    for (const receiver of receivers.values()) receiver.next = Math.max(0, receiver.next - count);
    for (const { item, send } of done) {
      size -= item.size;
      if (send === undefined) continue;
      const left = (unfinished.get(send) ?? 0) - 1;
      if (left > 0) unfinished.set(send, left);
      else {
        unfinished.delete(send);
        tell({ type: 'sent', id: send });
      }
    }
  };

  /** How many of the log from `from` on fit into an answer. */
  const fitting = (from: number, { most, mostSize }: Receive): number => {
    let count = 0;
    let sum = 0;
    for (const { item } of log.slice(from, from + most)) {
      sum += item.size;
      if (count > 0 && sum > mostSize) break;
      count += 1;
    }
    return count;
  };

  const give = (ask: Receive, receiver: Receiver): void => {
    const count = fitting(receiver.next, ask);
    if (count === 0) return;
    const items = log.slice(receiver.next, receiver.next + count).map(({ item }) => item);
    asks.delete(ask.id);
    receiver.hadSender = true;
    tell({ type: 'given', id: ask.id, items });
    if (!receiver.broadcast) return finish(count);
    receiver.next += count;
    given = Math.max(given, receiver.next);
  };

  const pump = (): void => {
    for (const ask of [...asks.values()]) {
      const receiver = receivers.get(ask.member);
      if (receiver !== undefined) give(ask, receiver);
    }
    const taken = [...receivers.values()].map(({ broadcast, next }) => (broadcast ? next : given));
    finish(Math.min(given, ...taken));
    // A request that waits has found nothing to take: so all is received.
    if (senders.size > 0) return;
    for (const { id, member } of [...asks.values()]) {
      const receiver = receivers.get(member);
      if (receiver?.hadSender !== true) continue;
      asks.delete(id);
      receiver.hadSender = false;
      tell({ type: 'end', id });
    }
  };

  return {
    senders,
    receivers,
    get isBroadcast() {
      return [...receivers.values()].some(({ broadcast }) => broadcast);
    },
    get waiting() {
      return log.length;
    },
    get size() {
      return size;
    },

    send(id, member, items) {
      senders.add(member);
      for (const receiver of receivers.values()) receiver.hadSender = true;
      if (items.length === 0) {
        tell({ type: 'sent', id });
        return;
      }
      unfinished.set(id, items.length);
      for (const item of items) {
        size += item.size;
        log.push({ item, send: id });
      }
      pump();
    },

    receive(ask) {
      const { id, member, broadcast } = ask;
      if (!receivers.has(member))
        receivers.set(member, { broadcast, next: given, hadSender: senders.size > 0 });
      asks.set(id, ask);
      pump();
    },

    leave(id) {
      asks.delete(id);
      if (!unfinished.delete(id)) return 0;
      const [kept, dropped]: [Entry<Item>[], Entry<Item>[]] = [[], []];
      // What one broadcast receiver has, the others get as well.
      for (const [at, entry] of log.entries())
        (entry.send === id && at >= given ? dropped : kept).push(entry);
      for (const { item } of dropped) size -= item.size;
      for (const entry of kept) if (entry.send === id) entry.send = undefined;
      log = kept;
      pump();
      return dropped.length;
    },

    closeSender(member) {
      senders.delete(member);
      pump();
    },

    closeReceiver(member) {
      for (const ask of [...asks.values()]) if (ask.member === member) asks.delete(ask.id);
      receivers.delete(member);
      pump();
    },

    takeBack(items) {
      for (const item of items) size += item.size;
      log.splice(given, 0, ...items.map((item) => ({ item, send: undefined })));
      pump();
    },
  };
}

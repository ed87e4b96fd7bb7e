/**
 * Caps and locks that several runs of tasks share. What all hold never exceeds a limit; those that wait are served in their order,
 * as by a supervisor: what lacks a cap keeps that cap from all that came later, and no other.
 */
import type { Use } from './resources.ts';

export interface Share {
  /** Unique. */
  readonly id: string;
  /** When it began to wait: milliseconds since 1970. */
  readonly sinceMs: number;
  readonly uses: readonly Use[];
  /** Else it waits. */
  readonly holds: boolean;
}

export interface Lack<Other extends Share> {
  readonly key: string;
  /** One of those that hold it, or wait before us; undefined: nobody, the limit is too low. */
  readonly by: Other | undefined;
}

/** What `own` has to wait for; undefined: nothing. Others that hold something and it together stay within all limits then. */
export function lackOf<Other extends Share>(
  own: Share,
  others: readonly Other[],
  limitOf: (key: string) => number,
): Lack<Other> | undefined {
  const held = others.filter(({ holds }) => holds);
  const before = others.filter((other) => !other.holds && comesBefore(other, own)).sort(inOrder);
  const used = new Map<string, number>();
  const add = ({ uses }: Share): void => {
    for (const { key, amount } of uses) used.set(key, (used.get(key) ?? 0) + amount);
  };
  const lacked = new Set<string>();
  const lacks = ({ uses }: Share): readonly string[] =>
    uses
      .filter(({ key, amount }) => lacked.has(key) || (used.get(key) ?? 0) + amount > limitOf(key))
      .map(({ key }) => key);
  held.forEach(add);
  for (const other of before) {
    const short = lacks(other);
    // It is about to take what it uses.
    if (short.length === 0) add(other);
    for (const key of short) lacked.add(key);
  }
  const [key] = lacks(own);
  return key === undefined ? undefined : { key, by: [...held, ...before].find((one) => isUser(one, key)) };
}

/** Whether all that hold something stay within the limits together with `own`, which is told by nothing but what is held. */
export function exceeds(own: Share, others: readonly Share[], limitOf: (key: string) => number): boolean {
  const held = others.filter(({ holds }) => holds);
  return own.uses.some(
    ({ key, amount }) => held.reduce((sum, other) => sum + amountOf(other, key), amount) > limitOf(key),
  );
}

const amountOf = ({ uses }: Share, key: string): number =>
  uses.reduce((sum, use) => sum + (use.key === key ? use.amount : 0), 0);

const isUser = (share: Share, key: string): boolean => amountOf(share, key) > 0;

const inOrder = (one: Share, other: Share): number => (comesBefore(one, other) ? -1 : 1);

const comesBefore = (one: Share, other: Share): boolean =>
  one.sinceMs === other.sinceMs ? one.id < other.id : one.sinceMs < other.sinceMs;

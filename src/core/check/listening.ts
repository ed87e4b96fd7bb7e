/**
 * Which of the sockets that a tree listens on make it ready.
 *
 * Some programs (vite, parcel, storybook, nuxt) open a socket on their port to see whether it is free, close it, and open
 * the real one up to 8 s later. So a socket counts when the same one is seen in two looks at least SETTLED_MS apart; those
 * of the tests lived 54 ms at most. Helpers of some programs listen on ports that the kernel has chosen, and debuggers on
 * 9229 and above: these never count, unless the user has named them.
 */
import type { ListeningSocket } from './answer.ts';

export interface PortRules {
  /** That of the check: it alone counts. */
  readonly named: number | undefined;
  /** The PORT that it was given: if it listens there, nothing else counts. */
  readonly given: number;
  /** `ports` of procsup.yaml: as `given`. */
  readonly declared: readonly number[];
  /** The first and the last port that the kernel chooses by itself. */
  readonly ephemeral: readonly [number, number];
}

/** By inode: when it was first seen. */
export type Seen = ReadonlyMap<string, number>;

export interface ListeningVerdict {
  readonly holds: boolean;
  /** Of those that count. */
  readonly seen: Seen;
  /** When the first of them will have been there for long enough. */
  readonly againMs?: number;
  readonly words: string;
}

export const SETTLED_MS = 250;
const INSPECTOR: readonly [number, number] = [9229, 9239];

export function countingSockets(
  sockets: readonly ListeningSocket[],
  { named, given, declared, ephemeral }: PortRules,
): readonly ListeningSocket[] {
  if (named !== undefined) return sockets.filter(({ port }) => port === named);
  const wanted = sockets.filter(({ port }) => port === given || declared.includes(port));
  if (wanted.length > 0) return wanted;
  return sockets.filter(({ port }) => !isWithin(port, ephemeral) && !isWithin(port, INSPECTOR));
}

const isWithin = (port: number, [low, high]: readonly [number, number]): boolean =>
  port >= low && port <= high;

export function judgeListening(
  sockets: readonly ListeningSocket[] | null,
  rules: PortRules,
  before: Seen,
  nowMs: number,
): ListeningVerdict {
  if (sockets === null) return { holds: false, seen: before, words: 'its sockets cannot be looked at' };
  const counting = countingSockets(sockets, rules);
  const seen = new Map(counting.map(({ inode }) => [inode, before.get(inode) ?? nowMs]));
  const sinceMs = Math.min(...seen.values());
  if (nowMs - sinceMs >= SETTLED_MS) return { holds: true, seen, words: '' };
  const againMs = seen.size === 0 ? undefined : sinceMs + SETTLED_MS - nowMs;
  return {
    holds: false,
    seen,
    ...(againMs !== undefined && { againMs }),
    words: wordsFor(sockets, counting, rules),
  };
}

function wordsFor(
  all: readonly ListeningSocket[],
  counting: readonly ListeningSocket[],
  { named, given }: PortRules,
): string {
  const port = String(named ?? given);
  if (counting.length > 0) return `has just begun to listen on ${portsText(counting)}`;
  return all.length === 0
    ? `not listening on ${port}`
    : `not listening on ${port} (listening on ${portsText(all)})`;
}

const portsText = (sockets: readonly ListeningSocket[]): string =>
  [...new Set(sockets.map(({ port }) => port))].sort((a, b) => a - b).join(', ');

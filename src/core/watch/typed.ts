/** What is typed at a foreground `start` that watches files: `rs` restarts by hand, `rs web` restarts web. */
import type { Event } from '../events.ts';
import type { Member } from '../fleet/member.ts';

export interface Typed {
  readonly lines: readonly string[];
  /** Of a line that goes on. */
  readonly rest: string;
}

/** A longer one is no command. */
const MOST_CHARACTERS = 1000;

export function typedLines(before: string, text: string): Typed {
  const parts = (before + text).split(/\r\n|[\r\n]/);
  const rest = parts.pop() ?? '';
  return { lines: parts, rest: rest.slice(0, MOST_CHARACTERS) };
}

/** The names after `rs`. Undefined: it is something else, such as an empty line to part the output. */
export function namesTyped(line: string): readonly string[] | undefined {
  const [command, ...names] = line.trim().split(/\s+/);
  return command === 'rs' ? names : undefined;
}

/** What it restarts or starts because of a change or on request. A later one takes its place. */
export function namedBy(event: Event): readonly string[] | undefined {
  if (event.type !== 'requested' || event.verb === 'stop') return undefined;
  return event.cause.by === 'watch' || event.cause.by === 'request' ? event.names : undefined;
}

/**
 * What `rs` alone restarts: what was named last, as far as it is still there; before that everything that is watched and has
 * not been stopped.
 */
export function restartedByHand(
  lastNamed: readonly string[],
  watched: readonly string[],
  memberOf: (name: string) => Member | undefined,
): readonly string[] {
  const there = lastNamed.filter((name) => isThere(memberOf(name)));
  return there.length > 0 ? there : watched.filter((name) => isUp(memberOf(name)));
}

const isThere = (member: Member | undefined): member is Member => member !== undefined && !member.departing;

const isUp = (member: Member | undefined): boolean => isThere(member) && member.goal === 'up';

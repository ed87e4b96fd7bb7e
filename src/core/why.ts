/** Which of the events about an instance made it what it is now: what `why` answers. */
import type { Event, EventOf, EventType } from './events.ts';
import type { PublicState } from './snapshot.ts';

/**
 * What an event says about the state of an instance that it is about. `raises`, `lowers`: it is to run, or to be down,
 * from now on. `fails`: it will not run any more. `hits`: a signal was sent to it. These four may decide a state.
 */
type Deciding = 'raises' | 'lowers' | 'fails' | 'hits';

/** `begins`: a run has begun. `tells`: it is only listed. */
type Role = Deciding | 'begins' | 'tells';

/** A member without a place here does not compile. */
const ROLES = {
  started: 'begins',
  refused: 'tells',
  exited: 'tells',
  ready: 'tells',
  unready: 'tells',
  'not-ready-yet': 'tells',
  unhealthy: 'tells',
  healthy: 'tells',
  'over-limit': 'tells',
  'limit-kept': 'tells',
  'out-of-memory': 'tells',
  'within-limit': 'tells',
  drawing: 'tells',
  'stdin-was-empty': 'tells',
  'pool-failed': 'tells',
  'hook-failed': 'tells',
  'awaits-change': 'tells',
  'watch-command': 'tells',
  'watch-failed': 'tells',
  'watch-loop': 'tells',
  'watch-limited': 'tells',
  'watch-unavailable': 'tells',
  'schedule-skipped': 'tells',
  'schedule-queued': 'tells',
  'schedule-missed': 'tells',
  'schedules-unavailable': 'tells',
  'limits-unavailable': 'tells',
  'limits-not-enforced': 'tells',
  clearing: 'tells',
  daemonized: 'tells',
  killing: 'tells',
  rolling: 'tells',
  replaced: 'tells',
  'roll-failed': 'tells',
  restarting: 'raises',
  'gave-up': 'fails',
  doomed: 'fails',
  waiting: 'tells',
  needed: 'raises',
  followed: ({ how }) => (how === 'stop' ? 'lowers' : 'raises'),
  unkillable: 'fails',
  requested: ({ verb }) => (verb === 'stop' ? 'lowers' : 'raises'),
  signalled: 'hits',
  scaled: 'tells',
  reloaded: 'tells',
  'memory-created': 'tells',
  'memory-removed': 'tells',
  closing: 'lowers',
  interrupted: 'tells',
  hurried: 'tells',
  'previous-ended': 'tells',
  'strays-stopped': 'tells',
  'strays-left': 'tells',
  'strays-unknown': 'tells',
  'lock-renewed': 'tells',
  'directory-unsafe': 'tells',
  'control-unavailable': 'tells',
  'output-stuck': 'tells',
  'logs-lost': 'tells',
  'logs-recovered': 'tells',
  'guardian-lost': 'tells',
  'port-taken': 'tells',
  'socket-remark': 'tells',
  'orphans-unreaped': 'tells',
  ...({ 'message-dead': 'tells', 'messages-dead': 'tells', 'queue-paused': 'tells' } as const),
  ...({ 'queue-resumed': 'tells', 'queue-removed': 'tells', 'queue-drained': 'tells' } as const),
  ...({ 'lock-abandoned': 'tells', 'locks-abandoned': 'tells', 'store-remark': 'tells' } as const),
  ...({ 'store-full': 'tells', 'store-recovered': 'tells' } as const),
} as const satisfies { readonly [Type in EventType]: Role | ((event: EventOf<Type>) => Role) };

/** Those that can be the reason for a state. */
export type DecidingEvent = EventOf<
  { [Type in EventType]: (typeof ROLES)[Type] extends 'begins' | 'tells' ? never : Type }[EventType]
>;

/** An event with whatever else is known of it: its time, its number. */
interface Entry {
  readonly event: Event;
}

/** An entry whose event has decided a state. */
type Reason<E extends Entry> = E & { readonly event: DecidingEvent };

/**
 * `entries` are those about one instance, oldest first. Undefined where none that is still known has decided its state,
 * or where its last exit says all there is to say.
 */
export function reasonFor<E extends Entry>(state: PublicState, entries: readonly E[]): Reason<E> | undefined {
  switch (state) {
    case 'running':
      // What was asked for after its start did not start it.
      return raised(upTo(withoutFailedRuns(entries), 'started'));
    case 'waiting':
    case 'starting':
      return raised(entries);
    case 'stopping':
    case 'stopped':
      // The first: it was down, or on its way down, when the others came.
      return after(entries, isUpward).find((entry) => isDeciding(entry, 'lowers'));
    case 'failed':
      return after(entries, isUpward).find((entry) => isDeciding(entry, 'fails')) ?? hit(entries);
    case 'backoff':
    case 'exited':
      return hit(entries);
  }
}

/** Without the starts of runs that were to replace one and failed: that one runs on. */
function withoutFailedRuns<E extends Entry>(entries: readonly E[]): readonly E[] {
  const failed = new Set(entries.map(({ event }) => (event.type === 'roll-failed' ? event.run : 0)));
  return entries.filter(({ event }) => event.type !== 'started' || !failed.has(event.run));
}

function roleOf(event: Event): Role {
  const role: Role | ((event: never) => Role) = ROLES[event.type];
  return typeof role === 'string' ? role : role(event as never);
}

function isDeciding<E extends Entry>(entry: E, role: Deciding): entry is Reason<E> {
  return roleOf(entry.event) === role;
}

function isUpward({ event }: Entry): boolean {
  return ['begins', 'raises'].includes(roleOf(event));
}

function raised<E extends Entry>(entries: readonly E[]): Reason<E> | undefined {
  return entries.findLast((entry) => isDeciding(entry, 'raises'));
}

/** The signal that ended the last run, if it was sent on request. */
function hit<E extends Entry>(entries: readonly E[]): Reason<E> | undefined {
  const lastRun = after(entries, ({ event }) => event.type === 'started');
  const untilEnd = upTo(lastRun, 'exited');
  const end = lastRun[untilEnd.length]?.event;
  if (end?.type !== 'exited' || end.exit.by !== 'signal') return undefined;
  const { signal } = end.exit;
  const isIt = ({ event }: Entry): boolean => event.type === 'signalled' && event.signal === signal;
  return untilEnd.filter((entry) => isDeciding(entry, 'hits')).findLast(isIt);
}

/** What came after the last that is so. */
function after<E extends Entry>(entries: readonly E[], isSo: (entry: E) => boolean): readonly E[] {
  return entries.slice(entries.findLastIndex(isSo) + 1);
}

/** What came before the last event of this type; nothing where there is none. */
function upTo<E extends Entry>(entries: readonly E[], type: EventType): readonly E[] {
  return entries.slice(
    0,
    Math.max(
      0,
      entries.findLastIndex(({ event }) => event.type === type),
    ),
  );
}

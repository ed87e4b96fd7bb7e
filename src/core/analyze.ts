/**
 * What `analyze` answers: the last start of an application from its events, as who waited for whom and how long each took.
 *
 * A start is a request to start or restart, with what it brought along: what was needed, and what follows a restart. It ends
 * for an instance when that is ready, has succeeded or has failed for good, or with the next request about it. A later crash
 * is not part of it.
 */
import type { Event, EventOf } from './events.ts';
import type { MemberSpec } from './fleet/spec.ts';
import type { Need } from './plan/process-plan.ts';
import { isFailure } from './process/exit.ts';

/** An event with its number and its time. */
export interface TimedEvent {
  readonly seq: number;
  /** Unix time in milliseconds. */
  readonly wallMs: number;
  readonly event: Event;
}

export type Analyzed = Pick<MemberSpec, 'name' | 'process' | 'needs' | 'readiness'>;

/** `waiting`, `starting`: it goes on. `stopped`: it was stopped on request before it was ready. */
export type StartEnd = 'waiting' | 'starting' | 'ready' | 'succeeded' | 'ended' | 'failed' | 'stopped';

/** All times are milliseconds since the request. */
export interface AnalyzedInstance {
  readonly name: string;
  readonly end: StartEnd;
  /** When it began to wait for its needs; null: it did not. */
  readonly waitingMs: number | null;
  /** Of its first run; null: there was none. */
  readonly startedMs: number | null;
  /** When it was ready, or has ended, for good; null: it goes on. */
  readonly endMs: number | null;
  /** The need that held it up last, by the instance of that; null: none did. */
  readonly after: { readonly name: string; readonly until: Need['until'] } | null;
  /** How long it waited for its needs. */
  readonly waitedMs: number;
  /** From the end of that wait, or of its earlier run, to its own end; null where it has not been started. */
  readonly tookMs: number | null;
  /** How many runs ended before it was ready. */
  readonly failedRuns: number;
  readonly isCritical: boolean;
}

export interface StartAnalysis {
  readonly verb: 'start' | 'restart';
  /** When it was requested: Unix time. */
  readonly sinceMs: number;
  /** Null: it goes on. */
  readonly tookMs: number | null;
  /** What decided how long it took, the first first: each waited for the one before. */
  readonly chain: readonly string[];
  /** What waited follows what it waited for. */
  readonly instances: readonly AnalyzedInstance[];
}

type Request = EventOf<'requested'>;

/**
 * `events` in any order; `names`: only the last start that these took part in, and of it only these with what they waited
 * for. `nowMs` is Unix time. Undefined: no start is known.
 */
export function analyzeStart(
  events: readonly TimedEvent[],
  members: readonly Analyzed[],
  nowMs: number,
  names?: readonly string[],
): StartAnalysis | undefined {
  const sorted = [...events].sort((a, b) => a.seq - b.seq);
  for (let at = sorted.length - 1; at >= 0; at -= 1) {
    const { event } = sorted[at] ?? {};
    if (event === undefined || !isStart(event)) continue;
    const found = analyzeRequest(sorted.slice(at), event, members, nowMs, names);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What its schedule starts is not the start of an application. */
const isStart = (event: Event): event is Request & { readonly verb: 'start' | 'restart' } =>
  event.type === 'requested' && event.verb !== 'stop' && !['schedule', 'watch'].includes(event.cause.by);

/** Of an instance, as its events tell it. */
interface Story {
  readonly member: Analyzed;
  end: StartEnd;
  waitingMs: number | null;
  startedMs: number | null;
  /** When its earlier run had ended, in a restart. */
  clearMs: number;
  endMs: number | null;
  failedRuns: number;
  isOver: boolean;
}

function analyzeRequest(
  entries: readonly TimedEvent[],
  request: Request & { readonly verb: 'start' | 'restart' },
  members: readonly Analyzed[],
  nowMs: number,
  names: readonly string[] | undefined,
): StartAnalysis | undefined {
  const sinceMs = entries[0]?.wallMs ?? 0;
  const taking = takingPart(entries, request);
  const stories = members
    .filter(({ name }) => taking.has(name))
    .map((member) => storyOf(member, entries, request.verb))
    .filter(hasBegun);
  const rows = rowsOf(stories, nowMs - sinceMs);
  const shown = names === undefined ? rows : withAncestors(rows, names);
  if (shown.length === 0 || (names !== undefined && !shown.some(({ name }) => names.includes(name))))
    return undefined;
  const chain = criticalChain(shown);
  const isOpen = shown.some(({ endMs }) => endMs === null);
  const last = Math.max(...shown.map(({ endMs }) => endMs ?? 0));
  return {
    ...{ verb: request.verb, sinceMs, tookMs: isOpen ? null : last, chain },
    instances: inTreeOrder(shown).map((row) => ({ ...row, isCritical: chain.includes(row.name) })),
  };
}

/** Those that are named, and those that it brings along: they are told in the same step, before anything happens. */
function takingPart(entries: readonly TimedEvent[], request: Request): ReadonlySet<string> {
  const names = new Set(request.names);
  for (const { event } of entries.slice(1)) {
    if (event.type === 'started' || event.type === 'exited' || event.type === 'requested') break;
    if (event.type === 'needed' || (event.type === 'followed' && event.how === 'restart'))
      names.add(event.name);
  }
  return names;
}

/** What ran already, or was about to, did not take part. */
const hasBegun = ({ waitingMs, startedMs, end }: Story): boolean =>
  waitingMs !== null || startedMs !== null || end === 'failed';

function storyOf(member: Analyzed, entries: readonly TimedEvent[], verb: 'start' | 'restart'): Story {
  const story: Story = {
    ...{ member, end: 'starting', waitingMs: null, startedMs: null, clearMs: 0, endMs: null },
    ...{ failedRuns: 0, isOver: false },
  };
  const sinceMs = entries[0]?.wallMs ?? 0;
  for (const { event, wallMs } of entries.slice(1)) {
    if (story.isOver) break;
    // A clock that is put back must not make a time negative.
    const ms = Math.max(0, wallMs - sinceMs);
    if ('name' in event && event.name === member.name) tell(story, event, ms, verb);
    else if (endsStart(story, event)) {
      story.isOver = true;
      if (story.endMs === null) Object.assign(story, { end: 'stopped', endMs: ms });
    }
  }
  return story;
}

/** A further request to start what is being started changes nothing. */
function endsStart({ member, endMs }: Story, event: Event): boolean {
  if (event.type === 'closing') return true;
  if (event.type !== 'requested' || !event.names.includes(member.name)) return false;
  return event.verb !== 'start' || endMs !== null;
}

function tell(story: Story, event: Event, at: number, verb: 'start' | 'restart'): void {
  const settle = (end: StartEnd, isOver = true): void =>
    void Object.assign(story, { end, endMs: at, isOver });
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the other events are not about its start
  switch (event.type) {
    case 'waiting':
      story.end = 'waiting';
      story.waitingMs ??= at;
      return;
    case 'started':
      story.startedMs ??= at;
      Object.assign(story, { end: 'starting', endMs: null });
      return story.member.readiness === 'started' ? settle('ready') : undefined;
    case 'ready':
      return settle('ready');
    case 'exited':
      // Its earlier run: one that ended by itself has nothing to do with a request to start.
      if (story.startedMs === null) {
        story.isOver = verb === 'start' && !event.asked;
        return void (story.clearMs = at);
      }
      if (story.member.readiness === 'ended' && !isFailure(event.exit)) return settle('succeeded');
      story.failedRuns += 1;
      // Its policy may bring it back.
      return settle(isFailure(event.exit) ? 'failed' : 'ended', false);
    case 'refused':
      story.failedRuns += 1;
      return settle('failed', false);
    case 'restarting':
      return void Object.assign(story, { end: 'starting', endMs: null });
    case 'doomed':
    case 'gave-up':
    case 'unkillable':
      return settle('failed');
  }
}

function rowsOf(stories: readonly Story[], nowMs: number): readonly AnalyzedInstance[] {
  const byProcess = grouped(stories, ({ member }) => member.process);
  return stories.map((story) => {
    const { waitingMs, startedMs, endMs, clearMs, failedRuns, end } = story;
    const last = waitingMs === null ? undefined : lastNeed(story, byProcess);
    const untilMs = Math.min(last?.ms ?? 0, startedMs ?? endMs ?? nowMs);
    const waitedMs = waitingMs === null || last === undefined ? 0 : Math.max(0, untilMs - waitingMs);
    const beginMs = Math.max(clearMs, waitedMs > 0 ? untilMs : 0);
    return {
      ...{ name: story.member.name, end, waitingMs, startedMs, endMs, failedRuns, waitedMs },
      after: waitedMs > 0 && last !== undefined ? { name: last.name, until: last.until } : null,
      tookMs: startedMs === null && end !== 'failed' ? null : Math.max(0, (endMs ?? nowMs) - beginMs),
      isCritical: false,
    };
  });
}

/** The need that was met last, or is not met yet. */
function lastNeed(
  { member }: Story,
  byProcess: ReadonlyMap<string, readonly Story[]>,
): { readonly name: string; readonly until: Need['until']; readonly ms: number } | undefined {
  const moments = member.needs.flatMap(({ process, until }) =>
    (byProcess.get(process) ?? []).map((need) => ({ name: need.member.name, until, ms: metMs(need, until) })),
  );
  return moments.reduce<(typeof moments)[number] | undefined>(
    (last, one) => (last === undefined || one.ms > last.ms ? one : last),
    undefined,
  );
}

const metMs = ({ startedMs, endMs }: Story, until: Need['until']): number =>
  (until === 'started' ? startedMs : null) ?? endMs ?? Infinity;

/** These, and what held them up, and what held that up. */
function withAncestors(
  rows: readonly AnalyzedInstance[],
  names: readonly string[],
): readonly AnalyzedInstance[] {
  const kept = new Set(names.flatMap((name) => chainTo(rows, name)));
  return rows.filter(({ name }) => kept.has(name));
}

function chainTo(rows: readonly AnalyzedInstance[], name: string): readonly string[] {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const chain: string[] = [];
  for (let row = byName.get(name); row !== undefined; row = byName.get(row.after?.name ?? ''))
    chain.unshift(row.name);
  return chain;
}

/** Up to the one that was last, or that still is not there. */
function criticalChain(rows: readonly AnalyzedInstance[]): readonly string[] {
  const endOf = ({ endMs }: AnalyzedInstance): number => endMs ?? Infinity;
  const last = Math.max(...rows.map(endOf));
  const chains = rows.filter((row) => endOf(row) === last).map(({ name }) => chainTo(rows, name));
  return chains.reduce((longest, chain) => (chain.length > longest.length ? chain : longest));
}

function inTreeOrder(rows: readonly AnalyzedInstance[]): readonly AnalyzedInstance[] {
  const byParent = grouped(rows, ({ after }) => after?.name);
  const ordered: AnalyzedInstance[] = [];
  const add = (row: AnalyzedInstance): void => {
    ordered.push(row);
    byParent.get(row.name)?.forEach(add);
  };
  byParent.get(undefined)?.forEach(add);
  return ordered;
}

function grouped<K, T>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

/**
 * When the changes of files lead to an action. One state for each process that is watched.
 *
 * Changes are gathered until it has been quiet for the debounce. Then the files are looked at, and those count whose content
 * differs from what was known before the first change. So what a run has found at its start is what counts: changes from before
 * a run are forgotten when it begins. Where files go on changing, or git is at work, the next look comes later; each wait has an
 * end.
 */
import { isChanged, type Content } from './content.ts';

export interface WatchRule {
  readonly debounceMs: number;
}

export interface WatchState {
  /** By path: what was known of it before it changed. */
  readonly pending: ReadonlyMap<string, Content>;
  /** When the first and the last of them came; null: nothing is gathered, though some may be held. */
  readonly sinceMs: number | null;
  readonly lastMs: number;
  /** When git was seen at work last. What has been put off for git begins to settle then. */
  readonly gitMs: number | null;
  /** The number of the last look. */
  readonly look: number;
  readonly isLooking: boolean;
  /** Something has come since the look began. */
  readonly isStale: boolean;
  /** Start of the latest run, or the latest action. */
  readonly calmSinceMs: number;
  /** The files of the latest actions that came soon after a start, one after the other. */
  readonly soon: readonly (readonly string[])[];
  /** Files that the process seems to write itself, and when each changed last. */
  readonly suspects: ReadonlyMap<string, number>;
}

export type WatchEvent =
  /** `before`: what was known of each path. */
  | { readonly type: 'changed'; readonly before: ReadonlyMap<string, Content> }
  | { readonly type: 'time' }
  | {
      readonly type: 'looked';
      readonly look: number;
      readonly now: ReadonlyMap<string, Content>;
      /** A file was being written during the look. */
      readonly isMoving: boolean;
      /** A checkout or rebase is in progress. */
      readonly isGitBusy: boolean;
      /** Those of which the watched directory itself is gone: they are held until it is back. */
      readonly away: ReadonlySet<string>;
      /** Those that the repository ignores. */
      readonly ignored: ReadonlySet<string>;
    }
  /** A run has begun, and no other run of the process lives. */
  | { readonly type: 'began' };

export type WatchEffect =
  /** Instead of the last. */
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'look'; readonly look: number; readonly paths: readonly string[] }
  /** Their content is to be known, and nothing else follows. */
  | { readonly type: 'learn'; readonly paths: readonly string[] }
  /** `isUnsettled`: they went on changing for too long. */
  | { readonly type: 'act'; readonly files: readonly string[]; readonly isUnsettled: boolean }
  /** The process seems to write these itself: nothing is done for them. */
  | { readonly type: 'loop'; readonly files: readonly string[] };

export interface WatchStep {
  readonly state: WatchState;
  readonly effects: readonly WatchEffect[];
}

/** The longest time for which changes without a pause put off the action, and that for which git does. */
export const LONGEST_MS = 5_000;
export const LONGEST_GIT_MS = 30_000;
/** So soon after a start a change may be made by the process. A suspect that was quiet for so long counts again. */
export const SOON_MS = 5_000;
const MOST_SOON = 3;
/** Between two looks at files that are being written, and at a git that is at work. */
const LOOK_AGAIN_MS = 50;
/** For each file: a look at thousands takes long. */
const LOOK_AGAIN_MS_EACH = 0.05;

export const newWatch = (nowMs: number): WatchState => ({
  ...{
    pending: new Map(),
    sinceMs: null,
    lastMs: nowMs,
    gitMs: null,
    look: 0,
    isLooking: false,
    isStale: false,
  },
  ...{ calmSinceMs: nowMs, soon: [], suspects: new Map() },
});

export function stepWatch(state: WatchState, event: WatchEvent, rule: WatchRule, nowMs: number): WatchStep {
  switch (event.type) {
    case 'changed':
      return onChanged(state, event.before, rule, nowMs);
    case 'time':
      return onTime(state, rule, nowMs);
    case 'looked':
      return onLooked(state, event, rule, nowMs);
    case 'began':
      return onBegan(state, nowMs);
  }
}

function onChanged(
  given: WatchState,
  before: ReadonlyMap<string, Content>,
  rule: WatchRule,
  nowMs: number,
): WatchStep {
  const { state, counted } = withoutSuspects(given, [...before.keys()], nowMs);
  if (counted.length === 0) return still(state);
  const news = counted.filter((path) => !state.pending.has(path));
  const pending =
    news.length === 0
      ? state.pending
      : new Map([...state.pending, ...news.map((path) => [path, before.get(path) ?? 'missing'] as const)]);
  const gathered = { ...state, pending, sinceMs: state.sinceMs ?? nowMs, lastMs: nowMs };
  return state.isLooking ? still({ ...gathered, isStale: true }) : wait(gathered, rule, nowMs);
}

/** A suspect counts again when both it and the start of its process lie some time back. */
function withoutSuspects(
  state: WatchState,
  paths: readonly string[],
  nowMs: number,
): { readonly state: WatchState; readonly counted: readonly string[] } {
  if (!paths.some((path) => state.suspects.has(path))) return { state, counted: paths };
  const suspects = new Map(state.suspects);
  const counted = paths.filter((path) => {
    const last = suspects.get(path);
    if (last === undefined) return true;
    const isQuiet = nowMs - Math.max(last, state.calmSinceMs) >= SOON_MS;
    if (isQuiet) suspects.delete(path);
    else suspects.set(path, nowMs);
    return isQuiet;
  });
  return { state: { ...state, suspects }, counted };
}

function onTime(state: WatchState, rule: WatchRule, nowMs: number): WatchStep {
  if (state.sinceMs === null || state.isLooking) return still(state);
  if (nowMs < dueAt(state, rule)) return wait(state, rule, nowMs);
  const look = state.look + 1;
  const looking = { ...state, look, isLooking: true, isStale: false };
  return { state: looking, effects: [{ type: 'look', look, paths: [...state.pending.keys()] }] };
}

function onLooked(
  state: WatchState,
  { look, now, isMoving, isGitBusy, away, ignored }: Extract<WatchEvent, { type: 'looked' }>,
  rule: WatchRule,
  nowMs: number,
): WatchStep {
  if (look !== state.look || !state.isLooking || state.sinceMs === null) return still(state);
  const isForGit = isGitBusy && nowMs - state.sinceMs < LONGEST_GIT_MS;
  const looked = {
    ...{ ...state, isLooking: false, isStale: false },
    gitMs: isForGit ? nowMs : state.gitMs,
  };
  if (isForGit) return again(looked, LOOK_AGAIN_MS + state.pending.size * LOOK_AGAIN_MS_EACH);
  const isUnsettled = state.isStale || isMoving || nowMs < state.lastMs + rule.debounceMs;
  if (isUnsettled && nowMs - settlingSince(state.sinceMs, state) < LONGEST_MS)
    return state.isStale ? wait(looked, rule, nowMs) : again(looked, LOOK_AGAIN_MS);
  const held = new Map([...state.pending].filter(([path]) => away.has(path)));
  const files = [...state.pending]
    .filter(([path]) => !away.has(path) && !ignored.has(path))
    .filter(([path, before]) => isChanged(before, now.get(path) ?? 'missing'))
    .map(([path]) => path)
    .sort();
  const settled = { ...looked, pending: held, sinceMs: null, gitMs: null };
  return files.length === 0 ? still(settled) : act(settled, files, isUnsettled, state.sinceMs, nowMs);
}

function act(
  state: WatchState,
  files: readonly string[],
  isUnsettled: boolean,
  sinceMs: number,
  nowMs: number,
): WatchStep {
  const isSoon = sinceMs - state.calmSinceMs <= SOON_MS;
  const soon = isSoon ? state.soon : [];
  const own =
    soon.length < MOST_SOON ? [] : files.filter((file) => soon.every((some) => some.includes(file)));
  const rest = own.length === 0 ? files : files.filter((file) => !own.includes(file));
  const suspects =
    own.length === 0
      ? state.suspects
      : new Map([...state.suspects, ...own.map((file) => [file, nowMs] as const)]);
  const told: readonly WatchEffect[] = own.length === 0 ? [] : [{ type: 'loop', files: own }];
  if (rest.length === 0) return { state: { ...state, suspects, soon }, effects: told };
  return {
    state: {
      ...{ ...state, suspects, calmSinceMs: nowMs },
      soon: isSoon || soon.length > 0 ? [...soon, rest].slice(-MOST_SOON) : [],
    },
    effects: [...told, { type: 'act', files: rest, isUnsettled }],
  };
}

/** The run has found everything as it is now: only what comes after this counts. */
function onBegan(state: WatchState, nowMs: number): WatchStep {
  const begun = { ...state, calmSinceMs: nowMs };
  // Nobody has looked at what suspects have become since.
  const paths = [...new Set([...state.pending.keys(), ...state.suspects.keys()])];
  if (paths.length === 0) return still(begun);
  return {
    state: { ...begun, pending: new Map(), sinceMs: null, gitMs: null, isLooking: false, isStale: false },
    effects: [{ type: 'learn', paths }],
  };
}

const still = (state: WatchState): WatchStep => ({ state, effects: [] });

const again = (state: WatchState, ms: number): WatchStep => ({ state, effects: [{ type: 'wait', ms }] });

const wait = (state: WatchState, rule: WatchRule, nowMs: number): WatchStep =>
  again(state, Math.max(0, dueAt(state, rule) - nowMs));

/** Quiet for the debounce, or gathered for too long. */
const dueAt = (state: WatchState, { debounceMs }: WatchRule): number =>
  Math.min(
    state.lastMs + debounceMs,
    settlingSince(state.sinceMs ?? state.lastMs, state) + Math.max(LONGEST_MS, debounceMs),
  );

const settlingSince = (sinceMs: number, { gitMs }: WatchState): number => Math.max(sinceMs, gitMs ?? sinceMs);

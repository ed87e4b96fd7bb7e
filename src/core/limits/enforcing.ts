/**
 * Limits that the kernel keeps by a control group: which way there is to one, and what is written there. The kernel counts
 * each thread as a process.
 */
import { quoteWord } from '../shell/words.ts';
import type { WatchedKind, WatchedLimit } from './limits.ts';

export type Controller = 'memory' | 'cpu' | 'pids';

const CONTROLLERS: Readonly<Record<WatchedKind, Controller>> = {
  memory: 'memory',
  cpu: 'cpu',
  processes: 'pids',
};

export const controllersFor = (limits: readonly WatchedLimit[]): readonly Controller[] => [
  ...new Set(limits.map(({ kind }) => CONTROLLERS[kind])),
];

/** Our own control group of cgroup v2. */
export interface OwnGroup {
  readonly directory: string;
  /** What it may pass on to groups below it. */
  readonly controllers: readonly string[];
  /** We may make groups in it. */
  readonly isOurs: boolean;
  /** The root of the whole machine, which may have processes beside groups with limits. */
  readonly isRoot: boolean;
  /** It has processes that are none of ours: they would have to leave it before it can have groups with limits. */
  readonly hasStrangers: boolean;
}

/** `null`: there is none. */
export type Facts = {
  readonly group: OwnGroup | null;
  readonly scopes: 'available' | { readonly why: string };
};

/** `group`: groups of our own below ours. `scope`: systemd makes one for each run. */
export type Way = { readonly by: 'group' | 'scope' } | { readonly by: 'none'; readonly why: string };

export function wayTo(needed: readonly Controller[], { group, scopes }: Facts): Way {
  const why = groupRefusal(needed, group);
  if (why === undefined) return { by: 'group' };
  if (scopes === 'available') return { by: 'scope' };
  return { by: 'none', why: `${why}; ${scopes.why}` };
}

/** Why no groups can be made below our own; undefined: they can. */
export function groupRefusal(needed: readonly Controller[], group: OwnGroup | null): string | undefined {
  if (group === null) return 'there is no cgroup v2';
  const missing = needed.filter((one) => !group.controllers.includes(one));
  if (missing.length > 0) return `control group ${group.directory} has no ${missing.join(', ')}`;
  if (!group.isOurs) return `control group ${group.directory} is not writable`;
  if (group.hasStrangers && !group.isRoot) return `control group ${group.directory} has other processes`;
  return undefined;
}

/** The files of a control group, with what is written to them. */
export function groupFiles(limits: readonly WatchedLimit[]): Readonly<Record<string, string>> {
  return Object.fromEntries(limits.map((limit) => FILES[limit.kind](limit.max)));
}

/** What the kernel takes at least, in microseconds. */
const LEAST_QUOTA = 1000;
const PERIOD = 100_000;
const LONGEST_PERIOD = 1_000_000;

const FILES: Readonly<Record<WatchedKind, (max: number) => readonly [file: string, value: string]>> = {
  memory: (max) => ['memory.max', amount(max, 'max')],
  processes: (max) => ['pids.max', amount(max, 'max')],
  cpu(max) {
    if (max === Infinity) return ['cpu.max', 'max'];
    const period = max * PERIOD < LEAST_QUOTA ? LONGEST_PERIOD : PERIOD;
    return ['cpu.max', `${String(Math.max(LEAST_QUOTA, Math.round(max * period)))} ${String(period)}`];
  },
};

/** The same as properties of a unit of systemd. */
export const unitProperties = (limits: readonly WatchedLimit[]): readonly string[] =>
  limits.map(({ kind, max }) => PROPERTIES[kind](max));

const PROPERTIES: Readonly<Record<WatchedKind, (max: number) => string>> = {
  memory: (max) => `MemoryMax=${amount(max, 'infinity')}`,
  processes: (max) => `TasksMax=${amount(max, 'infinity')}`,
  // In whole percents, of which systemd takes one at least.
  cpu: (max) => (max === Infinity ? 'CPUQuota=' : `CPUQuota=${String(Math.max(1, Math.round(max * 100)))}%`),
};

const amount = (max: number, infinity: string): string =>
  max === Infinity ? infinity : String(Math.floor(max));

/** What is to be written where the limits of a group change: those that are gone are lifted. */
export function changedLimits(
  before: readonly WatchedLimit[],
  now: readonly WatchedLimit[],
): readonly WatchedLimit[] {
  const kinds = new Set(now.map(({ kind }) => kind));
  return [...now, ...before.flatMap((one) => (kinds.has(one.kind) ? [] : { ...one, max: Infinity }))];
}

/** The script of a program, in its group before it begins. One that cannot be limited as its user wants it does not begin. */
export function inGroup(directory: string, script: string): string {
  const told = quoteWord(`procsup: cannot enter control group ${directory}`);
  const enter = `{ echo $$ >${quoteWord(`${directory}/cgroup.procs`)}; } 2>/dev/null`;
  return `${enter} || { echo ${told} >&2; exit 126; }\n${script}`;
}

/** The words of `systemd-run` that do not depend on the run. `manager`: `--user`, or nothing. */
export interface ScopeCommand {
  readonly manager: readonly string[];
  readonly unit: string;
  readonly limits: readonly WatchedLimit[];
}

/** systemd-run replaces itself by the shell, so the program keeps its pid. */
export function inScope(
  { manager, unit, limits }: ScopeCommand,
  script: string,
  shell: readonly string[],
): string {
  const properties = unitProperties(limits).flatMap((property) => ['-p', property]);
  const words = [
    'systemd-run',
    ...manager,
    '--scope',
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    ...properties,
  ];
  return `exec ${[...words, '--', ...shell, '-c', script].map(quoteWord).join(' ')}`;
}

/** A name for a group or a unit; both take few characters. */
export const groupName = (instance: string, number: number): string =>
  `${instance.replace(/[^A-Za-z0-9_.-]/g, '_')}.${String(number)}`;

/** A group of ours below our own: `procsup.` and the run tag, which begins with our pid in base 36. */
export const baseName = (runTag: string): string => `procsup.${runTag.replace(':', '')}`;

/** The pid of the supervisor that has made this group; undefined: none of ours. */
export function ownerOf(name: string): number | undefined {
  const pid = /^procsup\.([0-9a-z]+)-[0-9a-z]{6,}-[0-9a-z]+$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number.parseInt(pid, 36);
}

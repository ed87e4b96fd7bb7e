/** What a random life story is made of: an application, and what its users do to it. */
import {
  fleetSpec,
  type FleetEvent,
  type FleetSpec,
  type MemberSpec,
  type Need,
} from '../../src/core/fleet/state.ts';
import { RESTART_DEFAULTS } from '../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../src/core/process/stop-ladder.ts';
import type { Verb } from '../../src/core/fleet/tickets.ts';
import type { Core } from './oracle.ts';
import type { Random } from './random.ts';
import type { Times } from './timetable.ts';

/** What users do, in the order of `at` (milliseconds). */
export interface Deed {
  readonly at: number;
  readonly event: FleetEvent;
}

export interface Story {
  readonly spec: FleetSpec;
  readonly deeds: readonly Deed[];
  /** By process: the exit statuses that are a success, beside 0. */
  readonly successes: ReadonlyMap<string, readonly number[]>;
  /** By process: when its schedule starts it. */
  readonly times: ReadonlyMap<string, Times>;
}

const STORY_MS = 120_000;
/** Of every stage of a pipeline. */
export const DRAIN_MS = 3000;

export function randomStory(random: Random): Story {
  const isTurned = random.chance(0.2);
  const spec = randomApplication(random, isTurned);
  // The same few applications take turns, so that members go and come again while they are still known.
  const others = random.chance(0.4)
    ? []
    : [less(random, spec), spec, less(random, randomApplication(random, !isTurned))];
  return { spec, deeds: randomDeeds(random, spec, others), successes: new Map(), times: new Map() };
}

/** Stages may also change their order. */
function less(random: Random, { members, onExit, resident }: FleetSpec): FleetSpec {
  const kept = members.filter(() => random.chance(0.6));
  const stages = kept.filter(({ stage }) => stage !== undefined);
  const others = kept.filter(({ stage }) => stage === undefined);
  const pipeline = joined(stages.length > 2 && random.chance(0.4) ? stages.toReversed() : stages);
  const isFirst = kept[0]?.stage !== undefined;
  return fleetSpec(isFirst ? [...pipeline, ...others] : [...others, ...pipeline], onExit, resident);
}

/** Stages get the neighbours that they have now. */
function joined(stages: readonly MemberSpec[]): readonly MemberSpec[] {
  return stages.map((one, at) => ({
    ...one,
    stage: { upstream: stages[at - 1]?.name ?? null, downstream: stages[at + 1]?.name ?? null },
  }));
}

/** `isTurned`: with its needs in the other direction. */
function randomApplication(random: Random, isTurned: boolean): FleetSpec {
  const processes = Array.from({ length: random.between(1, 4) }, (_, index) => `p${String(index)}`);
  if (isTurned) processes.reverse();
  const members = processes.flatMap((process, index) => {
    const traits = { ...randomTraits(random, processes.slice(0, index)), ...randomStop(random) };
    return Array.from({ length: random.between(1, 2) }, (_, nth): MemberSpec => {
      return { name: `${process}.${String(nth + 1)}`, process, ...traits };
    });
  });
  const stages = random.chance(0.5) ? randomPipeline(random) : [];
  const all = random.chance(0.5) ? [...members, ...stages] : [...stages, ...members];
  return fleetSpec(all, random.pick(['stop', 'keep', 'keep']), random.chance(0.3));
}

function randomPipeline(random: Random): readonly MemberSpec[] {
  const names = Array.from({ length: random.between(2, 4) }, (_, index) => `q/${String(index + 1)}`);
  return names.map((name, index) => ({
    ...randomTraits(random, []),
    name,
    process: 'q',
    drainMs: DRAIN_MS,
    stage: { upstream: names[index - 1] ?? null, downstream: names[index + 1] ?? null },
  }));
}

function randomTraits(random: Random, earlier: readonly string[]): Omit<MemberSpec, 'name' | 'process'> {
  const needs = earlier
    .filter(() => random.chance(0.4))
    .map((process): Need => ({
      process,
      until: random.pick(['started', 'ready', 'ready', 'succeeded']),
      onRestart: random.pick(['keep', 'keep', 'restart', 'stop']),
      required: random.chance(0.8),
    }));
  return {
    needs,
    ...(random.chance(0.2) && { onExit: random.pick(['keep', 'stop', 'stop-on-failure']) }),
    ...(random.chance(0.2) && { isTask: true }),
    readiness: random.pick(['started', 'probed', 'probed']),
    ladder: stopLadder('SIGTERM', random.pick([0, 100, 5000])),
    restart: {
      ...RESTART_DEFAULTS,
      mode: random.pick(['never', 'on-failure', 'always', 'always']),
      delayMs: random.pick([0, 500]),
    },
  };
}

function randomStop(random: Random): Pick<MemberSpec, 'stopTarget' | 'hooks'> {
  const [start, stop] = [random.chance(0.5), random.chance(0.5)];
  return {
    ...(random.chance(0.2) && { stopTarget: 'main' }),
    ...(random.chance(0.3) && { hooks: { start, stop, end: stop || random.chance(0.5) } }),
  };
}

function randomDeeds(random: Random, spec: FleetSpec, others: readonly FleetSpec[]): readonly Deed[] {
  const names = [...new Set([spec, ...others].flatMap(({ members }) => members.map(({ name }) => name)))];
  const some = () => {
    const share = random.pick([0.2, 0.5, 0.5]);
    return names.filter(() => random.chance(share));
  };
  const deeds: Deed[] = [{ at: 0, event: { type: 'request', ticket: 1, verb: 'start', names } }];
  for (let ticket = 2; ticket < 2 + random.between(0, 12); ticket += 1) {
    const verb = random.pick<Verb>(['start', 'stop', 'restart', 'restart']);
    // Requests come in bursts, so that they overtake each other.
    const at = random.chance(0.5)
      ? (deeds.at(-1)?.at ?? 0) + random.between(0, 50)
      : random.between(0, STORY_MS);
    const [one, ...more] = others;
    if (one !== undefined && random.chance(0.6)) {
      deeds.push({ at, event: { type: 'reform', spec: random.pick([one, ...more]) } });
    }
    const needs = random.pick(['start', 'start', 'ignore'] as const);
    deeds.push({ at, event: { type: 'request', ticket, verb, names: some(), needs } });
    if (random.chance(0.2)) {
      const signal = random.pick<'SIGKILL' | 'SIGUSR1'>(['SIGKILL', 'SIGUSR1']);
      deeds.push({ at: at + random.between(0, 50), event: { type: 'signal', names: some(), signal } });
    }
    if (random.chance(0.2)) deeds.push({ at, event: { type: 'forward', signal: 'SIGUSR1' } });
  }
  return [...inTurn(deeds), ...randomEnd(random)];
}

/** Tickets are numbered as they come. */
function inTurn(deeds: readonly Deed[]): readonly Deed[] {
  let ticket = 0;
  return deeds
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, event }) => ({
      at,
      event: event.type === 'request' ? { ...event, ticket: (ticket += 1) } : event,
    }));
}

function randomEnd(random: Random): readonly Deed[] {
  const at = random.between(1, STORY_MS);
  const signal = random.pick<'SIGINT' | 'SIGTERM'>(['SIGINT', 'SIGTERM']);
  const close = (): FleetEvent => ({ type: 'close', cause: { by: 'signal', signal }, signal });
  const down: FleetEvent = { type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' };
  const end = [{ at, event: random.chance(0.3) ? down : close() }];
  if (random.chance(0.3)) end.push({ at: at + random.between(0, 6000), event: close() });
  return end;
}

/**
 * Some requests set the time to stop, mostly they leave it to the specs; and a second `down` may be in more of a hurry.
 * `random` is another one than the story was made with.
 */
export function withGraces(story: Story, random: Random): Story {
  const { deeds } = story;
  if (random.chance(0.6)) return story;
  const timed = deeds.map(({ at, event }): Deed => {
    const isStop = event.type === 'close' || event.type === 'request';
    return { at, event: isStop ? { ...event, graceMs: randomGrace(random) } : event };
  });
  const end = Math.max(...deeds.map(({ at }) => at));
  const down: FleetEvent = {
    type: 'close',
    cause: { by: 'request' },
    signal: 'SIGTERM',
    graceMs: randomGrace(random),
  };
  return {
    ...story,
    deeds: random.chance(0.2) ? [...timed, { at: end + random.between(0, 6000), event: down }] : timed,
  };
}

const randomGrace = (random: Random): number | undefined =>
  random.chance(0.3) ? random.pick([0, 50, 2000, 9000]) : undefined;

/**
 * In half of the stories some processes succeed with other statuses than 0, and some have a schedule. `core`: the one under
 * test makes specs. `random` is another one than the story was made with.
 */
export function withPlans(story: Story, random: Random, core: Pick<Core, 'fleetSpec'>): Story {
  if (random.chance(0.5)) return story;
  const successes = new Map<string, readonly number[]>();
  const times = new Map<string, Times>();
  for (const process of ['p0', 'p1', 'p2', 'p3']) {
    if (random.chance(0.5)) successes.set(process, random.pick([[3], [139], [3, 139]]));
    if (random.chance(0.25)) {
      const overlap = random.pick(['skip', 'queue', 'replace'] as const);
      times.set(process, { everyMs: random.pick([7000, 20_000, 45_000]), overlap });
    }
  }
  const planned = ({ members, onExit, resident }: FleetSpec): FleetSpec =>
    core.fleetSpec(
      members.map((one): MemberSpec =>
        times.has(one.process) ? { onExit: 'keep', ...one, isScheduled: true } : one,
      ),
      onExit,
      resident,
    );
  const specs = new Map<FleetSpec, FleetSpec>();
  const of = (spec: FleetSpec): FleetSpec => {
    const known = specs.get(spec) ?? planned(spec);
    specs.set(spec, known);
    return known;
  };
  // What has a schedule is mostly not started before its time.
  const isLeft = random.chance(0.7);
  const isNamed = (name: string) => !isLeft || !times.has(name.split('.')[0] ?? '');
  const deeds = story.deeds.map(({ at, event }, index): Deed => {
    if (event.type === 'reform') return { at, event: { ...event, spec: of(event.spec) } };
    // Some send the signal that a stop sends.
    if (event.type === 'signal' && event.signal === 'SIGUSR1' && random.chance(0.5))
      return { at, event: { ...event, signal: 'SIGTERM' } };
    if (index > 0 || event.type !== 'request') return { at, event };
    return { at, event: { ...event, names: event.names.filter(isNamed) } };
  });
  return { spec: of(story.spec), deeds, successes, times };
}

/**
 * In half of the stories restarts are rolling ones, of some processes by their plans, and there are more of them: also while
 * others are under way, and with processes that are killed meanwhile. `random` is another one than the story was made with.
 */
export function withRolls(story: Story, random: Random, core: Pick<Core, 'fleetSpec' | 'ROLLS'>): Story {
  if (random.chance(0.5)) return story;
  const rolling = new Set(['p0', 'p1', 'p2', 'p3'].filter(() => random.chance(0.3)));
  const specs = new Map<FleetSpec, FleetSpec>();
  const of = (spec: FleetSpec): FleetSpec => {
    const known = specs.get(spec) ?? rolled(spec, rolling, core);
    specs.set(spec, known);
    return known;
  };
  const spec = of(story.spec);
  const { ROLLS: rolls } = core;
  const names = story.spec.members.map(({ name }) => name);
  const deeds = story.deeds.flatMap(({ at, event }): readonly Deed[] => {
    if (event.type === 'reform') return [{ at, event: { ...event, spec: of(event.spec) } }];
    if (event.type !== 'request') return [{ at, event }];
    const isRolling = event.verb === 'restart' && random.chance(0.7);
    const asked: Deed = { at, event: { ...event, rolls, ...(isRolling && { rolling: true }) } };
    if (at === 0 || random.chance(0.5)) return [asked];
    const some = names.filter(() => random.chance(0.6));
    const restart = {
      type: 'request',
      ticket: 0,
      verb: 'restart',
      names: some,
      rolling: true,
      rolls,
    } as const;
    const soon = at + random.pick([3, 60, 2500, 6000]);
    const more: Deed[] = [asked, { at: soon, event: restart }];
    if (random.chance(0.3))
      more.push({
        at: soon + random.between(1, 2000),
        event: { type: 'signal', names: some, signal: 'SIGKILL' },
      });
    if (random.chance(0.3)) more.push({ at: soon + random.between(1, 2000), event: restart });
    return more;
  });
  return {
    ...story,
    spec,
    deeds: random.chance(0.15) ? [...deeds, ...interruptedTwice(deeds, random)] : deeds,
  };
}

/** Soon after a rolling restart, which may be under way then. */
function interruptedTwice(deeds: readonly Deed[], random: Random): readonly Deed[] {
  const rolls = deeds.filter(({ event }) => event.type === 'request' && event.rolling === true);
  const [first, ...more] = rolls;
  if (first === undefined) return [];
  const at = random.pick([first, ...more]).at + random.between(1, 300);
  const event: FleetEvent = { type: 'close', cause: { by: 'signal', signal: 'SIGINT' }, signal: 'SIGINT' };
  return [
    { at, event },
    { at: at + random.between(250, 1500), event },
  ];
}

const rolled = (
  { members, onExit, resident }: FleetSpec,
  rolling: ReadonlySet<string>,
  core: Pick<Core, 'fleetSpec'>,
): FleetSpec =>
  core.fleetSpec(
    members.map((one): MemberSpec => (rolling.has(one.process) ? { ...one, rolling: true } : one)),
    onExit,
    resident,
  );

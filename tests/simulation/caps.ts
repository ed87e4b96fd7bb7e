/** Random lives of members and clients that use caps together, held against the rules of `core/fleet/caps.ts`. */
import type {
  FleetEffect,
  FleetEvent,
  FleetSpec,
  FleetState,
  MemberSpec,
} from '../../src/core/fleet/state.ts';
import type { FleetStep } from '../../src/core/fleet/step.ts';
import type { CapSpec, CapUse } from '../../src/core/plan/process-plan.ts';
import { RESTART_DEFAULTS } from '../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../src/core/process/stop-ladder.ts';
import type { Circumstances } from '../../src/core/process/transitions.ts';
import { seeded, type Random } from './random.ts';

type Step = (state: FleetState, event: FleetEvent, at: Circumstances) => FleetStep;

export interface CapCore {
  readonly fleetSpec: (
    members: readonly MemberSpec[],
    onExit: 'keep',
    resident: boolean,
    caps: readonly CapSpec[],
  ) => FleetSpec;
  readonly newFleet: (spec: FleetSpec) => FleetState;
  readonly stepFleet: Step;
  readonly stepFleetThoroughly: Step;
}

export interface CapLife {
  readonly violations: readonly string[];
  readonly counts: { grants: number; waits: number; refusals: number; restarts: number };
}

const STEPS = 60;
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;

function randomUses(random: Random, most: number): readonly CapUse[] {
  const caps = random.pick([['x'], ['y'], ['x', 'y'], []]);
  return caps.map((cap) => ({ cap, amount: random.between(1, most) }));
}

function randomCaps(random: Random): readonly CapSpec[] {
  return ['x', 'y'].map((name) => {
    const soft = random.between(2, 3);
    return { name, soft, hard: random.chance(0.3) ? soft + random.between(0, 3) : Infinity };
  });
}

function randomMember(random: Random, name: string): MemberSpec {
  const uses = randomUses(random, 2);
  return {
    ...{ name, process: name, readiness: 'started', ladder: stopLadder('SIGTERM', 5000) },
    needs: name === 'b' && random.chance(0.5) ? [{ process: 'a', until: 'started' }] : [],
    restart: { ...RESTART_DEFAULTS, mode: random.pick(['never', 'always']), delayMs: random.pick([0, 500]) },
    ...(uses.length > 0 && { uses }),
  };
}

/** Who waits, in the order in which they came: a member's name, or the number of a claim. */
type User = string | number;

export function liveWithCaps(seed: number, core: CapCore): CapLife {
  const random = seeded(seed);
  const violations: string[] = [];
  const counts = { grants: 0, waits: 0, refusals: 0, restarts: 0 };
  const newSpec = () =>
    core.fleetSpec(
      NAMES.filter(() => random.chance(0.9)).map((name) => randomMember(random, name)),
      'keep',
      true,
      randomCaps(random),
    );
  let spec = newSpec();
  let state = core.newFleet(spec);
  let now = 0;
  let pid = 100;
  let ticket = 0;
  let lastClaim = 0;
  const queue: User[] = [];
  const claims = new Map<number, { readonly uses: readonly CapUse[]; isGranted: boolean }>();
  /** Programs that live, by member, and what is to happen to members. */
  const living = new Map<string, number>();
  const timers = new Map<string, number>();
  const dying = new Set<string>();
  /** What members use, as of the oracle. */
  const using = new Map<string, readonly CapUse[]>();

  const blame = (what: string) => violations.push(`${String(now)}: ${what}`);
  const usesOf = (user: User): readonly CapUse[] =>
    typeof user === 'number' ? (claims.get(user)?.uses ?? []) : (state.spec.byName.get(user)?.uses ?? []);
  const usedOf = (cap: string): number => {
    const granted = [...claims.values()].flatMap(({ isGranted, uses }) => (isGranted ? uses : []));
    return [...[...using.values()].flat(), ...granted]
      .filter((use) => use.cap === cap)
      .reduce((sum, { amount }) => sum + amount, 0);
  };
  const fits = (uses: readonly CapUse[]): boolean =>
    uses.every(({ cap, amount }) => usedOf(cap) + amount <= (spec.caps.get(cap)?.soft ?? 0));

  /** The first that may have what it wants. */
  const nextInTurn = (): User | undefined => {
    const lacking = new Set<string>();
    return queue.find((user) => {
      const uses = usesOf(user);
      const short = uses.filter(({ cap, amount }) => lacking.has(cap) || !fits([{ cap, amount }]));
      short.forEach(({ cap }) => lacking.add(cap));
      return short.length === 0;
    });
  };

  const leaveQueue = (user: User): void => {
    const at = queue.indexOf(user);
    if (at >= 0) queue.splice(at, 1);
  };

  const grant = (user: User): void => {
    if (nextInTurn() !== user) blame(`${String(user)} is served before its turn, or without room`);
    leaveQueue(user);
    counts.grants += 1;
  };

  function feed(event: FleetEvent): void {
    const at = { now, random: 0 };
    const { state: next, effects } = core.stepFleet(state, event, at);
    const thorough = core.stepFleetThoroughly(state, event, at);
    if (JSON.stringify(thorough.effects) !== JSON.stringify(effects))
      blame('a look at everybody decides otherwise');
    state = next;
    if (event.type === 'reform') spec = event.spec;
    noteMembers(effects);
    effects.forEach(perform);
    if (nextInTurn() !== undefined) blame(`${String(nextInTurn())} waits, and there is room`);
  }

  /** Before what the step has started: what has ended has given back what it had. */
  function noteMembers(effects: readonly FleetEffect[]): void {
    const started = new Set(
      effects.flatMap((effect) =>
        effect.type === 'process' && effect.effect.type === 'spawn' ? [effect.name] : [],
      ),
    );
    for (const name of new Set([...using.keys(), ...state.spec.byName.keys()])) {
      const phase = state.members.get(name)?.process.phase.name ?? 'idle';
      // What has survived SIGKILL still uses what it has.
      const isDown = phase === 'idle' || phase === 'exited' || (phase === 'failed' && !living.has(name));
      if (isDown) using.delete(name);
      else if (using.has(name) || !started.has(name)) using.set(name, usesOf(name));
    }
    for (const user of queue.slice())
      if (typeof user === 'string' && (usesOf(user).length === 0 || (!wants(user) && !started.has(user))))
        leaveQueue(user);
    for (const { name, uses } of state.spec.members)
      if (
        uses !== undefined &&
        !using.has(name) &&
        !queue.includes(name) &&
        (wants(name) || started.has(name))
      ) {
        queue.push(name);
        counts.waits += started.has(name) ? 0 : 1;
      }
  }

  /** It is to run, and what it needs does. */
  function wants(name: string): boolean {
    const member = state.members.get(name);
    if (member?.goal !== 'up' || member.process.phase.name !== 'idle') return false;
    return (state.spec.byName.get(name)?.needs ?? []).every(
      ({ process }) => !spec.byName.has(process) || hasStarted(process),
    );
  }

  function hasStarted(name: string): boolean {
    const { goal, process } = state.members.get(name) ?? {};
    if (process?.phase.name === 'exited')
      return process.phase.exit.by === 'code' && process.phase.exit.code === 0;
    return process?.phase.name === 'running' && goal === 'up';
  }

  function perform(effect: FleetEffect): void {
    if (effect.type === 'granted') {
      const claim = claims.get(effect.claim);
      if (claim === undefined || claim.isGranted)
        return void blame(`claim ${String(effect.claim)} is granted twice, or to nobody`);
      grant(effect.claim);
      claim.isGranted = true;
    } else if (effect.type === 'refused') {
      counts.refusals += 1;
      const isFull = (claims.get(effect.claim)?.uses ?? []).some(isOverHard);
      if (!isFull) blame(`claim ${String(effect.claim)} is refused without a reason`);
      leaveQueue(effect.claim);
      claims.delete(effect.claim);
    } else if (effect.type === 'record' && effect.event.type === 'doomed') {
      const { phase } = state.members.get(effect.event.name)?.process ?? {};
      const isByCap = phase?.name === 'failed' && phase.exit.by === 'refusal' && phase.exit.error === 'ECAP';
      counts.refusals += isByCap ? 1 : 0;
      if (isByCap && !usesOf(effect.event.name).some(isOverHardWith))
        blame(`${effect.event.name} is refused without a reason`);
    } else if (effect.type === 'process') performOn(effect.name, effect.effect);
  }

  /** A client that asks is in the queue of the oracle itself, a member is not. */
  const isOverHard = (use: CapUse): boolean => askedOf(use.cap) > hardOf(use.cap);
  const isOverHardWith = (use: CapUse): boolean => askedOf(use.cap) + use.amount > hardOf(use.cap);

  const hardOf = (cap: string): number => spec.caps.get(cap)?.hard ?? Infinity;

  function askedOf(cap: string): number {
    const waiting = queue.flatMap((user) => usesOf(user)).filter((use) => use.cap === cap);
    return waiting.reduce((sum, use) => sum + use.amount, usedOf(cap));
  }

  function performOn(name: string, effect: Extract<FleetEffect, { type: 'process' }>['effect']): void {
    if (effect.type === 'set-timer') timers.set(name, effect.timer);
    else if (effect.type === 'cancel-timer') timers.delete(name);
    else if (effect.type === 'signal' && effect.signal !== 'SIGCONT') dying.add(name);
    else if (effect.type === 'spawn') {
      if (living.has(name)) blame(`${name} runs twice`);
      living.set(name, effect.run);
      if (using.has(name)) counts.restarts += 1;
      else if (usesOf(name).length > 0) {
        grant(name);
        using.set(name, usesOf(name));
      }
      spawned.push(name);
    }
  }

  const spawned: string[] = [];
  const settle = (): void => {
    for (let name = spawned.shift(); name !== undefined; name = spawned.shift()) {
      const run = living.get(name) ?? 0;
      feed({ type: 'process', name, event: { type: 'spawned', run, pid: (pid += 1) } });
    }
  };

  const end = (name: string): void => {
    const run = living.get(name);
    if (run === undefined) return;
    living.delete(name);
    dying.delete(name);
    feed({
      type: 'process',
      name,
      event: { type: 'exited', run, exit: { by: 'code', code: random.between(0, 1) }, survivors: false },
    });
  };

  const deeds: readonly (() => void)[] = [
    () => {
      const verb = random.pick(['start', 'start', 'stop', 'restart'] as const);
      feed({ type: 'request', ticket: (ticket += 1), verb, names: NAMES.filter(() => random.chance(0.4)) });
    },
    () => {
      const uses = randomUses(random, 2);
      if (uses.length === 0) return;
      lastClaim += 1;
      claims.set(lastClaim, { uses, isGranted: false });
      queue.push(lastClaim);
      feed({ type: 'claim', claim: lastClaim, name: `pool ${String(lastClaim)}`, uses });
      if (!queue.includes(lastClaim)) return;
      counts.waits += 1;
      if (uses.some(isOverHard)) blame(`claim ${String(lastClaim)} waits beyond the hard cap`);
    },
    () => {
      const [claim] = [...claims.keys()].filter(() => random.chance(0.5));
      if (claim === undefined) return;
      leaveQueue(claim);
      claims.delete(claim);
      feed({ type: 'unclaim', claim });
    },
    () => [...living.keys()].filter(() => random.chance(0.3)).forEach(end),
    () => [...dying].forEach(end),
    () => {
      const [name, timer] = [...timers].find(() => random.chance(0.5)) ?? [];
      if (name === undefined || timer === undefined) return;
      timers.delete(name);
      feed({ type: 'process', name, event: { type: 'timer', timer } });
    },
    () => {
      if (random.chance(0.3)) feed({ type: 'reform', spec: newSpec() });
    },
  ];

  for (let step = 0; step < STEPS && violations.length === 0; step += 1) {
    now += random.between(1, 400);
    random.pick(deeds as readonly [() => void, ...(() => void)[]])();
    settle();
  }
  return { violations, counts };
}

/**
 * Programs that get ready late, half, or never, fall ill, and end while they are asked: the fleet and the checks of its
 * runs in virtual time, and what must hold of what they are asked and what is told.
 */
import type { Answer, ListeningSocket } from '../../src/core/check/answer.ts';
import type { Check } from '../../src/core/check/check.ts';
import type { InstanceSpec } from '../../src/core/plan/app-spec.ts';
import type { ServicePlan } from '../../src/core/plan/process-plan.ts';
import type { Prober, Subject } from '../../src/ports/checks.ts';
import type { CheckedRun, RunChecks } from '../../src/runtime/checks.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';
import {
  createRunOracle,
  isSearchForFailure,
  PORT,
  readyChecksOf,
  REAL_SOCKET,
  type RunOracle,
} from './probe-oracle.ts';
import { randomInstance } from './probe-stories.ts';
import { seeded, type Random } from './random.ts';

/** The checks under test: the real ones, or a mutant of them. */
export interface ProbeCore {
  createRunChecks(prober: Prober, clock: Clock): RunChecks;
}

export interface ProbedLife {
  readonly violations: readonly string[];
  readonly counts: { ready: number; unready: number; unhealthy: number; asks: number };
}

/** What a program does, and when. */
interface Program {
  readonly startedAt: number;
  /** By the check, or by its kind where the plan says nothing: since when its answer is yes; null: never. */
  readonly yesAt: ReadonlyMap<Check, number | null>;
  readonly listensAt: number | null;
  /** It opens a socket to see whether it is free, and closes it. */
  readonly triesAt: number | null;
  readonly sickFrom: number;
  readonly sickTo: number;
  readonly failsAt: number | null;
  readonly endsAt: number;
}

const LIFE_MS = 150_000;
const EPHEMERAL = [32_768, 60_999] as const;
/** The answers that come when something is said. */
const SAID: ReadonlySet<Check['kind']> = new Set(['log', 'notify', 'fd']);
const TRY_MS = 54;
/** Sockets that never count. */
const HELPERS = [
  ['helper', 40_000],
  ['inspector', 9229],
] as const;

export function liveProbed(seed: number, core: ProbeCore): ProbedLife {
  const random = seeded(seed);
  const clock = createVirtualClock();
  const violations: string[] = [];
  const isWell = () => violations.length === 0;
  const counts = { ready: 0, unready: 0, unhealthy: 0, asks: 0 };
  const blame = (what: string) => violations.push(`${String(clock.now())} ms: ${what}`);
  const latencies = random.pick<readonly [number, ...number[]]>([[1], [1, 20, 400], [20, 3000]]);
  let program: Program | undefined;
  let oracle: RunOracle | undefined;
  let changed: (() => void) | undefined;
  let timers = 0;
  let questions = 0;

  const socketsOf = ({ listensAt, triesAt }: Program): readonly ListeningSocket[] => {
    const now = clock.now();
    const isTrying = triesAt !== null && now >= triesAt && now < triesAt + TRY_MS;
    const isThere = listensAt !== null && now >= listensAt;
    const sockets = [
      ...(isTrying ? [['try', PORT]] : []),
      ...(isThere ? [[REAL_SOCKET, PORT]] : []),
    ] as const;
    return [...HELPERS, ...sockets].map(([inode, port]) => {
      return { inode: String(inode), port: Number(port), address: '::' };
    });
  };
  const answerOf = (is: Program, check: Check): Answer => {
    const now = clock.now();
    const isSick = now >= is.sickFrom && now < is.sickTo;
    if (check.kind === 'listening') {
      const sockets = isSick ? [] : socketsOf(is);
      return { is: 'listens', sockets: isSick && random.chance(0.2) ? null : sockets };
    }
    const at = is.yesAt.get(check) ?? null;
    if (at !== null && now >= at && !isSick) return { is: 'yes' };
    const words = `${check.kind} at ${String(now)}, ${String(random.between(1, 1000))}`;
    return { is: 'no', words, ...(random.chance(0.2) && { againMs: 250 }) };
  };

  const prober: Prober = {
    seesSockets: true,
    ephemeral: EPHEMERAL,
    open: () => Promise.resolve({ env: {}, descriptors: [], close: () => undefined }),
    ask(check, subject, tell) {
      counts.asks += 1;
      questions += 1;
      const is = program;
      const run = oracle;
      run?.asked(check, subject.run);
      let isOpen = true;
      const stop = (): void => {
        if (!isOpen) return;
        isOpen = false;
        questions -= 1;
        run?.closed(check);
      };
      const say = (answer: Answer): void => {
        if (!isOpen) return;
        if (!SAID.has(check.kind)) stop();
        run?.answering(check, answer);
        tell(answer);
        run?.answered();
      };
      if (is === undefined) blame('a run is asked that does not live');
      else if (SAID.has(check.kind)) {
        const at = isSearchForFailure(check) ? is.failsAt : is.yesAt.get(check);
        if (typeof at === 'number')
          clock.after(at - clock.now(), () => say({ is: 'yes', line: 'it is said' }));
        // STATUS=... comes before READY=1, or without it.
        if (check.kind === 'notify' && random.chance(0.5))
          clock.after(random.between(1, 3000), () => say({ is: 'no', words: 'loading' }));
      } else clock.after(random.pick(latencies), () => say(answerOf(is, check)));
      return stop;
    },
    watch(_subject: Subject, call) {
      changed = call;
      questions += 1;
      return () => {
        if (changed !== call) return;
        changed = undefined;
        questions -= 1;
      };
    },
    close: () => undefined,
  };
  const counted: Clock = {
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    after(ms, callback) {
      let isSet = true;
      timers += 1;
      const unset = (): void => {
        if (isSet) timers -= 1;
        isSet = false;
      };
      const cancel = clock.after(ms, () => {
        unset();
        callback();
      });
      return () => {
        unset();
        cancel();
      };
    },
  };
  const checks = core.createRunChecks(prober, counted);
  const leftOver = (what: string): void => {
    if (timers > 0 || questions > 0)
      blame(`${what}, and ${String(timers)} timers and ${String(questions)} questions are left`);
  };

  for (let run = 1; run <= 2 && isWell(); run += 1) {
    const instance = randomInstance(random);
    const own = randomProgram(random, instance, clock.now());
    const plan = instance.plan as ServicePlan;
    const { failsAt } = own;
    const judge = createRunOracle({ plan, run, now: () => clock.now(), blame, failsAt });
    [program, oracle] = [own, judge];
    const isCurrent = () => oracle === judge;
    let isStarting = true;
    const told = (what: string): void => {
      if (isStarting) blame(`${what} is told during the start`);
      if (!isCurrent()) blame(`${what} is told of a run that is not checked`);
    };
    const on: CheckedRun['on'] = {
      ready() {
        counts.ready += 1;
        told('ready');
        judge.ready();
        clock.after(0, () => {
          if (isCurrent() && plan.health === undefined) leftOver('it is ready');
        });
      },
      unready(message, isUnhealthy) {
        counts[isUnhealthy ? 'unhealthy' : 'unready'] += 1;
        told('unready');
        judge.unready(message, isUnhealthy);
        if (!isUnhealthy) leftOver('it is not ready');
        // The fleet stops it, and says so somewhat later.
        clock.after(random.between(0, 20), () => isCurrent() && stop());
      },
      tell(fact) {
        told(fact.type);
        if (fact.type === 'unhealthy') counts.unhealthy += 1;
        judge.told(fact);
      },
    };
    const stop = (): void => {
      judge.stopped();
      oracle = undefined;
      program = undefined;
      checks.stop(instance.name, run);
      leftOver('it is not checked any more');
    };
    checks.start({ instance, run, pid: 42, root: '/', on });
    isStarting = false;
    for (const at of changesOf(own))
      clock.after(at - clock.now(), () => {
        if (!isCurrent() || changed === undefined) return;
        judge.changing();
        changed();
        judge.changed();
      });
    // An event of an older run, or of one that is not known, stops nothing.
    clock.after(random.between(1, 1000), () => checks.stop(instance.name, run - 1));
    clock.after(own.endsAt - clock.now(), () => isCurrent() && stop());
    while (isCurrent() && isWell() && clock.runNext()) judge.look();
  }
  checks.close();
  leftOver('all is closed');
  return { violations, counts };
}

const changesOf = ({ listensAt, triesAt }: Program): readonly number[] => [
  ...(triesAt === null ? [] : [triesAt, triesAt + TRY_MS]),
  ...(listensAt === null ? [] : [listensAt]),
];

function randomProgram(random: Random, instance: InstanceSpec, now: number): Program {
  const plan = instance.plan as ServicePlan;
  const slowMs = random.pick([100, 3000, 20_000]);
  const start = (): number | null => (random.chance(0.1) ? null : now + random.between(1, slowMs));
  const yesAt = new Map<Check, number | null>();
  for (const check of plan.health?.checks ?? []) yesAt.set(check, now);
  for (const check of readyChecksOf(plan) ?? []) yesAt.set(check, start());
  const sickFrom = plan.health === undefined ? Infinity : now + random.between(slowMs, LIFE_MS);
  return {
    startedAt: now,
    yesAt,
    listensAt: start(),
    triesAt: random.chance(0.3) ? now + random.between(1, 300) : null,
    sickFrom,
    sickTo: sickFrom + random.between(1, 60_000),
    failsAt: plan.failLog !== undefined && random.chance(0.7) ? now + random.between(1, 30_000) : null,
    endsAt: now + random.pick([20, 1500, 10_000, LIFE_MS]),
  };
}

/**
 * A world of programs in virtual time. It performs the effects of the fleet with programs that ignore signals, leave
 * jobs behind, cannot be started, crash and take their time, and it checks after every step what must always hold.
 */
import { startOrder } from '../../src/core/fleet/order.ts';
import type { Exit } from '../../src/core/process/exit.ts';
import type { FleetEffect, FleetEvent, FleetState, MemberSpec, Need } from '../../src/core/fleet/state.ts';
import { isAlive, type Phase, type ProcessEvent } from '../../src/core/process/state.ts';
import type { SignalName } from '../../src/core/process/signals.ts';
import type { TicketResult, Verb } from '../../src/core/fleet/tickets.ts';
import { createEnds, randomVerdict } from './ends.ts';
import { createHooks } from './hooks.ts';
import { whatWasOverlooked, type Core } from './oracle.ts';
import { createPipes } from './pipes.ts';
import type { Random } from './random.ts';
import { createRolls } from './rolls.ts';
import { DRAIN_MS, type Story } from './stories.ts';
import { createTimetable } from './timetable.ts';

export interface Life {
  /** What must always hold and did not, the first one first. Empty when all is well. */
  readonly violations: readonly string[];
  /** How much there was of each: a story in which nothing happens proves nothing. */
  readonly counts: Counts;
}

export interface Counts {
  readonly runs: number;
  readonly signals: number;
  readonly tickets: number;
  /** Members that were dropped. */
  readonly drops: number;
  /** Ends of pipes that were given up. */
  readonly pipes: number;
  /** New runs that have replaced an old one. */
  readonly rolls: number;
}

interface Asked {
  readonly verb: Verb;
  readonly names: ReadonlySet<string>;
  /** Those of the names that must be answered so. */
  readonly unknown: ReadonlySet<string>;
  /** Of those with a new run that was to replace the old one: its number. */
  readonly nextRuns: ReadonlyMap<string, number>;
  answers: number;
}

interface Program {
  readonly name: string;
  readonly run: number;
  readonly pid: number;
  readonly deaf: boolean;
  readonly leavesJobs: boolean;
  /** What the kernel takes to end it: it may hang in a system call. */
  readonly killMs: number;
  readonly deafJobs: boolean;
  alive: boolean;
  jobs: boolean;
  politeAt: number | null;
  /** The shortest that it was promised: its spec may change. */
  graceMs: number;
  /** Somebody sent it SIGKILL on request. */
  shot: boolean;
  /** SIGKILL reached its whole group: it can leave nothing behind any more. */
  killed: boolean;
  watched: boolean;
  saidReady: boolean;
}

type Signal = Extract<Extract<FleetEffect, { type: 'process' }>['effect'], { type: 'signal' }>;

interface Timed {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Far beyond any grace, delay and life in the stories: what has not ended by then never will. */
const FOREVER_MS = 3_600_000;

export function live({ spec: first, deeds, successes, times }: Story, core: Core, random: Random): Life {
  const violations: string[] = [];
  const agenda: Timed[] = [];
  const programs = new Map<number, Program>();
  const timers = new Map<string, { readonly timer: number; cancelled: boolean }>();
  const asked = new Map<number, Asked>();
  /** Of each member: it has run, and was stopped on request since; how its latest run ended. */
  const ran = new Set<string>();
  const stopped = new Set<string>();
  const lastExits = new Map<string, Exit>();
  const lastRuns = new Map<string, number>();
  /** Since when each is wanted down. */
  const downSince = new Map<string, number>();
  /** What the latest request that has stopped it gave it before SIGKILL, if that was not left to its spec. */
  const graces = new Map<string, number>();
  /** The same of a new run that is to replace the old one: only what was requested since it began. */
  const nextGraces = new Map<string, number>();
  /** The shortest of them since it was started: a time that has begun goes on. */
  const leastGraces = new Map<string, number>();
  /** Those that are being stopped one process after the other: since when, and the shortest and longest time to wait. */
  const inTurn = new Map<string, { readonly since: number; least: number; most: number }>();
  const counts = { runs: 0, signals: 0, tickets: 0, drops: 0, pipes: 0 };
  /** The runs that are checked, and those that are to be. */
  const checked = new Set<string>();
  const probed = new Set<string>();
  /** They were asked to start whatever they need, and have not run since. */
  const mayIgnoreNeeds = new Set<string>();
  /** They were started so. */
  const ranWithoutNeeds = new Set<string>();
  let wanted = first;
  let state = core.newFleet(first);
  /** What the latest step went by: at its end it may have forgotten members that have left, and their places with them. */
  let inForce = first;
  let now = 0;
  let lastPid = 100;
  let order = 0;
  let lastTicket = 0;
  let finished = false;
  let hurried = false;
  let machineKilled = false;
  let lastInterrupt: number | null = null;

  const blame = (what: string) => violations.push(`${String(now)} ms: ${what}`);
  const later = (ms: number, happen: () => void) => agenda.push({ at: now + ms, order: order++, happen });
  const memberOf = (name: string) => state.members.get(name);
  const runOf = (name: string, run: number): string => `${name} ${String(run)}`;
  /** The machine of a run: the member's own, or of its second run. */
  const machineOf = (name: string, run: number) => {
    const { process, beside } = memberOf(name) ?? {};
    return [process, beside?.process].find((one) => one?.run === run);
  };
  const tell = (name: string, event: ProcessEvent) => feed({ type: 'process', name, event });
  const pipes = createPipes({
    state: () => state,
    now: () => now,
    blame,
    lives: (name) => lives(name),
    hears(name, news) {
      const program = [...programs.values()].find((one) => one.name === name && one.alive);
      if (program === undefined || random.chance(0.3)) return;
      const exit: Exit =
        news === 'end-of-file' ? { by: 'code', code: 0 } : { by: 'signal', signal: 'SIGPIPE' };
      later(random.between(0, 2 * DRAIN_MS), () => end(program, exit));
    },
  });

  const hooks = createHooks({
    random,
    later,
    blame,
    tell,
    specOf: (name) => state.spec.byName.get(name),
    processOf: machineOf,
    isTwofold: (name) => memberOf(name)?.beside != null,
  });

  const rolls = createRolls({
    state: () => state,
    blame,
    programs: () => programs.values(),
  });

  const ends = createEnds({ core, successes, state: () => state, blame });

  const timetable = createTimetable({
    ...{ core, times, blame, later, now: () => now },
    state: () => state,
    wanted: () => wanted,
    ask: (verb, name) =>
      later(random.between(0, 3), () => ask({ type: 'request', ticket: 0, verb, names: [name] })),
  });

  /** Whoever asks: tickets are numbered as they come. */
  const ask = (event: FleetEvent): void =>
    feed(event.type === 'request' ? { ...event, ticket: (lastTicket += 1) } : event);

  function feed(event: FleetEvent): void {
    note(event);
    if (event.type === 'close' && event.cause.by === 'signal' && event.cause.signal === 'SIGINT') {
      if (lastInterrupt !== null && now - lastInterrupt >= 250) hurried = true;
      lastInterrupt ??= now;
    }
    const at = { now, random: random.next() };
    const step = core.stepFleet(state, event, at);
    const before = state;
    state = step.state;
    inForce = event.type === 'reform' ? state.spec : before.spec;
    for (const what of whatWasOverlooked(core, before, step, core.stepFleetThoroughly(before, event, at)))
      blame(`after ${event.type}: ${what}`);
    for (const [name, { goal }] of state.members) {
      if (goal === 'up') downSince.delete(name);
      else {
        if (!downSince.has(name)) downSince.set(name, now);
        // It may be asked for again without a word about them.
        mayIgnoreNeeds.delete(name);
        ranWithoutNeeds.delete(name);
      }
    }
    noteTurns(before);
    ends.check(before, event, at);
    for (const effect of step.effects) perform(effect, before, event);
    checkOrder(step.effects, before, event);
    checkNeeds(before, event);
    for (const effect of step.effects)
      if (effect.type === 'process' && effect.effect.type === 'spawn') noteNeeds(effect.name, before);
    checkWaiting();
    checkDoomed();
    checkFollowers(before, event);
    checkPulled(event);
    checkChecks();
    hooks.check();
    checkStops();
    checkMembers(before);
    pipes.checkJoined(before);
    for (const name of rolls.check(before)) {
      const next = nextGraces.get(name);
      if (next === undefined) graces.delete(name);
      else graces.set(name, next);
    }
    if (!finished) timetable.changed(step.changed);
  }

  function noteNeeds(name: string, before: FleetState): void {
    if (mayIgnoreNeeds.delete(name)) ranWithoutNeeds.add(name);
    else if (before.members.get(name)?.process.phase.name === 'idle') ranWithoutNeeds.delete(name);
  }

  function note(event: FleetEvent): void {
    if (event.type === 'reform' && !finished) {
      wanted = event.spec;
      for (const name of ran) if (!wanted.byName.has(name)) stopped.add(name);
      for (const name of mayIgnoreNeeds) if (!wanted.byName.has(name)) mayIgnoreNeeds.delete(name);
      for (const program of programs.values()) {
        if (wanted.byName.get(program.name)?.readiness === 'started') program.saidReady = program.alive;
      }
    }
    if (event.type === 'close') {
      if (event.cause.by === 'signal') inTurn.clear();
      else if (state.closing === null) putInTurn([...state.members.keys()]);
    }
    noteGraces(event);
    if (event.type !== 'request') return;
    const { verb, names } = event;
    for (const name of verb === 'stop' || state.closing !== null ? [] : names) {
      ranWithoutNeeds.delete(name);
      if (event.needs === 'ignore' && wanted.byName.has(name)) mayIgnoreNeeds.add(name);
      else mayIgnoreNeeds.delete(name);
    }
    if (verb === 'stop') for (const name of names) mayIgnoreNeeds.delete(name);
    const isKnown = (name: string) => (verb === 'stop' ? state.members.has(name) : wanted.byName.has(name));
    const unknown = new Set(names.filter((name) => !isKnown(name)));
    const nextRuns = new Map(verb === 'restart' ? names.flatMap((name) => rolls.nextOf(name) ?? []) : []);
    asked.set(event.ticket, { verb, names: new Set(names), unknown, nextRuns, answers: 0 });
    for (const name of names.filter((one) => ran.has(one) && wanted.byName.has(one))) {
      if (verb === 'stop') stopped.add(name);
      else stopped.delete(name);
    }
    const known = names.filter((name) => !unknown.has(name));
    const processes = new Set(known.map((name) => state.spec.byName.get(name)?.process));
    if (verb === 'stop' && processes.size > 1) putInTurn(known);
    // What is asked alone does not wait any more.
    if (verb === 'stop' && processes.size === 1) for (const name of known) inTurn.delete(name);
  }

  function noteGraces(event: FleetEvent): void {
    const isStop = event.type === 'close' || (event.type === 'request' && event.verb !== 'start');
    if (!isStop) return;
    const isHeard = (name: string) =>
      event.type === 'close' || event.verb === 'stop' || (state.closing === null && wanted.byName.has(name));
    for (const name of event.type === 'close' ? [...state.members.keys()] : event.names.filter(isHeard)) {
      if (event.graceMs !== undefined) {
        graces.set(name, event.graceMs);
        leastGraces.set(name, Math.min(event.graceMs, leastGraces.get(name) ?? Infinity));
        if (memberOf(name)?.beside != null) nextGraces.set(name, event.graceMs);
      } else if (memberOf(name)?.goal === 'up' && memberOf(name)?.process.phase.name === 'running')
        graces.delete(name);
    }
  }

  const graceOf = (name: string, by = graces): number =>
    by.get(name) ?? state.spec.byName.get(name)?.ladder[0].graceMs ?? 0;

  function putInTurn(names: readonly string[]): void {
    for (const name of names) {
      if (memberOf(name)?.goal === 'up') inTurn.set(name, { since: now, least: Infinity, most: 0 });
    }
  }

  function noteTurns(before: FleetState): void {
    if (before.closing === null && state.closing?.cause.by === 'exit') {
      inTurn.clear();
      // It leaves the time to their specs, as any close does that says nothing of it.
      for (const [name, { goal, process }] of before.members)
        if (goal === 'up' && process.phase.name === 'running') graces.delete(name);
    }
    for (const [name, turn] of inTurn) {
      if (memberOf(name)?.goal !== 'down') inTurn.delete(name);
      const graceMs = graceOf(name);
      turn.least = Math.min(turn.least, graceMs);
      turn.most = Math.max(turn.most, graceMs);
    }
  }

  function perform(effect: FleetEffect, before: FleetState, event: FleetEvent): void {
    if (finished && effect.type !== 'settle') blame(`an effect after finish: ${effect.type}`);
    switch (effect.type) {
      case 'process':
        return performOn(effect.name, effect.effect, before, event, effect.isBeside === true);
      case 'settle': {
        const ticket = asked.get(effect.ticket);
        if (ticket === undefined) return void blame(`ticket ${String(effect.ticket)} was never asked for`);
        if (ticket.answers > 0) blame(`ticket ${String(effect.ticket)} is settled twice`);
        ticket.answers += 1;
        counts.tickets += 1;
        const names = effect.results.map(({ name }) => name);
        if (names.length !== ticket.names.size || !names.every((name) => ticket.names.has(name))) {
          blame(`ticket ${String(effect.ticket)} is answered for others than it asks for`);
        }
        for (const result of effect.results) checkAnswer(ticket, result);
        return;
      }
      case 'finish':
        finished = true;
        checkFinish(effect.status);
        pipes.checkFinish();
        for (const { name, run, alive, jobs } of programs.values()) {
          if ((alive || jobs) && !isGivenUp(name, run)) blame(`${name} lives on after finish`);
        }
        hooks.checkFinish();
        ends.checkFinish(effect.status);
        timetable.checkFinish();
        return;
      case 'record':
        rolls.told(effect.event);
        if (effect.event.type === 'doomed') checkDoom(effect.event.name);
        if (effect.event.type === 'followed') mayIgnoreNeeds.delete(effect.event.name);
        // What the request gave it was for the old run to be stopped.
        if (effect.event.type === 'roll-failed') graces.delete(effect.event.name);
        return;
      case 'dropped':
      // The lives with caps are in `caps.ts`.
      case 'granted':
      case 'refused':
        return;
      case 'end-writing':
      case 'end-reading':
        counts.pipes += 1;
        return pipes.end(effect);
    }
  }

  function performOn(
    name: string,
    effect: Extract<FleetEffect, { type: 'process' }>['effect'],
    before: FleetState,
    event: FleetEvent,
    isBeside: boolean,
  ): void {
    const lane = isBeside ? `${name} beside` : name;
    // Its last timer is cancelled, and its check ended, in the step in which it is dropped.
    const isEnd = effect.type === 'cancel-timer' || effect.type === 'stop-check';
    const isMember = isEnd ? before.members.has(name) : state.members.has(name);
    if (!isMember) blame(`${name} is no member and has an effect: ${effect.type}`);
    switch (effect.type) {
      case 'spawn':
        return spawn(name, effect.run, before);
      case 'signal':
        hooks.checkSignal(
          name,
          effect,
          programs.get(effect.pid)?.alive === true && effect.isRequested !== true,
        );
        return signal(name, effect, before, event);
      case 'run-stop-hooks': {
        const program = programs.get(effect.pid);
        if (program?.alive !== true)
          return void blame(`${name} has a hook before its stop, and does not live`);
        checkPatience(program, 'SIGTERM', before, isRenewed(event, name));
        return hooks.runStop(name, effect.run);
      }
      case 'run-end-hooks': {
        const mayLive = [...programs.values()].some(
          (one) => one.name === name && one.run === effect.run && (one.alive || one.jobs),
        );
        if (mayLive) blame(`${name} has a hook after its end, and lives`);
        return hooks.runEnd(name, effect.run);
      }
      case 'end-hooks':
        return hooks.end(name, effect.run, effect.ms);
      case 'watch-survivors': {
        const program = programs.get(effect.pid);
        if (program === undefined) return void blame(`${name} watches nothing`);
        program.watched = true;
        return;
      }
      case 'set-timer': {
        const set = { timer: effect.timer, cancelled: false };
        timers.set(lane, set);
        later(effect.ms, () => {
          const event = { type: 'timer', timer: set.timer } as const;
          if (!set.cancelled) feed({ type: 'process', name, event, ...(isBeside && { isBeside }) });
        });
        return;
      }
      case 'start-check': {
        const program = [...programs.values()].find((one) => one.name === name && one.run === effect.run);
        if (program?.alive !== true) blame(`${name} is checked, and does not live`);
        if (checked.has(runOf(name, effect.run))) blame(`${name} is checked twice`);
        checked.add(runOf(name, effect.run));
        return;
      }
      case 'stop-check':
        if (!checked.delete(runOf(name, effect.run))) blame(`${name} is checked no more, and was not`);
        return;
      case 'cancel-timer': {
        // A timer may already stand in the mailbox when it is cancelled: only half of the cancellations come in time.
        const set = timers.get(lane);
        if (set !== undefined && random.chance(0.5)) set.cancelled = true;
        return;
      }
    }
  }

  function spawn(name: string, run: number, before: FleetState): void {
    counts.runs += 1;
    if (rolls.begins(name, run)) nextGraces.delete(name);
    else {
      graces.delete(name);
      leastGraces.delete(name);
    }
    ran.add(name);
    if (run <= (lastRuns.get(name) ?? 0)) blame(`${name} bears the mark of an earlier run`);
    lastRuns.set(name, run);
    // A request may have begun what ends the run in the same step, as what it dooms does: it is stopped at once.
    const isEnding = before.closing === null && state.closing?.cause.by === 'exit';
    const wasAsked = isEnding && before.members.get(name)?.process.phase.name === 'backoff';
    if (memberOf(name)?.goal !== 'up' && !wasAsked) blame(`${name} is spawned though nobody wants it up`);
    const others = [...programs.values()].filter(
      (other) => other.name === name && (other.alive || other.jobs),
    );
    rolls.checkSpawn(name, others.length);
    hooks.runStart(name, run, {
      start: () => launch(name, run),
      refuse: (message) => refuse(name, run, 'EHOOK', message),
    });
  }

  function refuse(name: string, run: number, error: string, message: string): void {
    const exit = { by: 'refusal', error, message } as const;
    later(0, () => {
      const { phase } = machineOf(name, run) ?? {};
      if (phase?.name !== 'starting' || phase.isCalledOff !== true) lastExits.set(name, exit);
      tell(name, { type: 'refused', run, exit });
    });
  }

  function launch(name: string, run: number): void {
    if (random.chance(0.05)) return refuse(name, run, 'EAGAIN', 'no more processes');
    const program: Program = {
      name,
      run,
      pid: (lastPid += 1),
      deaf: random.chance(0.2),
      leavesJobs: random.chance(0.2),
      killMs: random.chance(0.05) ? random.between(1001, 60_000) : random.between(0, 90),
      deafJobs: random.chance(0.3),
      alive: true,
      jobs: false,
      politeAt: null,
      graceMs: Infinity,
      shot: false,
      killed: false,
      watched: false,
      saidReady: state.spec.byName.get(name)?.readiness === 'started',
    };
    programs.set(program.pid, program);
    pipes.open(name);
    later(0, () => {
      if (state.spec.byName.get(name)?.readiness === 'probed') probed.add(runOf(name, run));
      tell(name, { type: 'spawned', run, pid: program.pid });
    });
    if (random.chance(0.2)) {
      later(random.between(1, 5000), () => {
        tell(name, { type: 'unready', run, ...randomVerdict(random) });
      });
    }
    if (random.chance(0.8)) {
      later(random.between(1, 2000), () => {
        program.saidReady = program.alive;
        tell(name, { type: 'ready', run });
      });
    }
    if (random.chance(0.7)) {
      const exit: Exit = random.pick([
        { by: 'code', code: 0 },
        { by: 'code', code: 3 },
        { by: 'signal', signal: 'SIGSEGV' },
      ]);
      later(random.pick([1, 50, 3000, 40_000]), () => end(program, exit));
    }
  }

  function signal(
    name: string,
    { run, pid, signal: sent, reach }: Signal,
    before: FleetState,
    event: FleetEvent,
  ): void {
    counts.signals += 1;
    const program = programs.get(pid);
    if (program?.run !== run || program.name !== name)
      return void blame(`${name} is signalled by a wrong pid`);
    if (!program.alive && !program.jobs) return void blame(`${name} is signalled (${sent}) after its end`);
    if (sent === 'SIGCONT' || sent === 'SIGUSR1') return;
    rolls.checkStop(program, event);
    if (event.type === 'signal') program.shot ||= sent === 'SIGKILL';
    else checkPatience(program, sent, before, isRenewed(event, name));
    const exit: Exit = { by: 'signal', signal: sent };
    program.killed ||= sent === 'SIGKILL';
    const ms = sent === 'SIGKILL' ? program.killMs : random.between(0, 90);
    if (sent === 'SIGKILL' || !program.deaf) later(ms, () => end(program, exit));
    if (reach !== 'main' && (sent === 'SIGKILL' || !program.deafJobs)) later(ms, () => endJobs(program));
  }

  function hasLiveDependent(name: string): boolean {
    const { byName } = state.spec;
    const isNeededBy = (other: string) =>
      (memberOf(other)?.goal === 'down' || memberOf(other)?.awaitsNeeds === true) &&
      byName
        .get(other)
        ?.needs.some(({ process, until }) => until !== 'succeeded' && process === byName.get(name)?.process);
    return [...byName.keys()].some((other) => isNeededBy(other) && lives(other));
  }

  const isStarting = (name: string): boolean => memberOf(name)?.process.phase.name === 'starting';

  /** No SIGKILL before the grace is over, no stop before the dependents are gone. */
  function checkPatience(program: Program, sent: SignalName, before: FleetState, renewed: boolean): void {
    machineKilled ||= sent === 'SIGKILL';
    if (hurried) return;
    const { name } = program;
    const member = memberOf(name);
    const wasRunning = before.members.get(name)?.process.phase.name === 'running';
    const beside = member?.beside;
    const isSecond = beside?.process.run === program.run;
    const own = isSecond && beside.role !== 'past' ? nextGraces : graces;
    const isToStop = member?.goal === 'down' || member?.awaitsNeeds === true;
    const waits = wasRunning && program.alive && isToStop && !renewed && !isSecond;
    if (waits && hasLiveDependent(name)) {
      blame(`${name} is stopped before those that need it`);
    }
    if (waits) checkDrain(name);
    if (program.alive && program.politeAt === null && !renewed && !isSecond) checkTurn(name);
    if (sent !== 'SIGKILL') {
      program.politeAt ??= now;
      program.graceMs = Math.min(program.graceMs, graceOf(name, own));
      return;
    }
    const graceMs = Math.min(program.graceMs, own.get(name) ?? Infinity);
    if (own.get(name) === 0) return;
    if (program.politeAt === null) blame(`${name} gets SIGKILL without a word`);
    else if (now - program.politeAt < graceMs) blame(`${name} gets SIGKILL before its grace is over`);
  }

  const lives = (name: string): boolean =>
    (!isGivenUp(name) && hooks.runsAny(name)) ||
    [...programs.values()].some(
      (one) => one.name === name && (one.alive || one.jobs) && !isGivenUp(name, one.run),
    );

  /** Processes in the order of their first members, each after all that it needs. */
  function laterThan(name: string, { members, byName } = state.spec): readonly string[] {
    const needing = [...new Set(members.map(({ process }) => process))].map((process) => ({
      name: process,
      needs: members.filter((one) => one.process === process).flatMap(({ needs }) => needs),
    }));
    const ordered = startOrder(needing);
    if ('cycle' in ordered) throw new Error('needs have a cycle');
    const place = (process = ''): number => ordered.names.indexOf(process);
    const own = place(byName.get(name)?.process);
    return members.filter(({ process }) => place(process) > own).map((one) => one.name);
  }

  /** In an orderly stop the later processes have ended before, or its time to wait for them is over. */
  function checkTurn(name: string): void {
    const turn = inTurn.get(name);
    if (turn === undefined || now >= turn.since + turn.least) return;
    const later = laterThan(name, inForce).find((other) => inTurn.has(other) && lives(other));
    if (later !== undefined) blame(`${name} is stopped before ${later}`);
  }

  /** A process that is to stop and runs on waits for others, and not for ever. */
  function checkStops(): void {
    for (const { name, alive, politeAt, run } of programs.values()) {
      const { goal, process } = memberOf(name) ?? {};
      const isLeft = alive && politeAt === null && goal === 'down' && process?.phase.name === 'running';
      if (
        !isLeft ||
        process.run !== run ||
        state.due.includes(name) ||
        hasLiveDependent(name) ||
        [...state.members.keys()].some(isStarting)
      )
        continue;
      if (state.spec.byName.get(name)?.stage !== undefined) continue;
      const turn = inTurn.get(name);
      if (turn === undefined) blame(`${name} is not stopped`);
      else if (now > turn.since + turn.most) blame(`${name} waits longer than its time`);
      else if (!laterThan(name).some((other) => memberOf(other)?.goal === 'down' && lives(other)))
        blame(`${name} waits for its turn, and nothing later is being stopped`);
    }
  }

  /** A stage is stopped only when nobody writes to it any more, and it has had its time to read what is left. */
  function checkDrain(name: string): void {
    const upstream = state.spec.byName.get(name)?.stage?.upstream;
    const writer = upstream === null || upstream === undefined ? undefined : memberOf(upstream);
    if (writer?.goal !== 'down') return;
    // It has no time to read anything.
    if (graces.get(name) === 0)
      return lives(upstream ?? '') ? void blame(`${name} is stopped before ${String(upstream)}`) : undefined;
    const since = pipes.noWriterSince(name);
    if (since === undefined) return void blame(`${name} is stopped before ${String(upstream)}`);
    const drainMs = Math.min(DRAIN_MS, leastGraces.get(name) ?? Infinity);
    if (now < Math.max(since, downSince.get(name) ?? 0) + drainMs) {
      blame(`${name} is stopped before it could read what is left`);
    }
  }

  function end(program: Program, how: Exit): void {
    if (!program.alive) return;
    const exit = ends.judged(program.name, how);
    const wasUp = machineOf(program.name, program.run)?.phase.name === 'running';
    program.alive = false;
    lastExits.set(program.name, verdictOn(program) ?? exit);
    program.jobs = program.leavesJobs && !program.killed;
    const { name, run, jobs: survivors } = program;
    const isLost = isGivenUp(name, run);
    tell(name, { type: 'exited', run, exit, survivors });
    if (!survivors && !isLost) hooks.checkEnded(name, run);
    if (program.shot && wasUp && machineOf(name, run)?.phase.name === 'idle') {
      blame(`${name} was shot, and that is taken for a stop`);
    }
    checkLateEnd(program);
  }

  /** It was stopped for that, and not on request since. */
  function verdictOn({ name, run }: Program): Exit | undefined {
    const phase = machineOf(name, run)?.phase;
    return phase?.name === 'stopping' ? phase.verdict?.exit : undefined;
  }

  function endJobs(program: Program): void {
    if (program.alive || !program.jobs) return;
    program.jobs = false;
    const isLost = isGivenUp(program.name, program.run);
    if (program.watched) tell(program.name, { type: 'cleared', run: program.run });
    if (program.watched && !isLost) hooks.checkEnded(program.name, program.run);
    checkLateEnd(program);
  }

  /** SIGKILL has not ended it in time. */
  function isGivenUp(name: string, run = memberOf(name)?.process.run ?? 0): boolean {
    const phase = machineOf(name, run)?.phase;
    return phase?.name === 'failed' && phase.why === 'unkillable';
  }

  function checkLateEnd({ name, run, jobs }: Program): void {
    if (!finished && !jobs && isGivenUp(name, run))
      blame(`${name} has ended after all, and cannot be started again`);
  }

  function saidReady(name: string): boolean {
    return [...programs.values()].some(
      (program) => program.name === name && program.alive && program.saidReady,
    );
  }

  /** A process starts only after what it needs. */
  function checkNeeds(before: FleetState, event: FleetEvent): void {
    for (const { name, needs } of wanted.members) {
      const was = before.members.get(name)?.process.phase.name;
      if (memberOf(name)?.process.phase.name !== 'starting') continue;
      // On request it is tried at once, if they were met until then.
      const isRestart =
        was === 'backoff' && event.type !== 'request' && !before.members.get(name)?.ranWithoutNeeds;
      if ((was !== 'idle' && !isRestart) || mayIgnoreNeeds.has(name)) continue;
      if (isRestart && needs.some((need) => need.required !== false && isBroken(need))) continue;
      for (const need of needs) {
        if (need.required === false && isBroken(need)) continue;
        for (const other of wanted.members.filter(({ process }) => process === need.process)) {
          const phase = phaseForNeeds(other.name);
          if (phase !== undefined && !isMet(need, phase)) blame(`${name} starts before ${other.name}`);
          if (need.until === 'ready' && other.readiness === 'probed' && !saidReady(other.name)) {
            blame(`${name} starts before ${other.name} is ready`);
          }
        }
      }
    }
  }

  /** Nobody waits without a reason. */
  function checkWaiting(): void {
    for (const { name, needs } of wanted.members) {
      const member = memberOf(name);
      const isHeld = member !== undefined && member.heldTimer !== null;
      if (isHeld && member.process.phase.name !== 'backoff')
        blame(`${name} is held back, and has no restart`);
      if (isHeld && ranWithoutNeeds.has(name)) blame(`${name} is held back, though its needs did not matter`);
      const waits = (member?.goal === 'up' && member.process.phase.name === 'idle') || isHeld;
      if (waits !== (member?.waitingSince !== null && member !== undefined) && needs.length > 0)
        blame(`${name} waits, and nobody is told, or the other way round`);
      if (state.closing !== null || !waits) continue;
      const isOpen = (need: Need) =>
        !neededBy(need).every((phase) => isMet(need, phase)) && !(need.required === false && isBroken(need));
      if (!needs.some(isOpen)) blame(`${name} waits for nobody`);
      const isFatal = (need: Need) => need.required !== false && isBroken(need);
      if (isHeld && needs.some(isFatal)) blame(`${name} is held back for what has failed for good`);
    }
  }

  /** What failed for want of a need is tried again when that is. */
  function checkDoomed(): void {
    if (state.closing !== null) return;
    for (const { name } of wanted.members) {
      const { goal, process } = memberOf(name) ?? {};
      if (goal !== 'up' || process?.phase.name !== 'failed') continue;
      const { exit } = process.phase;
      if (exit.by !== 'refusal' || exit.error !== 'ENEED') continue;
      const isFatal = (need: Need) => need.required !== false && isBroken(need);
      if (!(wanted.byName.get(name)?.needs ?? []).some(isFatal)) blame(`${name} stays doomed by nobody`);
    }
  }

  function checkDoom(name: string): void {
    const needs = wanted.byName.get(name)?.needs ?? [];
    const isFatal = (need: Need) => need.required !== false && neededBy(need).some(isOver);
    if (!needs.some(isFatal)) blame(`${name} is doomed by nobody`);
    if (mayIgnoreNeeds.has(name)) blame(`${name} is doomed, though its needs do not matter`);
  }

  const isOver = ({ name: phase }: Phase) => phase === 'exited' || phase === 'failed';

  /** One that is being stopped does not count. */
  function phaseForNeeds(name: string): Phase | undefined {
    const { goal, awaitsNeeds, process } = memberOf(name) ?? {};
    const isLeaving = process?.phase.name === 'running' && (goal === 'down' || awaitsNeeds === true);
    return isLeaving ? { name: 'idle' } : process?.phase;
  }

  /** It will never be met. */
  function isBroken(need: Need): boolean {
    return neededBy(need).some((phase) => isOver(phase) && !isMet(need, phase));
  }

  /** Those that do not run on when one that they need does not either. */
  function checkFollowers(before: FleetState, event: FleetEvent): void {
    if (state.closing !== null || event.type === 'reform') return;
    for (const [name, { process: was, goal: wasUp }] of before.members) {
      const is = memberOf(name);
      if (wasUp === 'down' || before.members.get(name)?.awaitsNeeds === true) continue;
      const hasEnded = was.phase.name === 'running' && is?.process.phase.name !== 'running';
      const isAsked = is?.goal === 'down' && isAlive(is.process.phase);
      if (is === undefined || is.departing || !(hasEnded || isAsked)) continue;
      for (const other of wanted.members) {
        const need = other.needs.find(({ process }) => process === state.spec.byName.get(name)?.process);
        const how = need?.onRestart ?? 'keep';
        const then = before.members.get(other.name);
        const now = memberOf(other.name);
        if (how === 'keep' || then?.goal !== 'up' || now === undefined || !isAlive(then.process.phase))
          continue;
        const stays = now.goal === 'up' && !isToFollow(other.name) && isAlive(now.process.phase);
        if (stays) blame(`${other.name} runs on without ${name}`);
        const isAskedFor = event.type === 'request' && event.names.includes(other.name);
        if (how === 'stop' && now.goal === 'up' && event.type !== 'request')
          blame(`${other.name} is not stopped for good with ${name}`);
        if (how === 'restart' && now.goal === 'down' && !isAskedFor && !hasOther(other, name))
          blame(`${other.name} is stopped for good by ${name}`);
      }
    }
  }

  /** It is being stopped, or waits until those that need it have been. */
  function isToFollow(name: string): boolean {
    const { awaitsNeeds = false, process } = memberOf(name) ?? {};
    return awaitsNeeds && (process?.want === 'down' || hasLiveDependent(name));
  }

  /** Another need of it may stop it for good. */
  function hasOther({ needs }: MemberSpec, name: string): boolean {
    const process = state.spec.byName.get(name)?.process;
    return needs.some((need) => need.onRestart === 'stop' && need.process !== process);
  }

  /** A start brings what it needs with it. */
  function checkPulled(event: FleetEvent): void {
    if (event.type !== 'request' || event.verb === 'stop' || event.needs === 'ignore') return;
    if (state.closing !== null || finished) return;
    for (const name of event.names.filter((one) => wanted.byName.has(one))) {
      for (const need of wanted.byName.get(name)?.needs ?? []) {
        for (const other of wanted.members.filter((one) => one.process === need.process)) {
          const { goal, process } = memberOf(other.name) ?? {};
          if (process === undefined || (need.until === 'succeeded' && isMet(need, process.phase))) continue;
          if (goal === 'down' && !isGivenUp(other.name))
            blame(`${name} is asked for, and ${other.name}, which it needs, is not started`);
        }
      }
    }
  }

  /** A run is checked as long as it runs, and no other. */
  function checkChecks(): void {
    for (const [name, { process, beside }] of state.members) {
      for (const { phase, run } of beside === null ? [process] : [process, beside.process]) {
        const isDue = phase.name === 'running' && probed.has(runOf(name, run));
        if (isDue !== checked.has(runOf(name, run)))
          blame(`${name} runs and is not checked, or the other way round`);
      }
    }
  }

  function isMet({ until }: Need, phase: Phase): boolean {
    const hasSucceeded = phase.name === 'exited' && ends.isSuccess(phase.exit);
    if (until !== 'ready' && hasSucceeded) return true;
    if (until === 'succeeded') return false;
    return phase.name === 'running' && (until === 'started' || phase.ready);
  }

  function neededBy({ process }: Need): readonly Phase[] {
    const needed = wanted.members.filter((member) => member.process === process);
    return needed.flatMap(({ name }) => phaseForNeeds(name) ?? []);
  }

  const isOwn = (event: FleetEvent, name: string): boolean => event.type === 'process' && event.name === name;

  /** A restart is not made to wait for the dependents, and comes before whatever else the step stops. */
  function isRenewed(event: FleetEvent, name: string): boolean {
    if (event.type !== 'request' || event.verb === 'stop') return false;
    const isStage = state.spec.byName.get(name)?.stage !== undefined;
    return (event.verb === 'restart' || isStage) && event.names.includes(name);
  }

  /** Those with a smaller index in the spec are signalled later. */
  function checkOrder(effects: readonly FleetEffect[], before: FleetState, event: FleetEvent): void {
    if (event.type === 'signal' || event.type === 'forward') return;
    // The stop of one that is asked for again has begun before: it only gets no more time for its hooks.
    const isAskedAgain = (name: string): boolean => {
      const phase = before.members.get(name)?.process.phase;
      return event.type === 'request' && phase?.name === 'stopping' && phase.hooked === true;
    };
    const places = effects.flatMap((effect) =>
      effect.type === 'process' &&
      effect.effect.type === 'signal' &&
      effect.isBeside !== true &&
      !isRenewed(event, effect.name) &&
      !isAskedAgain(effect.name) &&
      !isOwn(event, effect.name)
        ? state.spec.members.findIndex(({ name }) => name === effect.name)
        : [],
    );
    if (places.some((place, at) => place > (places[at - 1] ?? Infinity))) {
      blame('signals are not in the reverse order of the spec');
    }
  }

  function checkMembers(before: FleetState): void {
    for (const name of before.members.keys()) {
      if (state.members.has(name)) continue;
      counts.drops += 1;
      for (const program of programs.values()) {
        if (program.name === name && (program.alive || program.jobs))
          blame(`${name} lives on, but is dropped`);
      }
      if (wanted.byName.has(name)) blame(`${name} is dropped, but wanted`);
      pipes.forget(name);
      ran.delete(name);
      stopped.delete(name);
      lastExits.delete(name);
    }
    for (const { name } of wanted.members) if (!state.members.has(name)) blame(`${name} is missing`);
    for (const [name, { goal, awaitsNeeds, process }] of state.members) {
      if (awaitsNeeds && process.phase.name === 'backoff')
        blame(`${name} is to come back by itself, and is to be stopped for its needs`);
      const waited = before.members.get(name)?.process.phase.name === 'backoff';
      const isStopped = goal === 'down' && state.closing === null;
      if (waited && isStopped && process.phase.name !== 'idle') blame(`${name} waited, and is not stopped`);
    }
    for (const [name, { process, beside }] of state.members) {
      const isOver = ['idle', 'exited', 'failed'].includes(process.phase.name);
      const isDue = !wanted.byName.has(name) && isOver && !isGivenUp(name) && beside === null;
      if (isDue && state.closing === null) blame(`${name} is not dropped`);
    }
  }

  function checkAnswer({ verb, names, unknown, nextRuns }: Asked, result: TicketResult): void {
    const { name, outcome, before, pid, exit } = result;
    if (outcome === 'kept') rolls.checkKept(result);
    const isOlder = outcome === 'running' && (programs.get(pid ?? 0)?.run ?? 0) <= (nextRuns.get(name) ?? 0);
    const isKept = outcome === 'kept' && exit !== null;
    const isFailedBefore = isKept && rolls.failedRun(name) <= (nextRuns.get(name) ?? 0);
    if (isOlder || isFailedBefore) blame(`${name} is restarted by what was requested before`);
    if (unknown.has(name) !== (outcome === 'unknown'))
      blame(`${name} is known or not, but answered ${outcome}`);
    if (verb === 'restart' && outcome !== 'kept' && pid !== null && pid === before)
      blame(`${name} is restarted, but the same`);
    // Of several names the first answers may be old when the last one comes.
    if (names.size > 1) return;
    if (outcome === 'running' && programs.get(pid ?? 0)?.alive !== true) blame(`${name} is said to run`);
    const end = lastExits.get(name) ?? null;
    // Which of two runs has ended last does not matter.
    const isByItself = memberOf(name)?.process.phase.name !== 'failed' && !rolls.has(name);
    if ((outcome === 'stopped' || outcome === 'ended') && isByItself && exit !== end) {
      blame(`${name} has ended otherwise`);
    }
  }

  function checkFinish(status: number): void {
    const { closing } = state;
    if (closing === null && wanted.resident) blame('a resident fleet finishes, though nobody closed it');
    // What another one needs was started again with it.
    const canStart = [...stopped].some((name) => memberOf(name)?.goal === 'down');
    if (closing === null && canStart) blame('the run finishes, though something can be started again');
    if (closing?.cause.by === 'request' && !machineKilled && !hurried && status !== 0) {
      blame(`a close on request in which nobody was killed has status ${String(status)}`);
    }
  }

  const isFinished = () => finished;

  function nextOnAgenda(): Timed | undefined {
    if (violations.length > 0) return undefined;
    agenda.sort((a, b) => b.at - a.at || b.order - a.order);
    const next = agenda.pop();
    return next !== undefined && next.at <= FOREVER_MS ? next : undefined;
  }

  for (const { at, event } of deeds) later(at, () => ask(event));
  for (let next = nextOnAgenda(); next !== undefined; next = nextOnAgenda()) {
    now = next.at;
    next.happen();
  }
  if (!isFinished()) blame('the run never finishes');
  for (const [ticket, { answers }] of asked)
    if (answers === 0) blame(`ticket ${String(ticket)} is never settled`);
  return { violations, counts: { ...counts, rolls: rolls.replaced } };
}

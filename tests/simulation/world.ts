/**
 * A world of programs in virtual time. It performs the effects of the fleet with programs that ignore signals, leave
 * jobs behind, cannot be started, crash and take their time, and it checks after every step what must always hold.
 */
import type { Exit } from '../../src/core/exit.ts';
import type { FleetEffect, FleetEvent, FleetSpec, FleetState } from '../../src/core/fleet-state.ts';
import type { ProcessEvent } from '../../src/core/process-state.ts';
import type { SignalName } from '../../src/core/signals.ts';
import type { Random } from './random.ts';
import type { Story } from './stories.ts';

/** The core under test: the real one, or a mutant of it. */
export interface Core {
  newFleet(spec: FleetSpec): FleetState;
  stepFleet(
    spec: FleetSpec,
    state: FleetState,
    event: FleetEvent,
    at: { now: number; random: number },
  ): { state: FleetState; effects: readonly FleetEffect[] };
}

export interface Life {
  /** What must always hold and did not, the first one first. Empty when all is well. */
  readonly violations: readonly string[];
  /** How many runs, signals, tickets there were: a story in which nothing happens proves nothing. */
  readonly counts: { readonly runs: number; readonly signals: number; readonly tickets: number };
}

interface Program {
  readonly name: string;
  readonly run: number;
  readonly pid: number;
  readonly deaf: boolean;
  readonly leavesJobs: boolean;
  readonly deafJobs: boolean;
  alive: boolean;
  jobs: boolean;
  politeAt: number | null;
  /** SIGKILL reached its whole group: it can leave nothing behind any more. */
  killed: boolean;
  watched: boolean;
  saidReady: boolean;
}

interface Timed {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Far beyond any grace, delay and life in the stories: what has not ended by then never will. */
const FOREVER_MS = 3_600_000;

export function live({ spec, deeds }: Story, core: Core, random: Random): Life {
  const violations: string[] = [];
  const agenda: Timed[] = [];
  const programs = new Map<number, Program>();
  const timers = new Map<string, { readonly timer: number; cancelled: boolean }>();
  const asked = new Map<number, number>();
  const counts = { runs: 0, signals: 0, tickets: 0 };
  let state = core.newFleet(spec);
  let now = 0;
  let order = 0;
  let finished = false;
  let hurried = false;
  let lastInterrupt: number | null = null;

  const blame = (what: string) => violations.push(`${String(now)} ms: ${what}`);
  const later = (ms: number, happen: () => void) => agenda.push({ at: now + ms, order: order++, happen });
  const memberOf = (name: string) => state.members.get(name);
  const tell = (name: string, event: ProcessEvent) => feed({ type: 'process', name, event });

  function feed(event: FleetEvent): void {
    if (event.type === 'request') asked.set(event.ticket, 0);
    if (event.type === 'close' && event.cause.by === 'signal' && event.cause.signal === 'SIGINT') {
      if (lastInterrupt !== null && now - lastInterrupt >= 250) hurried = true;
      lastInterrupt ??= now;
    }
    const step = core.stepFleet(spec, state, event, { now, random: random.next() });
    const before = state;
    state = step.state;
    for (const effect of step.effects) perform(effect, before);
    checkNeeds(before);
  }

  function perform(effect: FleetEffect, before: FleetState): void {
    if (finished && effect.type !== 'settle') blame(`an effect after finish: ${effect.type}`);
    switch (effect.type) {
      case 'process':
        return performOn(effect.name, effect.effect, before);
      case 'settle': {
        const times = asked.get(effect.ticket);
        if (times === undefined) blame(`ticket ${String(effect.ticket)} was never asked for`);
        if (times !== undefined && times > 0) blame(`ticket ${String(effect.ticket)} is settled twice`);
        asked.set(effect.ticket, (times ?? 0) + 1);
        counts.tickets += 1;
        return;
      }
      case 'finish':
        finished = true;
        for (const { name, alive, jobs } of programs.values()) {
          if (alive || jobs) blame(`${name} lives on after finish`);
        }
        return;
      case 'notice':
      case 'process-notice':
        return;
    }
  }

  function performOn(
    name: string,
    effect: Extract<FleetEffect, { type: 'process' }>['effect'],
    before: FleetState,
  ): void {
    switch (effect.type) {
      case 'spawn':
        return spawn(name, effect.run);
      case 'signal':
        return signal(name, effect.run, effect.pid, effect.signal, before);
      case 'watch-survivors': {
        const program = programs.get(effect.pid);
        if (program === undefined) return void blame(`${name} watches nothing`);
        program.watched = true;
        return;
      }
      case 'set-timer': {
        const set = { timer: effect.timer, cancelled: false };
        timers.set(name, set);
        later(effect.ms, () => {
          if (!set.cancelled) tell(name, { type: 'timer', timer: set.timer });
        });
        return;
      }
      case 'cancel-timer': {
        // A timer may already stand in the mailbox when it is cancelled: only half of the cancellations come in time.
        const set = timers.get(name);
        if (set !== undefined && random.chance(0.5)) set.cancelled = true;
        return;
      }
    }
  }

  function spawn(name: string, run: number): void {
    counts.runs += 1;
    if (memberOf(name)?.process.want !== 'up') blame(`${name} is spawned though nobody wants it up`);
    for (const other of programs.values()) {
      if (other.name === name && (other.alive || other.jobs)) blame(`${name} has two live runs`);
    }
    if (random.chance(0.05)) {
      const exit = { by: 'refusal', error: 'EAGAIN', message: 'no more processes' } as const;
      later(0, () => tell(name, { type: 'refused', run, exit }));
      return;
    }
    const program: Program = {
      name,
      run,
      pid: 100 + counts.runs,
      deaf: random.chance(0.2),
      leavesJobs: random.chance(0.2),
      deafJobs: random.chance(0.3),
      alive: true,
      jobs: false,
      politeAt: null,
      killed: false,
      watched: false,
      saidReady: false,
    };
    programs.set(program.pid, program);
    later(0, () => tell(name, { type: 'spawned', run, pid: program.pid }));
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

  function signal(name: string, run: number, pid: number, sent: SignalName, before: FleetState): void {
    counts.signals += 1;
    const program = programs.get(pid);
    if (program?.run !== run || program.name !== name)
      return void blame(`${name} is signalled by a wrong pid`);
    if (!program.alive && !program.jobs) return void blame(`${name} is signalled (${sent}) after its end`);
    if (sent === 'SIGCONT' || sent === 'SIGUSR1') return;
    checkPatience(program, sent, before);
    const exit: Exit = { by: 'signal', signal: sent };
    program.killed ||= sent === 'SIGKILL';
    if (sent === 'SIGKILL' || !program.deaf) later(random.between(0, 90), () => end(program, exit));
    if (sent === 'SIGKILL' || !program.deafJobs) later(random.between(0, 90), () => endJobs(program));
  }

  function hasLiveDependent(name: string): boolean {
    const isNeededBy = (other: string) =>
      spec.byName
        .get(other)
        ?.needs.some(
          ({ process, until }) => until !== 'succeeded' && process === spec.byName.get(name)?.process,
        );
    return [...programs.values()].some((other) => (other.alive || other.jobs) && isNeededBy(other.name));
  }

  /** No SIGKILL before the grace is over, no stop before the dependents are gone. */
  function checkPatience(program: Program, sent: SignalName, before: FleetState): void {
    if (hurried) return;
    const { name } = program;
    const member = memberOf(name);
    const wasRunning = before.members.get(name)?.process.phase.name === 'running';
    if (wasRunning && program.alive && member?.goal === 'down' && hasLiveDependent(name)) {
      blame(`${name} is stopped before those that need it`);
    }
    if (sent !== 'SIGKILL') {
      program.politeAt ??= now;
      return;
    }
    const graceMs = spec.byName.get(name)?.ladder[0].graceMs ?? 0;
    if (program.politeAt === null) blame(`${name} gets SIGKILL without a word`);
    else if (now - program.politeAt < graceMs) blame(`${name} gets SIGKILL before its grace is over`);
  }

  function end(program: Program, exit: Exit): void {
    if (!program.alive) return;
    program.alive = false;
    program.jobs = program.leavesJobs && !program.killed;
    const { name, run, jobs: survivors } = program;
    tell(name, { type: 'exited', run, exit, survivors });
  }

  function endJobs(program: Program): void {
    if (program.alive || !program.jobs) return;
    program.jobs = false;
    if (program.watched) tell(program.name, { type: 'cleared', run: program.run });
  }

  function saidReady(name: string): boolean {
    return [...programs.values()].some(
      (program) => program.name === name && program.alive && program.saidReady,
    );
  }

  /** A process starts only after what it needs. */
  function checkNeeds(before: FleetState): void {
    for (const { name, needs } of spec.members) {
      const was = before.members.get(name)?.process.phase.name;
      if (was !== 'idle' || memberOf(name)?.process.phase.name !== 'starting') continue;
      for (const need of needs) {
        for (const other of spec.instances.get(need.process) ?? []) {
          const phase = memberOf(other.name)?.process.phase;
          if (need.until !== 'succeeded' && phase?.name !== 'running')
            blame(`${name} starts before ${other.name}`);
          if (need.until === 'ready' && other.readiness === 'probed' && !saidReady(other.name)) {
            blame(`${name} starts before ${other.name} is ready`);
          }
        }
      }
    }
  }

  const isFinished = () => finished;

  function nextOnAgenda(): Timed | undefined {
    if (violations.length > 0) return undefined;
    agenda.sort((a, b) => b.at - a.at || b.order - a.order);
    const next = agenda.pop();
    return next !== undefined && next.at <= FOREVER_MS ? next : undefined;
  }

  for (const { at, event } of deeds) later(at, () => feed(event));
  for (let next = nextOnAgenda(); next !== undefined; next = nextOnAgenda()) {
    now = next.at;
    next.happen();
  }
  if (!isFinished()) blame('the run never finishes');
  for (const [ticket, times] of asked) if (times === 0) blame(`ticket ${String(ticket)} is never settled`);
  return { violations, counts };
}

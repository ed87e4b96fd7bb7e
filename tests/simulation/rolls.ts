/** The rolling restarts of the world, and what must hold of them. */
import type { Event } from '../../src/core/events.ts';
import type { FleetEvent, FleetState, Member } from '../../src/core/fleet/state.ts';
import { isAlive } from '../../src/core/process/state.ts';
import type { TicketResult } from '../../src/core/fleet/tickets.ts';

interface Program {
  readonly name: string;
  readonly run: number;
  readonly pid: number;
  readonly alive: boolean;
  readonly saidReady: boolean;
}

export interface RollsOptions {
  readonly state: () => FleetState;
  readonly blame: (what: string) => void;
  readonly programs: () => Iterable<Program>;
}

export interface Rolls {
  readonly replaced: number;
  has(name: string): boolean;
  /** The run begins beside another one. */
  begins(name: string, run: number): boolean;
  /** Its name, and the number of the run that is to replace the old one. */
  nextOf(name: string): readonly [readonly [string, number]] | undefined;
  /** `others`: so many runs of it live. */
  checkSpawn(name: string, others: number): void;
  /** It is about to get a signal of its ladder. */
  checkStop(program: Program, event: FleetEvent): void;
  told(event: Event): void;
  /** The number of its latest new run that has failed. */
  failedRun(name: string): number;
  checkKept(result: TicketResult): void;
  /** After a step. Returns those whose new run has replaced the old one. */
  check(before: FleetState): readonly string[];
}

export function createRolls({ state, blame, programs }: RollsOptions): Rolls {
  const rolled = new Set<string>();
  /** Those whose new run has failed in this step. */
  const failed: string[] = [];
  const failedRuns = new Map<string, number>();
  /** The pids of old runs whose new run was ready. */
  const replaced = new Set<number>();
  const programOf = (pid: number): Program | undefined => [...programs()].find((one) => one.pid === pid);
  const memberOf = (name: string): Member | undefined => state().members.get(name);

  const lastRung = (name: string): number => (state().spec.byName.get(name)?.ladder.length ?? 1) - 1;

  /** A failure ends the sequence, unless it was requested anew meanwhile. */
  function checkSequence(name: string): void {
    const { spec } = state();
    const { process } = spec.byName.get(name) ?? {};
    const { toRoll = false, beside } = memberOf(name) ?? {};
    if (toRoll || beside?.role === 'next') return;
    const next = spec.members.find((one) => one.process === process && memberOf(one.name)?.toRoll === true);
    if (next !== undefined) blame(`${next.name} is still to be rolled after the failure of ${name}`);
  }

  /** Who waits for a turn waits for another one. */
  function checkTurns(): void {
    const { members, spec, closing } = state();
    if (closing !== null) return;
    for (const [name, { toRoll, process }] of members) {
      // Before it is spawned no renewal of it is one more.
      if (!toRoll || process.phase.name === 'starting') continue;
      const own = spec.byName.get(name)?.process;
      const isWaiting = spec.members.some((one) => one.process === own && isBusy(memberOf(one.name)));
      if (!isWaiting) blame(`${name} is to be rolled, and waits for nobody`);
    }
  }

  return {
    get replaced() {
      return replaced.size;
    },
    has: (name) => rolled.has(name),
    begins(name, run) {
      const beside = memberOf(name)?.beside;
      return beside?.role === 'next' && beside.process.run === run;
    },
    nextOf(name) {
      const beside = memberOf(name)?.beside;
      return beside?.role === 'next' ? [[name, beside.process.run]] : undefined;
    },
    checkSpawn(name, others) {
      if (others > 1) blame(`${name} has three live runs`);
      if (others > 0 && memberOf(name)?.beside == null) blame(`${name} has two live runs`);
    },
    checkStop({ name, run, pid }, event) {
      const beside = memberOf(name)?.beside;
      if (beside?.role !== 'past' || beside.process.run !== run) return;
      const { phase } = beside.process;
      const isJudged = phase.name === 'stopping' && phase.verdict !== undefined;
      const isLater = event.type === 'process' && ['exited', 'timer'].includes(event.event.type);
      if (event.type === 'process' && !isJudged && !isLater && !replaced.has(pid))
        blame(`${name} is stopped before its new run is ready`);
    },
    told(event) {
      if (event.type === 'rolling') {
        rolled.add(event.name);
        if (programOf(event.pid)?.alive !== true) blame(`${event.name} is rolled, and does not run`);
        const { process } = state().spec.byName.get(event.name) ?? {};
        const others = state().spec.members.filter(
          (one) => one.process === process && one.name !== event.name,
        );
        if (others.some(({ name }) => isBusy(memberOf(name)))) blame(`${event.name} is rolled with another`);
      }
      if (event.type === 'replaced') {
        const [old, next] = [programOf(event.pid), programOf(event.by)];
        replaced.add(event.pid);
        if (next?.saidReady !== true) blame(`${event.name} is replaced by a run that is not ready`);
        if (old?.name !== event.name || next?.name !== event.name)
          blame(`${event.name} is replaced by another`);
      }
      if (event.type === 'roll-failed') {
        failed.push(event.name);
        failedRuns.set(event.name, event.run);
        const one = [...programs()].find(({ name, run }) => name === event.name && run === event.run);
        if (one?.alive === true && one.saidReady) blame(`${event.name} was ready, and has failed`);
      }
    },
    failedRun: (name) => failedRuns.get(name) ?? 0,
    checkKept({ name, pid }) {
      if (pid !== null && programOf(pid)?.name !== name) blame(`${name} is kept by another`);
    },
    check(before) {
      const swapped: string[] = [];
      for (const [name, member] of state().members) {
        const { goal, awaitsNeeds, toRoll, process, beside, asks } = member;
        const was = before.members.get(name);
        if (was?.beside?.role === 'next' && beside?.role === 'past') swapped.push(name);
        const isReady = process.phase.name === 'running' && process.phase.ready;
        const isAsked = asks.some(({ rolls: isRolling = false }) => isRolling);
        const isUp = goal === 'up' && !awaitsNeeds;
        if (isUp && isAsked && isReady && !toRoll && !isBusy(member))
          blame(`${name} is done, and that is not answered`);
        if (beside === null) continue;
        const { role, process: second } = beside;
        if (beside.process.run === process.run) blame(`${name} has two runs of one number`);

        const { phase } = second;
        if (role === 'next' && !isUp) blame(`${name} is to be down, and its new run is not called off`);
        if (role === 'next' && phase.name === 'running' && phase.ready)
          blame(`${name} is ready, and does not replace`);
        if (role === 'next' && process.phase.name !== 'running') blame(`${name} has nothing to replace`);
        if (role === 'next' && !isAlive(phase)) blame(`${name} has failed, and nobody notices`);
        if (role !== 'next' && phase.name === 'running') blame(`${name} is over, and its program runs on`);
        if (phase.name === 'backoff') blame(`${name} is brought back beside itself`);
        if (!isAlive(phase) && phase.name !== 'failed') blame(`${name} has ended, and is not forgotten`);
        const isDying =
          (phase.name === 'stopping' || phase.name === 'clearing') && phase.rung < lastRung(name);
        if (state().closing?.hurried === true && isDying)
          blame(`${name} is not killed, and Ctrl-C came twice`);
        if (toRoll && !isUp) blame(`${name} is to be down, and to be rolled`);
      }
      for (const name of failed.splice(0)) checkSequence(name);
      checkTurns();
      return swapped;
    },
  };
}

function isBusy(member: Member | undefined): boolean {
  const phase = member?.beside?.process.phase;
  return phase !== undefined && !(phase.name === 'failed' && phase.why === 'unkillable');
}

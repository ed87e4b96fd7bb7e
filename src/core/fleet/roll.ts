/**
 * Rolling restarts: the new run of a member begins beside the old one, as a second machine of the same instance.
 *
 *   toRoll -> next -> past -> null                    the new run is ready: the old one is stopped
 *                  \-> failed | called-off -> null    it is ended, and the old one runs on
 *
 * There are never more than two. The members of a process go one after the other, and a new run that fails ends the sequence.
 * While it is `next`, its restart policy does not bring it back. When the old run ends before the new one is ready, that takes
 * its place at once: it is not worth waiting for another one.
 */
import { decide } from './asks.ts';
import { effectOf, putMember, stepMember, type Draft } from './draft.ts';
import { stepProcess } from '../process/step.ts';
import type { Rolls } from './state.ts';
import { isTwofold, runsOn, type Beside, type Member } from './member.ts';
import { hurryUp } from './hurry-up.ts';
import type { MemberSpec } from './spec.ts';
import type { Ask } from './tickets.ts';
import type { RollFact } from '../events.ts';
import type { Exit } from '../process/exit.ts';
import {
  endOf,
  isDown,
  isUnkillable,
  NEW_PROCESS,
  pidOf,
  type Phase,
  type ProcessEvent,
  type ProcessState,
} from '../process/state.ts';

export const ROLLS: Rolls = {
  canRoll,
  request: askToRoll,
  callOff: callOffRoll,
  attend: roll,
  step: stepBeside,
  take(draft, place, event, isBeside) {
    if (!isBeside && !replaceEnded(draft, place, event)) return false;
    onBeside(draft, place, event);
    return true;
  },
};

/** It is the latest ask. One whose run is about to replace the old one was requested before: one more is to follow that. */
function askToRoll(draft: Draft, place: number): void {
  change(draft, place, (member) => {
    const { asks, beside } = member;
    const run = beside?.role === 'next' && { run: beside.process.run };
    const rolled = asks.map((ask, at): Ask => {
      return at === asks.length - 1 ? { ...ask, rolls: true, ...run } : ask;
    });
    return { ...member, asks: rolled, toRoll: true };
  });
}

/** Only what is ready is worth keeping up until its successor is. */
function canRoll({ state }: Draft, place: number, asked: boolean | undefined): boolean {
  const [spec, member] = [state.spec.members[place], state.members.at(place)];
  if (spec === undefined || member === undefined || !(asked ?? spec.rolling ?? false)) return false;
  return isRollable(spec) && isServing(member);
}

/** Two runs of a stage would read and write the same pipes, and a task has nothing to keep up. */
const isRollable = ({ stage, isTask = false }: MemberSpec): boolean => stage === undefined && !isTask;

function isServing({ process: { phase, want }, beside }: Member): boolean {
  if (beside !== null && isUnkillable(beside.process.phase)) return false;
  return want === 'up' && phase.name === 'running' && phase.ready;
}

/**
 * An ordinary restart has been requested, and does not wait for what may never be ready. A start that is under way is all that
 * comes of it: one more that was requested before is still to follow that.
 */
function callOffRoll(draft: Draft, place: number): void {
  const { toRoll = false, process } = draft.state.members.at(place) ?? {};
  if (toRoll && process?.phase.name !== 'starting') setToRoll(draft, place, false);
  if (draft.state.members.at(place)?.beside?.role === 'next') callOff(draft, place);
}

/** The next step of a rolling restart, if it is due. */
function roll(draft: Draft, place: number): void {
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  if (member.toRoll && !runsOn(member)) setToRoll(draft, place, false);
  if (member.beside !== null) attend(draft, place, member, member.beside);
  const is = draft.state.members.at(place);
  // What was a second run when that was requested, and took its place before it was spawned: no renewal of it is one more.
  if (is?.process.phase.name === 'starting') return;
  if (is?.toRoll === true && isItsTurn(draft, place)) begin(draft, place);
}

/** No other instance of its process is at it. */
function isItsTurn(draft: Draft, place: number): boolean {
  return !siblings(draft, place).some((other) => {
    const member = draft.state.members.at(other);
    return member !== undefined && isTwofold(member);
  });
}

const siblings = ({ state: { spec } }: Draft, place: number): readonly number[] =>
  spec.processes[spec.ranks[place] ?? -1]?.places ?? [];

/** What does not run any more, or not yet again, is restarted in the ordinary way. */
function begin(draft: Draft, place: number): void {
  setToRoll(draft, place, false);
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  if (!isServing(member)) return hurryUp(draft, place, 'restart', member.ignoresNeeds);
  const { process } = member;
  const run = Math.max(process.run, process.besideRun);
  const next: Beside = { role: 'next', process: { ...NEW_PROCESS, run, timer: timerOf(process) } };
  tell(draft, place, { type: 'rolling', run: run + 1, pid: pidOf(process.phase) ?? 0 });
  putMember(draft, place, member, { ...member, beside: next, process: { ...process, besideRun: run + 1 } });
  stepBeside(draft, place, { type: 'want', want: 'up' });
  stepBeside(draft, place, { type: 'want', want: 'drain' });
}

function attend(draft: Draft, place: number, member: Member, { role, process }: Beside): void {
  const { phase } = process;
  if (role === 'next' && runsOn(member)) {
    if (phase.name === 'running' && phase.ready) return replace(draft, place, 'down');
    if (phase.name !== 'starting' && phase.name !== 'running') fail(draft, place, process);
  } else if (role === 'next') callOff(draft, place);
  if (draft.state.members.at(place)?.beside != null) leave(draft, place);
}

/** The second run becomes that of the member, and the other way round. */
function replace(draft: Draft, place: number, want: 'down' | 'drain'): void {
  const member = draft.state.members.at(place);
  if (member?.beside == null) return;
  const { beside, process } = member;
  // No timer of them is set: what comes of earlier ones is neither's.
  const timer = Math.max(timerOf(process), timerOf(beside.process));
  putMember(draft, place, member, {
    ...member,
    process: { ...beside.process, timer },
    beside: { role: 'past', process: { ...process, timer } },
  });
  const [pid, by] = [pidOf(process.phase), pidOf(beside.process.phase)];
  if (pid !== null && want === 'down') tell(draft, place, { type: 'replaced', pid, by: by ?? 0 });
  stepMember(draft, place, { type: 'want', want: 'up' });
  stepBeside(draft, place, { type: 'want', want });
}

/**
 * The event is about the second run, or ends the first one before the second is ready, which makes that the second: whether it
 * is to be taken by the second one.
 */
function replaceEnded(draft: Draft, place: number, event: ProcessEvent): boolean {
  const member = draft.state.members.at(place);
  if (member?.beside == null || !('run' in event)) return false;
  const { beside, process } = member;
  if (event.run === beside.process.run) return true;
  const isEnd = event.type === 'exited' || event.type === 'unready';
  if (!isEnd || event.run !== process.run || process.phase.name !== 'running') return false;
  if (beside.role !== 'next' || !runsOn(member)) return false;
  replace(draft, place, 'drain');
  return true;
}

/** What happens to the second run. It is not brought back, so it is not wanted up; but a verdict is about what is. */
function onBeside(draft: Draft, place: number, event: ProcessEvent): void {
  const isVerdict =
    event.type === 'unready' && draft.state.members.at(place)?.beside?.process.want === 'drain';
  if (isVerdict) stepBeside(draft, place, { type: 'want', want: 'up' });
  stepBeside(draft, place, event);
  if (isVerdict) stepBeside(draft, place, { type: 'want', want: 'drain' });
}

/** It was not ready, and is ended; so those do not begin that were to follow, unless that was requested anew. */
function fail(draft: Draft, place: number, { run, phase }: ProcessState): void {
  const member = draft.state.members.at(place);
  if (member === undefined) return;
  change(draft, place, (one) => withRole(one, 'failed'));
  stepMember(draft, place, { type: 'grace', ms: null });
  const exit = whyFailed(phase);
  tell(draft, place, { type: 'roll-failed', run, pid: pidOf(member.process.phase), ...(exit && { exit }) });
  if (member.toRoll) return;
  for (const other of siblings(draft, place)) {
    if (draft.state.members.at(other)?.toRoll !== true) continue;
    setToRoll(draft, other, false);
    keepRolled(draft, other, Infinity, null);
  }
}

/** Requests whose rolling restart fails, or does not begin: those that asked for this `run`. */
function keepRolled(draft: Draft, place: number, run: number, exit: Exit | null): void {
  decide(draft, place, (ask, { phase }) =>
    ask.rolls === true && ask.run < run ? { outcome: 'kept', pid: pidOf(phase), exit } : undefined,
  );
}

function whyFailed(phase: Phase): Exit | undefined {
  if (phase.name === 'stopping') return phase.verdict?.exit;
  return 'exit' in phase ? phase.exit : undefined;
}

function callOff(draft: Draft, place: number): void {
  const signal = draft.state.closing?.signal;
  change(draft, place, (member) => withRole(member, 'called-off'));
  stepBeside(draft, place, { type: 'want', want: 'down', ...(signal !== undefined && { signal }) });
}

const withRole = (member: Member, role: Beside['role']): Member =>
  member.beside === null ? member : { ...member, beside: { ...member.beside, role } };

/** Nothing of it is left, or nothing can be done about it. */
function leave(draft: Draft, place: number): void {
  const member = draft.state.members.at(place);
  if (member?.beside == null || !isDown(member.beside.process.phase)) return;
  const { role, process: other } = member.beside;
  if (role === 'failed') keepRolled(draft, place, other.run, endOf(other));
  if (isUnkillable(other.phase)) return;
  change(draft, place, (one) => ({ ...one, beside: null, process: joined(draft, one, other) }));
}

/** What remains of a second run: the numbers that it has used, how it ended, and that it did not stop in time. */
function joined({ state }: Draft, { process }: Member, other: ProcessState): ProcessState {
  return {
    ...process,
    besideTimer: Math.max(process.besideTimer, timerOf(other)),
    lateRun: Math.max(process.lateRun, other.lateRun),
    killed: process.killed || (state.closing !== null && other.killed),
    lastExit: process.lastExit ?? other.lastExit,
  };
}

const timerOf = ({ timer, besideTimer }: ProcessState): number => Math.max(timer, besideTimer);

/** As `stepMember`, for the second run, if there is one. */
function stepBeside(draft: Draft, place: number, event: ProcessEvent): void {
  const spec = draft.state.spec.members[place];
  const member = draft.state.members.at(place);
  if (spec === undefined || member === undefined || member.beside === null) return;
  const { role, process: was } = member.beside;
  const { state: process, effects } = stepProcess(spec, was, event, draft.at);
  if (process !== was) putMember(draft, place, member, { ...member, beside: { role, process } });
  for (const effect of effects) {
    const told = effectOf(spec.name, effect);
    draft.effects.push(told.type === 'process' ? { ...told, isBeside: true } : told);
  }
}

const setToRoll = (draft: Draft, place: number, toRoll: boolean): void =>
  change(draft, place, (member) => ({ ...member, toRoll }));

function change(draft: Draft, place: number, changeOf: (member: Member) => Member): void {
  const member = draft.state.members.at(place);
  if (member !== undefined) putMember(draft, place, member, changeOf(member));
}

function tell({ state, effects }: Draft, place: number, fact: RollFact): void {
  const name = state.spec.members[place]?.name ?? '';
  effects.push({ type: 'record', event: { name, ...fact } });
}

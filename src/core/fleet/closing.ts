/** How the run ends: what ends it, in what haste, and when it is over. */
import { refuseWaitingClaims } from './claims.ts';
import { giveGrace, living, setDown, stepMember, type Draft } from './draft.ts';
import type { MemberSpec } from './spec.ts';
import type { Cause, Closing, FleetEvent, FleetState } from './state.ts';
import { abandonTickets } from './asks.ts';
import { isCompletedTask } from './needs.ts';
import { isFailure } from '../process/exit.ts';
import { endForGood, outcomeOf } from './outcome.ts';

/** A wrapper such as `npm start` passes on the SIGINT that the terminal has already sent: one key, two signals. */
const ONE_KEYPRESS_MS = 250;

type Close = Extract<FleetEvent, { type: 'close' }>;

export function close(draft: Draft, { cause, signal, graceMs: asked }: Close): void {
  const { closing } = draft.state;
  const graceMs = asked ?? null;
  const interrupt = cause.by === 'signal' && cause.signal === 'SIGINT';
  const interruptedAt = interrupt ? draft.at.now : null;
  if (closing === null) {
    beginClosing(draft, { cause, signal, graceMs, interruptedAt, hurried: false });
    return;
  }
  if (graceMs !== null) {
    draft.state.closing = { ...closing, graceMs };
    giveAllGrace(draft, graceMs);
  }
  if (!isOrderly(cause)) stopAll(draft, false);
  if (!interrupt || closing.hurried) return;
  const isSecond = closing.interruptedAt !== null && draft.at.now - closing.interruptedAt >= ONE_KEYPRESS_MS;
  if (isSecond) return hurry(draft, closing);
  if (closing.interruptedAt === null) {
    draft.state.closing = { ...closing, interruptedAt };
    draft.effects.push({ type: 'record', event: { type: 'interrupted', living: living(draft.state) } });
  }
}

export function beginClosing(draft: Draft, begun: Omit<Closing, 'living'>): void {
  const closing = { ...begun, living: living(draft.state) };
  draft.state.closing = closing;
  draft.effects.push({
    type: 'record',
    event: { type: 'closing', cause: closing.cause, living: closing.living },
  });
  refuseWaitingClaims(draft);
  giveAllGrace(draft, closing.graceMs);
  stopAll(draft, isOrderly(closing.cause));
}

function giveAllGrace(draft: Draft, graceMs: number | null): void {
  for (const place of draft.state.spec.members.keys()) giveGrace(draft, place, graceMs);
}

/** Only a stop on request has time for an order: a signal is passed on at once. */
const isOrderly = ({ by }: Cause): boolean => by === 'request' || by === 'library';

function stopAll(draft: Draft, isInTurn: boolean): void {
  for (const place of draft.state.spec.members.keys()) setDown(draft, place, isInTurn);
}

function hurry(draft: Draft, closing: Closing): void {
  draft.state.closing = { ...closing, hurried: true };
  draft.effects.push({ type: 'record', event: { type: 'hurried' } });
  for (const place of [...draft.state.spec.members.keys()].reverse()) {
    stepMember(draft, place, { type: 'hurry' });
    draft.state.rolls?.step(draft, place, { type: 'hurry' });
  }
}

/** `--on-exit stop`, or the process says so itself: one that has just ended for good and so takes the others down. */
export function endedForGood(
  { before, state }: Draft,
  news: readonly MemberSpec[],
): Extract<Cause, { by: 'exit' }> | undefined {
  if (state.closing !== null) return undefined;
  for (const member of news) {
    const onExit = member.onExit ?? state.spec.onExit;
    if (onExit === 'keep') continue;
    const { goal, process } = state.members.get(member.name) ?? {};
    if (goal !== 'up' || (process?.phase.name !== 'exited' && process?.phase.name !== 'failed')) continue;
    // What was a completed task when it ended stays one, even if a reform takes away the members that waited for it.
    if (process.phase === before.members.get(member.name)?.process.phase) continue;
    const ended = endForGood(state, member);
    if (ended === undefined || isCompletedTask(state, member, ended.exit)) continue;
    if (onExit === 'stop' || isFailure(ended.exit)) return { by: 'exit', ...ended };
  }
  return undefined;
}

export function causedBy(cause: Cause): Omit<Closing, 'living'> {
  return { cause, signal: 'SIGTERM', graceMs: null, interruptedAt: null, hurried: false };
}

export function finish(draft: Draft): void {
  if (!isOver(draft.state)) return;
  abandonTickets(draft);
  draft.state.finished = true;
  draft.effects.push({ type: 'finish', status: outcomeOf(draft.state) });
}

/** Without being closed, a run ends when all that were ever started have ended for good, by themselves. */
function isOver({ spec, members, totals, closing }: FleetState): boolean {
  const { notDown, ended, unused } = totals;
  if (closing !== null) return notDown === 0;
  if (spec.resident || ended === 0 || ended + unused < members.size) return false;
  return !spec.members.some(({ name, awaitsChanges }) => awaitsChanges && members.get(name)?.goal === 'up');
}

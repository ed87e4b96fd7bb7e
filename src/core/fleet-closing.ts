/** How the run ends: what ends it, in what haste, and when it is over. */
import { living, setGoal, stepMember, type Draft } from './fleet-draft.ts';
import type { Cause, Closing, Member } from './fleet-state.ts';
import { isCompletedTask } from './needs.ts';
import { outcomeOf } from './outcome.ts';
import { isAlive } from './process-state.ts';
import type { SignalName } from './signals.ts';
import { abandon } from './tickets.ts';

/** A wrapper such as `npm start` passes on the SIGINT that the terminal has already sent: one key, two signals. */
const ONE_KEYPRESS_MS = 250;

export function close(draft: Draft, cause: Cause, signal: SignalName): void {
  const { closing } = draft.state;
  const interrupt = cause.by === 'signal' && cause.signal === 'SIGINT';
  const interruptedAt = interrupt ? draft.at.now : null;
  if (closing === null) {
    beginClosing(draft, { cause, signal, interruptedAt, hurried: false });
    return;
  }
  if (!interrupt || closing.hurried) return;
  const isSecond = closing.interruptedAt !== null && draft.at.now - closing.interruptedAt >= ONE_KEYPRESS_MS;
  if (isSecond) return hurry(draft, closing);
  if (closing.interruptedAt === null) {
    draft.state = { ...draft.state, closing: { ...closing, interruptedAt } };
    draft.effects.push({ type: 'notice', notice: { type: 'interrupted', living: living(draft.state) } });
  }
}

export function beginClosing(draft: Draft, closing: Closing): void {
  draft.state = { ...draft.state, closing };
  draft.effects.push({
    type: 'notice',
    notice: { type: 'closing', cause: closing.cause, living: living(draft.state) },
  });
  for (const { name } of draft.spec.members) setGoal(draft, name, 'down');
}

function hurry(draft: Draft, closing: Closing): void {
  draft.state = { ...draft.state, closing: { ...closing, hurried: true } };
  draft.effects.push({ type: 'notice', notice: { type: 'hurried' } });
  for (const { name } of draft.spec.members) stepMember(draft, name, { type: 'hurry' });
}

/** `--on-exit stop`: the process that ended for good and so takes the others down. */
export function endedForGood({ spec, state }: Draft): Extract<Cause, { by: 'exit' }> | undefined {
  if (spec.onExit !== 'stop' || state.closing !== null) return undefined;
  for (const member of spec.members) {
    const { goal, process } = state.members.get(member.name) ?? {};
    if (goal !== 'up' || (process?.phase.name !== 'exited' && process?.phase.name !== 'failed')) continue;
    const { exit } = process.phase;
    if (!isCompletedTask(spec, member, exit)) return { by: 'exit', name: member.name, exit };
  }
  return undefined;
}

export function causedBy(cause: Cause): Closing {
  return { cause, signal: 'SIGTERM', interruptedAt: null, hurried: false };
}

export function finish(draft: Draft): void {
  const { members, tickets, closing } = draft.state;
  const all = [...members.values()];
  const hasBegun =
    closing !== null || all.some(({ process }) => process.run > 0 || process.phase.name === 'failed');
  if (!hasBegun || !all.every((member) => isOver(member, closing))) return;
  for (const ticket of tickets) {
    draft.effects.push({ type: 'settle', ticket: ticket.id, results: abandon(ticket).results });
  }
  draft.state = { ...draft.state, finished: true, tickets: [] };
  draft.effects.push({ type: 'finish', status: outcomeOf(draft.state) });
}

/** Nothing of it lives, and nothing will bring it back. */
function isOver({ goal, process }: Member, closing: Closing | null): boolean {
  if (isAlive(process.phase) || process.phase.name === 'backoff') return false;
  return closing !== null || goal === 'down' || process.phase.name !== 'idle';
}

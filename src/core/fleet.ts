/**
 * The fleet is level-triggered: an event changes goals or one process, then every member is asked what is missing
 * between its goal and its state, again and again until nothing moves. So it does not matter in which order things
 * happen, and none can be missed. What a goal may do at once is decided in `needs.ts`: a start waits for what is
 * needed, a stop waits (`drain`) until the dependents are gone.
 */
import type {
  Cause,
  Closing,
  FleetEffect,
  FleetEvent,
  FleetSpec,
  FleetState,
  Member,
  MemberSpec,
} from './fleet-state.ts';
import { hasLiveDependents, isCompletedTask, needsAreMet, unmeetable } from './needs.ts';
import { firstFailureOf, outcomeOf } from './outcome.ts';
import { stepProcess, type Circumstances } from './process.ts';
import { isAlive, NEW_PROCESS, type ProcessEvent, type Want } from './process-state.ts';
import type { SignalName } from './signals.ts';
import { abandon, answer, isSettled, newTicket, supersede, type Verb } from './tickets.ts';

export interface FleetStep {
  readonly state: FleetState;
  readonly effects: readonly FleetEffect[];
}

/** A wrapper such as `npm start` passes on the SIGINT that the terminal has already sent: one key, two signals. */
const ONE_KEYPRESS_MS = 250;

export function stepFleet(
  spec: FleetSpec,
  state: FleetState,
  event: FleetEvent,
  at: Circumstances,
): FleetStep {
  if (state.finished) return { state, effects: refuse(event) };
  const draft: Draft = { spec, at, state, effects: [] };
  handle(draft, event);
  settleMembers(draft);
  settleTickets(draft);
  finish(draft);
  return { state: draft.state, effects: draft.effects };
}

/** After the end a request is still answered; nothing else is heard. */
function refuse(event: FleetEvent): readonly FleetEffect[] {
  if (event.type !== 'request') return [];
  const { results } = abandon(newTicket(event.ticket, event.verb, event.names, () => NEW_PROCESS));
  return [{ type: 'settle', ticket: event.ticket, results }];
}

/** One step in the making; no one outside `stepFleet` sees it. */
interface Draft {
  readonly spec: FleetSpec;
  readonly at: Circumstances;
  state: FleetState;
  readonly effects: FleetEffect[];
}

function handle(draft: Draft, event: FleetEvent): void {
  switch (event.type) {
    case 'request':
      return request(draft, event.ticket, event.verb, event.names);
    case 'close':
      return close(draft, event.cause, event.signal);
    case 'forward':
      return forward(draft, event.signal);
    case 'process':
      return stepMember(draft, event.name, event.event);
  }
}

function request(draft: Draft, id: number, verb: Verb, names: readonly string[]): void {
  const ticket = newTicket(id, verb, names, (name) => draft.state.members.get(name)?.process);
  const { closing, tickets } = draft.state;
  if (closing !== null && verb !== 'stop') {
    draft.state = { ...draft.state, tickets: [...tickets, abandon(ticket)] };
    return;
  }
  const older = tickets.map((other) => supersede(other, verb, names));
  draft.state = { ...draft.state, tickets: [...older, ticket] };
  for (const name of ticket.pending.keys()) ask(draft, name, verb);
}

function ask(draft: Draft, name: string, verb: Verb): void {
  if (verb === 'stop') return setGoal(draft, name, 'down');
  setGoal(draft, name, 'up');
  const phase = draft.state.members.get(name)?.process.phase.name;
  if (phase === 'exited' || phase === 'failed') return stepMember(draft, name, { type: 'forget' });
  if (verb === 'restart' && phase !== 'idle') return stepMember(draft, name, { type: 'renew' });
}

function close(draft: Draft, cause: Cause, signal: SignalName): void {
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

function beginClosing(draft: Draft, closing: Closing): void {
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

function forward(draft: Draft, signal: SignalName): void {
  for (const [name, { process }] of draft.state.members) {
    if (process.phase.name !== 'running') continue;
    const effect = {
      type: 'signal',
      run: process.run,
      pid: process.phase.pid,
      signal,
      reach: 'group',
    } as const;
    draft.effects.push({ type: 'process', name, effect });
  }
}

/**
 * Brings every member as near to its goal as the others allow, until nothing moves. What may end the run comes first,
 * so that nothing is started to be stopped at once; and the first cause is looked for before it dooms others.
 */
function settleMembers(draft: Draft): void {
  for (let moved = true; moved;) {
    noteFailures(draft);
    const ended = endedForGood(draft);
    moved = anyMember(draft, doomMember);
    if (ended !== undefined) beginClosing(draft, causedBy(ended));
    moved ||= anyMember(draft, steerMember);
  }
}

function anyMember(draft: Draft, move: (draft: Draft, spec: MemberSpec, member: Member) => boolean): boolean {
  let moved = false;
  for (const spec of draft.spec.members) {
    const member = draft.state.members.get(spec.name);
    if (member !== undefined) moved = move(draft, spec, member) || moved;
  }
  return moved;
}

function doomMember(draft: Draft, spec: MemberSpec, { goal, process }: Member): boolean {
  if (goal !== 'up' || process.phase.name !== 'idle') return false;
  const exit = unmeetable(draft.spec, draft.state, spec);
  if (exit !== undefined) stepMember(draft, spec.name, { type: 'doom', exit });
  return exit !== undefined;
}

function steerMember(draft: Draft, spec: MemberSpec, member: Member): boolean {
  const want = wantOf(draft, spec, member);
  if (want === member.process.want) return false;
  const signal = draft.state.closing?.signal;
  stepMember(draft, spec.name, { type: 'want', want, ...(signal === undefined ? {} : { signal }) });
  return true;
}

function wantOf({ spec, state }: Draft, member: MemberSpec, { goal, process }: Member): Want {
  if (goal === 'down') return hasLiveDependents(spec, state, member) ? 'drain' : 'down';
  return process.phase.name === 'idle' && !needsAreMet(spec, state, member) ? 'down' : 'up';
}

function noteFailures(draft: Draft): void {
  draft.state = { ...draft.state, firstFailure: firstFailureOf(draft.state) };
}

/** `--on-exit stop`: the process that ended for good and so takes the others down. */
function endedForGood({ spec, state }: Draft): Extract<Cause, { by: 'exit' }> | undefined {
  if (spec.onExit !== 'stop' || state.closing !== null) return undefined;
  for (const member of spec.members) {
    const { goal, process } = state.members.get(member.name) ?? {};
    if (goal !== 'up' || (process?.phase.name !== 'exited' && process?.phase.name !== 'failed')) continue;
    const { exit } = process.phase;
    if (!isCompletedTask(spec, member, exit)) return { by: 'exit', name: member.name, exit };
  }
  return undefined;
}

function causedBy(cause: Cause): Closing {
  return { cause, signal: 'SIGTERM', interruptedAt: null, hurried: false };
}

function settleTickets(draft: Draft): void {
  const find = (name: string) => draft.state.members.get(name)?.process;
  const open = [];
  for (const ticket of draft.state.tickets) {
    const answered = answer(ticket, find);
    if (isSettled(answered))
      draft.effects.push({ type: 'settle', ticket: ticket.id, results: answered.results });
    else open.push(answered);
  }
  draft.state = { ...draft.state, tickets: open };
}

function finish(draft: Draft): void {
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

function setGoal(draft: Draft, name: string, goal: Member['goal']): void {
  const member = draft.state.members.get(name);
  if (member !== undefined) putMember(draft, name, { ...member, goal });
}

function stepMember(draft: Draft, name: string, event: ProcessEvent): void {
  const member = draft.state.members.get(name);
  const spec = draft.spec.byName.get(name);
  if (member === undefined || spec === undefined) return;
  const { state: process, effects } = stepProcess(spec, member.process, event, draft.at);
  putMember(draft, name, { ...member, process });
  for (const effect of effects) {
    draft.effects.push(
      effect.type === 'notice'
        ? { type: 'process-notice', name, notice: effect.notice }
        : { type: 'process', name, effect },
    );
  }
}

function putMember(draft: Draft, name: string, member: Member): void {
  draft.state = { ...draft.state, members: new Map(draft.state.members).set(name, member) };
}

function living(state: FleetState): readonly string[] {
  return [...state.members].filter(([, { process }]) => isAlive(process.phase)).map(([name]) => name);
}

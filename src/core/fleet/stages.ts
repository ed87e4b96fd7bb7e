/**
 * What the stages of a supervised pipeline owe each other. Both ends of the pipe between two of them are held by the
 * supervisor, so that neither notices when the other is restarted, or is stopped alone. Only when one of them is over
 * does its neighbour hear of it, as in a shell: the reader by the end of file, the writer by SIGPIPE. Over is
 *
 *   a stage that has ended for good,
 *   and one that was stopped together with its neighbour: a stop of the whole goes from the first stage to the last, and each
 *   is left to read what there still is before it is asked to end.
 */
import { inOrder } from './agenda.ts';
import { isFailure, type Exit } from '../process/exit.ts';
import type { Draft } from './draft.ts';
import type { FleetSpec, MemberSpec } from './spec.ts';
import type { FleetEffect, FleetState } from './state.ts';
import type { Member } from './member.ts';
import { pipelineVerdict } from '../pipeline/verdict.ts';
import { isAlive, isDown, type ProcessEvent } from '../process/state.ts';

/** The stage before has been asked to stop and has not ended yet: what it still writes is to be read. */
export function waitsForUpstream(state: FleetState, { stage }: MemberSpec): boolean {
  const upstream = memberAt(state, stage?.upstream);
  if (upstream === undefined || upstream.goal === 'up') return false;
  return !isDown(upstream.process.phase);
}

/** Nothing will write to it any more. */
export function hasNoWriter(state: FleetState, { name, stage }: MemberSpec): boolean {
  const { upstream = null } = stage ?? {};
  return upstream !== null && isOver(state, upstream, name);
}

/** Nothing will read what it writes any more. */
export function hasNoReader(state: FleetState, { name, stage }: MemberSpec): boolean {
  const { downstream = null } = stage ?? {};
  return downstream !== null && isOver(state, downstream, name);
}

/** It has ended by itself, with success, and nothing writes to it any more: another run would read nothing. */
export function isLastWord(state: FleetState, spec: MemberSpec, event: ProcessEvent): boolean {
  if (spec.stage === undefined || event.type !== 'exited' || isFailure(event.exit)) return false;
  const process = state.members.get(spec.name)?.process;
  return process?.want === 'up' && process.phase.name === 'running' && hasNoWriter(state, spec);
}

/** The same of a run that has left something behind, which is cleared away first. */
export function hasReadAll(state: FleetState, spec: MemberSpec): boolean {
  const phase = state.members.get(spec.name)?.process.phase;
  return phase?.name === 'clearing' && !phase.asked && !isFailure(phase.exit) && hasNoWriter(state, spec);
}

/**
 * What this step has made of the pipes: each end that is not to be used any more is given up. A stage that is to finish was perhaps
 * started alone after its writer was over, and waits for another: it must hear that none will come. And a stage that has
 * got another neighbour in a reform was told nothing of that one, which may have ended long ago.
 */
export function closings({ before, state }: Draft, touched: readonly number[]): readonly FleetEffect[] {
  if (state.spec.pipelines.size === 0) return [];
  return besides(state.spec, touched).flatMap(({ name, stage }): readonly FleetEffect[] => {
    const { upstream = null } = stage ?? {};
    if (upstream === null) return [];
    const wasLinked = before.spec.byName.get(name)?.stage?.upstream === upstream;
    const isNew = (holds: (at: FleetState) => boolean): boolean =>
      holds(state) && !(wasLinked && holds(before));
    const hasNoWriter = isNew((at) => isOver(at, upstream, name));
    const isToFinish = isNew(({ members }) => {
      const process = members.get(name)?.process;
      return process?.want === 'finish' && isAlive(process.phase);
    });
    return [
      ...(hasNoWriter || isToFinish ? [{ type: 'end-writing', reader: name } as const] : []),
      ...(isNew((at) => isOver(at, name, upstream)) ? [{ type: 'end-reading', reader: name } as const] : []),
    ];
  });
}

/** The stages among those that have changed, and their neighbours. */
function besides(
  { members, places, neighbours }: FleetSpec,
  touched: readonly number[],
): readonly MemberSpec[] {
  const found = new Set<number>();
  for (const place of touched) {
    const { name = '', stage } = members[place] ?? {};
    if (stage === undefined) continue;
    found.add(place);
    for (const other of neighbours.get(name) ?? []) found.add(places.get(other) ?? place);
  }
  return inOrder([...found]).flatMap((place) => members[place] ?? []);
}

/** How a pipeline has ended for good, by the stage that decided it; undefined as long as one of its stages has not. */
export function endOfPipeline(
  { spec, members }: Pick<FleetState, 'spec' | 'members'>,
  pipeline: string,
): { readonly name: string; readonly exit: Exit } | undefined {
  const stages = (spec.pipelines.get(pipeline) ?? []).filter(({ name }) => members.has(name));
  const ends: { readonly name: string; readonly exit: Exit }[] = [];
  // From the last one, which mostly ends last.
  for (const { name } of stages.toReversed()) {
    const exit = exitForGood(members.get(name));
    if (exit === undefined) return undefined;
    ends.unshift({ name, exit });
  }
  const { decidedBy } = pipelineVerdict(ends.map(({ exit }) => exit));
  const end = ends[decidedBy ?? ends.length - 1];
  return end && { name: end.name, exit: decidedBy === null ? SUCCESS : end.exit };
}

const SUCCESS: Exit = { by: 'code', code: 0 };

/**
 * For the stage at the other end of the pipe between them. After a reform that is not always its own neighbour: a departing
 * stage keeps those that it had.
 */
function isOver(state: FleetState, name: string, other: string): boolean {
  const member = state.members.get(name);
  if (member === undefined) return true;
  // A stage that was stopped and left to read to the end has not ended by itself: it may be started again.
  const endedByItself = exitForGood(member) !== undefined && !isLeftAlone(member);
  if (endedByItself || member.goal === 'up') return endedByItself;
  if (!isDown(member.process.phase)) return false;
  return state.members.get(other)?.goal !== 'up';
}

/** It is to stop, and may first wait for others, or read what is left, and end by itself. */
export function isLeftAlone({ goal, process: { want } }: Pick<Member, 'goal' | 'process'>): boolean {
  return goal === 'down' && (want === 'drain' || want === 'finish' || want === 'wait');
}

function memberAt({ members }: FleetState, name: string | null = null): Member | undefined {
  return name === null ? undefined : members.get(name);
}

/** Undefined as long as it may come back by itself. */
export function exitForGood(member: Member | undefined): Exit | undefined {
  const phase = member?.process.phase;
  return phase?.name === 'exited' || phase?.name === 'failed' ? phase.exit : undefined;
}

/** The core with one rule broken about how runs end, what follows from that, and what schedules start. */
import type { Mutant } from './load-mutant.ts';

const exit = 'process/exit.ts';
const policy = 'process/restart-policy.ts';
const closing = 'fleet/closing.ts';
const member = 'fleet/member.ts';
const schedules = '../runtime/schedules.ts';

export const END_MUTANTS: readonly Mutant[] = [
  {
    name: 'an end by a signal is never a success',
    file: exit,
    original: '|| !isFailure(exit) || ',
    broken: "|| exit.by === 'signal' || !isFailure(exit) || ",
  },
  {
    name: 'any status is a success where some are',
    file: exit,
    original: '!successStatus.includes(statusOf(exit))',
    broken: 'successStatus.length === 0',
  },
  {
    name: 'only status 0 meets a need',
    file: 'fleet/counts.ts',
    original: "isFailure(phase.exit) ? 'broken'",
    broken: "phase.exit.by !== 'code' || phase.exit.code !== 0 ? 'broken'",
  },
  {
    name: 'on-failure restarts all but status 0',
    file: policy,
    original: 'if (!isFailure(exit)) return false;',
    broken: "if (exit.by === 'code' && exit.code === 0) return false;",
  },
  {
    name: 'on-failure restarts what has succeeded',
    file: policy,
    original: "policy.mode === 'always' ||",
    broken: "policy.mode !== 'never' ||",
  },
  {
    name: 'on-failure does not restart what has crashed',
    file: policy,
    original: "(policy.mode === 'on-failure' && isCrash(ended.exit))",
    broken: "(policy.mode === 'on-failure' && !isCrash(ended.exit))",
  },
  {
    name: 'an end by SIGTERM is a crash',
    file: policy,
    original: "['SIGTERM', 'SIGINT',",
    broken: "['SIGINT',",
  },
  {
    name: 'all but status 0 is the first failure',
    file: 'fleet/outcome.ts',
    original: 'ended !== undefined && isFailure(ended.exit)',
    broken: 'ended !== undefined && statusOf(ended.exit) !== 0',
  },
  {
    name: 'a failure is not told at the end',
    file: 'fleet/outcome.ts',
    original: 'firstFailure === null ? STATUS.success : statusOf(firstFailure)',
    broken: 'STATUS.success',
  },
  {
    name: 'all but status 0 ends the run that a failure is to end',
    file: closing,
    original: "onExit === 'stop' || isFailure(ended.exit)",
    broken: "onExit === 'stop' || ended.exit.by !== 'code' || ended.exit.code !== 0",
  },
  {
    name: 'an end does not end the run',
    file: closing,
    original: "onExit === 'stop' || isFailure(ended.exit)",
    broken: 'isFailure(ended.exit)',
  },
  {
    name: 'an end ends the run that is to be kept',
    file: closing,
    original: "if (onExit === 'keep') continue;",
    broken: '',
  },
  {
    name: 'a task that is done ends the run',
    file: closing,
    original: ' || isCompletedTask(state, member, ended.exit)',
    broken: '',
  },
  {
    name: 'only with status 0 a task is done',
    file: 'fleet/needs.ts',
    original: 'tasks > 0) && !isFailure(exit)',
    broken: "tasks > 0) && exit.by === 'code' && exit.code === 0",
  },
  {
    name: 'a task that has succeeded is run again',
    file: 'fleet/start-needs.ts',
    original: 'return isFailure(phase.exit) || !isTask;',
    broken: 'return true;',
  },
  {
    name: 'a task that has succeeded with another status than 0 is run again',
    file: 'fleet/start-needs.ts',
    original: 'return isFailure(phase.exit) || !isTask;',
    broken: "return phase.exit.by !== 'code' || phase.exit.code !== 0 || !isTask;",
  },
  {
    name: 'what ends while it follows others stays so',
    file: 'fleet/follow.ts',
    original: "phase.name === 'clearing' || phase.name === 'ending'",
    broken: "phase.name === 'clearing'",
  },
  {
    name: 'what is not ready in time runs on',
    file: 'process/step.ts',
    original: 'effects } = climb(spec, state, state.phase, 0);',
    broken: 'effects } = stay(state);',
  },
  {
    name: 'what is not well is restarted by its policy only',
    file: 'process/end.ts',
    original: "isUnhealthy ? ({ ...spec.restart, mode: 'always' } as const) : spec.restart",
    broken: 'spec.restart',
  },
  {
    name: 'that it is not well is forgotten while its hooks run',
    file: 'process/step.ts',
    original: '...(isUnhealthy && { isUnhealthy })',
    broken: '',
  },
  {
    name: 'ready is told again and again',
    file: 'process/step.ts',
    original: "phase.name !== 'running' || phase.ready) return stay(state);",
    broken: "phase.name !== 'running') return stay(state);",
  },
  {
    name: 'the run ends though something is scheduled',
    file: 'fleet/spec.ts',
    original: 'resident: resident || members.some(({ isScheduled }) => isScheduled === true),',
    broken: 'resident,',
  },
  {
    name: 'a schedule starts what waits for its restart',
    file: member,
    original: "lives(member) || member.process.phase.name === 'backoff' || member.waitingSince",
    broken: 'lives(member) || member.waitingSince',
  },
  {
    name: 'a schedule starts what waits for its needs',
    file: member,
    original: " || member.process.phase.name === 'backoff' || member.waitingSince !== null",
    broken: " || phase.name === 'backoff'",
  },
  {
    name: 'a schedule starts a run beside another',
    file: member,
    original: "lives(member) || member.process.phase.name === 'backoff' || member.waitingSince",
    broken: "member.process.phase.name === 'backoff' || member.waitingSince",
  },
  {
    name: 'a schedule restarts what it is to start',
    file: schedules,
    original: "return options.ask('start', ",
    broken: "return options.ask('restart', ",
  },
  {
    name: 'a schedule does not hear of the end that it waits for',
    file: schedules,
    original: 'for (const name of own) look(name);',
    broken: '',
  },
  {
    name: 'the schedule of a newcomer is not heard of',
    file: schedules,
    original: '(name) => known.has(name) || scheduleOf',
    broken: '(name) => known.has(name) && scheduleOf',
  },
  {
    name: 'the times of what has left go on',
    file: schedules,
    original: 'if (known.delete(name)) isRemembered = false;\n      return undefined;',
    broken: 'return before;',
  },
];

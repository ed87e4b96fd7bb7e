/** The rules of rolling restarts, each broken on purpose. */
import type { Mutant } from './load-mutant.ts';

export const ROLL_MUTANTS: readonly Mutant[] = [
  {
    name: 'the old run is stopped as soon as the new one runs',
    file: 'fleet/roll.ts',
    original: "if (phase.name === 'running' && phase.ready) return replace(draft, place, 'down');",
    broken: "if (phase.name === 'running') return replace(draft, place, 'down');",
  },
  {
    name: 'the old run is not stopped when the new one is ready',
    file: 'fleet/roll.ts',
    original: "stepBeside(draft, place, { type: 'want', want });",
    broken: "stepBeside(draft, place, { type: 'want', want: 'drain' });",
  },
  {
    name: 'a new run that fails is brought back by the restart policy',
    file: 'fleet/roll.ts',
    original: "stepBeside(draft, place, { type: 'want', want: 'drain' });\n}\n\nfunction attend",
    broken: '}\n\nfunction attend',
  },
  {
    name: 'the instances of a process are rolled at once',
    file: 'fleet/roll.ts',
    original: 'return member !== undefined && isTwofold(member);',
    broken: 'return member !== undefined && other === place && isTwofold(member);',
  },
  {
    name: 'after a failure the next instance is rolled',
    file: 'fleet/roll.ts',
    original: 'if (member.toRoll) return;',
    broken: 'if (!member.toRoll) return;',
  },
  {
    name: 'a stop does not reach the new run',
    file: 'fleet/roll.ts',
    original: "} else if (role === 'next') callOff(draft, place);",
    broken: '}',
  },
  {
    name: 'a restart does not call off the new run',
    file: 'fleet/requests.ts',
    original: "if (verb === 'restart') draft.state.rolls?.callOff(draft, place);",
    broken: '',
  },
  {
    name: 'an old run that ends by itself is brought back beside the new one',
    file: 'fleet/roll.ts',
    original: "replace(draft, place, 'drain');",
    broken: 'return false;',
  },
  {
    name: 'a verdict on the new run is not heard',
    file: 'fleet/roll.ts',
    original: "if (isVerdict) stepBeside(draft, place, { type: 'want', want: 'up' });",
    broken: '',
  },
  {
    name: 'the number of a new run that failed is used again',
    file: 'process/transitions.ts',
    original: 'const run = Math.max(state.run, state.besideRun) + 1;',
    broken: 'const run = state.run + 1;',
  },
  {
    name: 'timers beside are numbered anew',
    file: 'fleet/roll.ts',
    original: 'const timer = Math.max(timerOf(process), timerOf(beside.process));',
    broken: 'const timer = process.timer;',
  },
  {
    name: 'the second run does not count as living',
    file: 'fleet/member.ts',
    original: 'isAlive(process.phase) || (beside !== null && isAlive(beside.process.phase));',
    broken: 'isAlive(process.phase) || (beside !== null && process.want === null);',
  },
  {
    name: 'the run of all ends beside a second run',
    file: 'fleet/counts.ts',
    original: "((isOver || process.phase.name === 'idle') && !hasBeside ? 0 : NOT_DOWN)",
    broken: "(isOver || process.phase.name === 'idle' ? 0 : NOT_DOWN)",
  },
  {
    name: 'who departs is dropped beside its second run',
    file: 'fleet/reform.ts',
    original: ' && beside === null;',
    broken: ' && beside !== undefined;',
  },
  {
    name: 'a second Ctrl-C does not reach the second run',
    file: 'fleet/closing.ts',
    original: "draft.state.rolls?.step(draft, place, { type: 'hurry' });",
    broken: '',
  },
  {
    name: 'a request for one more is answered by the one that is under way',
    file: 'fleet/roll.ts',
    original: '{ ...ask, rolls: true, ...run }',
    broken: '{ ...ask, rolls: true }',
  },
  {
    name: 'a start under way is renewed for one more',
    file: 'fleet/roll.ts',
    original: "  if (is?.process.phase.name === 'starting') return;\n",
    broken: '',
  },
  {
    name: 'one more is called off by a request for the start that is under way',
    file: 'fleet/roll.ts',
    original: "if (toRoll && process?.phase.name !== 'starting')",
    broken: 'if (toRoll && process !== undefined)',
  },
  {
    name: 'what needs one that is rolled starts before that is stopped',
    file: 'fleet/steering.ts',
    original: `    looks.toRoll.pass((place) => draft.state.rolls?.attend(draft, place));
    moveAny(draft, looks.toRaise, raise);
`,
    broken: `    moveAny(draft, looks.toRaise, raise);
    looks.toRoll.pass((place) => draft.state.rolls?.attend(draft, place));
`,
  },
  {
    name: 'a failed rolling restart is not answered',
    file: 'fleet/roll.ts',
    original: "if (role === 'failed') keepRolled(draft, place, other.run, endOf(other));",
    broken: '',
  },
  {
    name: 'the next instance is not looked at when one is done',
    file: 'fleet/draft.ts',
    original: 'looks.toRoll.addAll(spec.processes[spec.ranks[place] ?? -1]?.places ?? []);',
    broken: 'looks.toRoll.addAll([]);',
  },
  {
    name: 'what has no second run any more keeps it',
    file: 'fleet/roll.ts',
    original: 'if (isUnkillable(other.phase)) return;',
    broken: 'if (!isUnkillable(other.phase)) return;',
  },
  {
    name: 'what is not ready is rolled',
    file: 'fleet/roll.ts',
    original: "return want === 'up' && phase.name === 'running' && phase.ready;",
    broken: "return want === 'up';",
  },
  {
    name: 'a stage is rolled',
    file: 'fleet/roll.ts',
    original: 'stage === undefined && !isTask;',
    broken: '!isTask;',
  },
];

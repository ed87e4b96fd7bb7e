/** The core with one rule broken on purpose. A mutant that no story finds shows an invariant that is too weak. */
import * as esbuild from 'esbuild';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Core } from './oracle.ts';

export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Must stand in the file exactly once, or the mutant no longer says what it claims. */
  readonly original: string;
  readonly broken: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a stale timer is acted on',
    file: 'process/step.ts',
    original: 'return event.timer !== state.timer;',
    broken: 'return false;',
  },
  {
    name: 'an event of an older run is acted on',
    file: 'process/step.ts',
    original: "return 'run' in event && event.run !== state.run;",
    broken: 'return false;',
  },
  {
    name: 'a restart starts the successor beside the one that is being stopped',
    file: 'process/step.ts',
    original: 'return climb(spec, fresh, state.phase, 0);',
    broken: 'return start(fresh);',
  },
  {
    name: 'the grace is zero',
    file: 'process/stop.ts',
    original: "effects.push({ type: 'set-timer', timer, ms: graceMs });",
    broken: "effects.push({ type: 'set-timer', timer, ms: 0 });",
  },
  {
    name: 'the grace of a request is not kept',
    file: 'process/stop.ts',
    original: 'graceMs ?? ladder[0].graceMs',
    broken: 'graceMs === null ? ladder[0].graceMs : 0',
  },
  {
    name: 'the new time of a stop that is in progress is zero',
    file: 'process/stop.ts',
    original: "return to({ ...given, timer }, phase, { type: 'set-timer', timer, ms: graceMs });",
    broken: "return to({ ...given, timer }, phase, { type: 'set-timer', timer, ms: 0 });",
  },
  {
    name: 'a ticket is forgotten when the run ends',
    file: 'fleet/asks.ts',
    original: 'for (const id of draft.state.tickets.ids()) settle(draft, id);',
    broken: '',
  },
  {
    name: 'a ticket is settled again and again',
    file: 'fleet/asks.ts',
    original: 'draft.state.tickets = draft.state.tickets.with(id, undefined, draft.maker);',
    broken: '',
  },
  {
    name: 'drain is taken as down',
    file: 'fleet/steering.ts',
    original: "waitsForUpstream(state, member)) return 'drain';",
    broken: "waitsForUpstream(state, member)) return 'down';",
  },
  {
    name: 'who waits to be restarted and is stopped has ended by itself',
    file: 'fleet/steering.ts',
    original: "if (process.phase.name === 'backoff') return 'down';",
    broken: '',
  },
  {
    name: 'what dies while it drains comes back',
    file: 'process/end.ts',
    original: "if (state.want !== 'up') return to(state, { name: 'exited', exit });",
    broken: '',
  },
  {
    name: 'what a program left behind is ignored',
    file: 'process/step.ts',
    original: 'const next = survivors ? clear(',
    broken: 'const next = !survivors && survivors ? clear(',
  },
  {
    name: 'a stop during the start is lost',
    file: 'process/step.ts',
    original: 'const { state: next, effects } = attend(spec, state, running);',
    broken: 'const { state: next, effects } = to(state, running);',
  },
  {
    name: 'needs are not waited for',
    file: 'fleet/steering.ts',
    original: "return is.ignoresNeeds || needsAreMet(state, member) ? 'up' : 'down';",
    broken: "return 'up';",
  },
  {
    name: 'who departs is dropped while it lives',
    file: 'fleet/reform.ts',
    original: 'return departing && isDown(phase) && ',
    broken: 'return departing && ',
  },
  {
    name: 'runs and timers are numbered anew after a drop',
    file: 'fleet/reform.ts',
    original: 'draft.state.dropped = { run, timer };',
    broken: '',
  },
  {
    name: 'a start of who departs is a start',
    file: 'fleet/requests.ts',
    original: "(verb === 'stop' || !member.departing)",
    broken: "(verb !== 'stop' || !member.departing)",
  },
  {
    name: 'a ticket waits for who was dropped',
    file: 'fleet/reform.ts',
    original: "else supersede(draft, place, 'stop');",
    broken: '',
  },
  {
    name: 'who departs and is wanted again departs all the same',
    file: 'fleet/reform.ts',
    original: 'const departing = !wanted.byName.has(name);',
    broken: 'const departing = !wanted.byName.has(name) || members.get(name)?.departing === true;',
  },
  {
    name: 'who departs is waited for by those that need it',
    file: 'fleet/counts.ts',
    original: ' || member.departing',
    broken: '',
  },
  {
    name: 'a resident fleet finishes by itself',
    file: 'fleet/closing.ts',
    original: 'return !spec.resident && ',
    broken: 'return spec.members.length >= 0 && ',
  },
  {
    name: 'a stop on request ends the run',
    file: 'fleet/counts.ts',
    original: '!isUp && process.run === runsBefore',
    broken: "!isUp && (isOver || process.phase.name === 'idle') && runsBefore >= 0",
  },
  {
    name: 'the first is stopped first',
    file: 'fleet/looks.ts',
    original: "toLower = new Agenda('descending')",
    broken: "toLower = new Agenda('ascending')",
  },
  {
    name: 'who was shot on request was stopped',
    file: 'process/end.ts',
    original: '  if (asked) return start(withoutPast(state));',
    broken: "  if (exit.by === 'signal' && exit.signal === 'SIGKILL') return to(state, { name: 'idle' });",
  },
  {
    name: 'the run finishes while something is being cleared',
    file: 'process/state.ts',
    original: "    case 'clearing':\n    case 'ending':\n      return true;",
    broken: "    case 'ending':\n      return true;\n    case 'clearing':",
  },
  {
    name: 'a stage is stopped before the one that it reads from',
    file: 'fleet/stages.ts',
    original: 'return !isDown(upstream.process.phase);',
    broken: 'return !isDown(upstream.process.phase) && upstream.goal === upstream.process.want;',
  },
  {
    name: 'a new neighbour in a pipeline is not told what was told to the old one',
    file: 'fleet/stages.ts',
    original: 'wasLinked && ',
    broken: '',
  },
  {
    name: 'a stage has no time to read what is left',
    file: 'process/step.ts',
    original: "{ type: 'set-timer', timer, ms });",
    broken: "{ type: 'set-timer', timer, ms: state.want === 'wait' ? ms : 0 });",
  },
  {
    name: 'a pipe is closed while its writer lives',
    file: 'fleet/stages.ts',
    original: 'if (!isDown(member.process.phase)) return false;',
    broken: '',
  },
  {
    name: 'the end of a stage is told to nobody',
    file: 'fleet/step.ts',
    original: 'draft.effects.push(...closings(draft, touched));',
    broken: '',
  },
  {
    name: 'what cannot be killed is started again',
    file: 'process/state.ts',
    original: "phase.name === 'failed' && phase.why === 'unkillable'",
    broken: "phase.name === 'failed' && phase.why === 'unkillable' && phase.pid === 0",
  },
  {
    name: 'what cannot be killed is dropped while it lives',
    file: 'fleet/reform.ts',
    original: ' && !isUnkillable(phase)',
    broken: '',
  },
  {
    name: 'the late end of what could not be killed is not heard',
    file: 'process/step.ts',
    original: 'return onLateExit(state, phase.pid, exit, survivors);',
    broken: 'return stay(state);',
  },
  {
    name: 'who changes is not looked at',
    file: 'fleet/looks.ts',
    original: 'if (is !== undefined) this.#lookAt(place, is, member);',
    broken: '',
  },
  {
    name: 'dependents are not looked at',
    file: 'fleet/looks.ts',
    original: 'if (isNews || isMet(was, until) !== isMet(is, until)) this.#lookAtWants(places);',
    broken: '',
  },
  {
    name: 'who can never be started is not doomed',
    file: 'fleet/looks.ts',
    original: 'this.toDoom.addAll(places);',
    broken: ';',
  },
  {
    name: 'who was doomed stays so when its needs are mended',
    file: 'fleet/steering.ts',
    original: "if (isDoomed) return exit === undefined ? { type: 'forget' } : undefined;",
    broken: 'if (isDoomed) return undefined;',
  },
  {
    name: 'who is needed is not looked at',
    file: 'fleet/looks.ts',
    original: 'if (isHeld(was) !== isHeld(is)) this.#lookAtWants(process.instances);',
    broken: '',
  },
  {
    name: 'neighbours in a pipeline are not looked at',
    file: 'fleet/looks.ts',
    original:
      'for (const other of spec.neighbours.get(member.name) ?? []) this.#look(spec.places.get(other));',
    broken: '',
  },
  {
    name: 'nobody is looked at after a reform',
    file: 'fleet/reform.ts',
    original: 'draft.looks.everybody(next);',
    broken: '',
  },
  {
    name: 'the neighbours of who was dropped are not looked at',
    file: 'fleet/reform.ts',
    original: 'draft.state.due = [...due, ...beside];',
    broken: '',
  },
  {
    name: 'a pipe is looked at only when its reader has changed',
    file: 'fleet/stages.ts',
    original: 'for (const other of neighbours.get(name) ?? []) found.add(places.get(other) ?? place);',
    broken: '',
  },
  {
    name: 'of a pipeline only the stage that ends last is looked at',
    file: 'fleet/steering.ts',
    original: '...stages.flatMap(({ name }) => places.get(name) ?? [])',
    broken: '',
  },
  {
    name: 'a dependent that is being stopped is not counted',
    file: 'fleet/counts.ts',
    original: 'return by === 0 ? tally : { ...tally, stopping: tally.stopping + by };',
    broken: 'return tally;',
  },
  {
    name: 'a dependent that runs on is waited for',
    file: 'fleet/counts.ts',
    original: '!runsOn(member) && isAlive(member.process.phase);',
    broken: 'isAlive(member.process.phase);',
  },
  {
    name: 'who is being stopped meets a need',
    file: 'fleet/counts.ts',
    original: "if (phase.name === 'running' && !runsOn(member)) return 'other';",
    broken: '',
  },
  {
    name: 'what is not required is waited for, though it has failed',
    file: 'fleet/needs.ts',
    original: '(!required && cannotBeMet(tally, until))',
    broken: 'false',
  },
  {
    name: 'what is not required is not waited for',
    file: 'fleet/needs.ts',
    original: '(!required && cannotBeMet(tally, until))',
    broken: '!required',
  },
  {
    name: 'what is not required dooms',
    file: 'fleet/needs.ts',
    original: 'required && cannotBeMet(tallyOf(state, process), until),',
    broken: 'required !== undefined && cannotBeMet(tallyOf(state, process), until),',
  },
  {
    name: 'needs that are to be ignored are waited for',
    file: 'fleet/steering.ts',
    original: 'is.ignoresNeeds || needsAreMet(state, member)',
    broken: 'needsAreMet(state, member)',
  },
  {
    name: 'needs that are to be ignored doom',
    file: 'fleet/steering.ts',
    original: "goal !== 'up' || ignoresNeeds || process.phase.name !== 'idle'",
    broken: "goal !== 'up' || process.phase.name !== 'idle'",
  },
  {
    name: 'a start brings nothing with it',
    file: 'fleet/requests.ts',
    original: "needs === 'start' ? startNeeds(draft, known) : new Set(known)",
    broken: 'new Set(known)',
  },
  {
    name: 'nobody follows the end of what is needed',
    file: 'fleet/steering.ts',
    original: 'followEnds(draft);',
    broken: 'draft.ends.length = 0;',
  },
  {
    name: 'who follows does not wait for the needs',
    file: 'fleet/steering.ts',
    original: 'if (is.awaitsNeeds) return process.want',
    broken: 'if (is.goal === process.phase.name) return process.want',
  },
  {
    name: 'who follows is stopped before those that need it',
    file: 'fleet/steering.ts',
    original: "process.want === 'up' && hasLiveDependents(state, member) ? 'up' : 'down'",
    broken: "'down'",
  },
  {
    name: 'who is stopped with another is not stopped for good',
    file: 'fleet/follow.ts',
    original: "if (how === 'stop') return setDown(draft, place, false);",
    broken: '',
  },
  {
    name: 'who is restarted with another is stopped for good',
    file: 'fleet/follow.ts',
    original: "if (how === 'stop') return setDown(draft, place, false);",
    broken: 'return setDown(draft, place, false);',
  },
  {
    name: 'a run is checked on while it is stopped',
    file: 'process/step.ts',
    original: "const is = after.phase.name === 'running' && after.phase.checked === true;",
    broken:
      "const is = after.phase.name === 'stopping' || (after.phase.name === 'running' && after.phase.checked === true);",
  },
  {
    name: 'what is not ready in time has ended as its program did',
    file: 'process/step.ts',
    original: 'const judged = { exit, isUnhealthy: false, ...verdict };',
    broken: 'const judged = { ...verdict, exit, isUnhealthy: false };',
  },
  {
    name: 'what is being stopped is judged',
    file: 'process/step.ts',
    original: "if (state.phase.name !== 'running' || state.want !== 'up') return stay(state);",
    broken: "if (state.phase.name !== 'running') return stay(state);",
  },
  {
    name: 'a stop of the first process reaches its group',
    file: 'process/stop.ts',
    original: 'return rung === 0 ? stopTarget : ',
    broken: 'return rung < 0 ? stopTarget : ',
  },
  {
    name: 'only the first process is killed',
    file: 'process/stop.ts',
    original: 'return rung === 0 ? stopTarget : ',
    broken: 'return rung >= 0 ? stopTarget : ',
  },
  {
    name: 'a stop does not end the hook before the start',
    file: 'process/step.ts',
    original: "return want === 'down' ? callOff(spec, state) : stay(state);",
    broken: 'return stay(state);',
  },
  {
    name: 'a start that was called off has failed',
    file: 'process/step.ts',
    original: 'if (state.phase.isCalledOff === true)',
    broken: "if (state.want === 'drain' && state.phase.isCalledOff === true)",
  },
  {
    name: 'the hook before the stop is left out',
    file: 'process/stop.ts',
    original: "phase.name === 'running' && spec.hooks?.stop === true",
    broken: "phase.name !== 'running' && spec.hooks?.stop === true",
  },
  {
    name: 'the signal comes beside the hook before it',
    file: 'process/stop.ts',
    original: "effects: [{ type: 'end-hooks', run: state.run, ms: HOOK_GRACE_MS }, ...effects]",
    broken: 'effects',
  },
  {
    name: 'a program is killed beside the hook before its stop',
    file: 'process/stop.ts',
    original: "if (isHooked(phase)) effects.unshift({ type: 'end-hooks', run, ms: 0 });",
    broken: '',
  },
  {
    name: 'a hook before the stop has no end',
    file: 'process/stop.ts',
    original: "{ type: 'run-stop-hooks', run: state.run, pid, ms },\n    { type: 'set-timer', timer, ms },",
    broken: "{ type: 'run-stop-hooks', run: state.run, pid, ms },\n    { type: 'set-timer', timer, ms: 0 },",
  },
  {
    name: 'the signal after the hook is forgotten',
    file: 'process/step.ts',
    original: 'return onStopHooksOver(spec, state);',
    broken: 'return stay(state);',
  },
  {
    name: 'the hook after the end is left out',
    file: 'process/step.ts',
    original: 'if (spec.hooks?.end !== true) return afterEnd(',
    broken: 'if (spec.hooks?.end !== true || ended.asked) return afterEnd(',
  },
  {
    name: 'the next run does not wait for the hook after the last one',
    file: 'process/step.ts',
    original: "return to(state, ending, { type: 'run-end-hooks', run: state.run });",
    broken:
      "const next = afterEnd(spec, state, ended, at); return { state: next.state, effects: [{ type: 'run-end-hooks', run: state.run }, ...next.effects] };",
  },
  {
    name: 'the run finishes beside a hook after the end',
    file: 'process/state.ts',
    original: "    case 'clearing':\n    case 'ending':\n      return true;",
    broken: "    case 'clearing':\n      return true;\n    case 'ending':",
  },
  {
    name: 'who waits is not told to wait',
    file: 'fleet/draft.ts',
    original: '(waitingSince ?? at.now)',
    broken: 'null',
  },
  {
    name: 'an orderly stop has no order',
    file: 'fleet/turns.ts',
    original: 'return turns.last > processPlace(spec, name);',
    broken: 'return turns.last > Infinity;',
  },
  {
    name: 'a stop by signal has the order of a stop on request',
    file: 'fleet/closing.ts',
    original: "by === 'request' || by === 'library'",
    broken: "by !== 'exit'",
  },
  {
    name: 'an orderly stop goes on when a signal comes',
    file: 'fleet/closing.ts',
    original: 'if (!isOrderly(cause)) stopAll(draft, false);',
    broken: '',
  },
  {
    name: 'a process waits for its turn for ever',
    file: 'process/step.ts',
    original: 'return isTimed(want) ? climb(',
    broken: "return want === 'finish' ? climb(",
  },
  {
    name: 'a process has no time to wait for its turn',
    file: 'fleet/turns.ts',
    original: 'Math.max(0, inTurnSince + graceMs - now)',
    broken: '0',
  },
  {
    name: 'its time to wait begins anew when those that need it have ended',
    file: 'fleet/turns.ts',
    original: 'Math.max(0, inTurnSince + graceMs - now)',
    broken: 'graceMs',
  },
  {
    name: 'a stage that reads what is left is stopped before its turn',
    file: 'fleet/steering.ts',
    original: 'Math.max(drainMs, toTurn)',
    broken: 'drainMs',
  },
  {
    name: 'a process that has its turn is not looked at',
    file: 'fleet/draft.ts',
    original: 'looks.turnOf(state.spec, state.turns.last);',
    broken: ';',
  },
  {
    name: 'an earlier process that is stopped hides the later ones',
    file: 'fleet/turns.ts',
    original: 'last: Math.max(turns.last, place)',
    broken: 'last: place',
  },
  {
    name: 'a process waits for one that has ended',
    file: 'fleet/turns.ts',
    original: 'while (last >= 0 && (living.at(last) ?? 0) === 0) last -= 1;',
    broken: '',
  },
  {
    name: 'the stop of one process waits for another one',
    file: 'fleet/requests.ts',
    original: 'return known.some((place) => ranks[place] !== ranks[first]);',
    broken: 'return known.length > 0 && ranks[first] !== -1;',
  },
  {
    name: 'the order of a stop is not that of needs',
    file: 'fleet/spec.ts',
    original: "'names' in order ? order.names : [...places.keys()]",
    broken: '[...places.keys()]',
  },
];

const core = (file: string) => new URL(`../../src/core/${file}`, import.meta.url).pathname;

export async function loadMutant({ file, original, broken }: Mutant): Promise<Core> {
  const source = readFileSync(core(file), 'utf8');
  if (source.split(original).length !== 2) throw new Error(`not once in ${file}: ${original}`);
  const directory = mkdtempSync(join(tmpdir(), 'procsup-mutant-'));
  try {
    const outfile = join(directory, 'core.mjs');
    await esbuild.build({
      stdin: {
        contents:
          "export { manned, newFleet } from './fleet/state.ts';" +
          "export { stepFleet, stepFleetThoroughly } from './fleet/step.ts';",
        resolveDir: core(''),
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      outfile,
      plugins: [
        {
          name: 'mutate',
          setup(build) {
            build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
              path === core(file)
                ? { contents: source.replace(original, () => broken), loader: 'ts' }
                : undefined,
            );
          },
        },
      ],
    });
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Core;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The core with one rule broken on purpose. A mutant that no story finds shows an invariant that is too weak. */
import * as esbuild from 'esbuild';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Core } from './world.ts';

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
    name: 'a ticket is forgotten when the run ends',
    file: 'fleet/closing.ts',
    original: 'for (const ticket of draft.state.tickets) {',
    broken: 'for (const ticket of draft.state.tickets.slice(1)) {',
  },
  {
    name: 'a ticket is settled again and again',
    file: 'fleet/requests.ts',
    original: 'else open.push(answered);',
    broken: 'open.push(answered);',
  },
  {
    name: 'drain is taken as down',
    file: 'fleet/steering.ts',
    original: "waitsForUpstream(state, member)) return 'drain';",
    broken: "waitsForUpstream(state, member)) return 'down';",
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
    original: "return needsAreMet(state, member) ? 'up' : 'down';",
    broken: "return 'up';",
  },
  {
    name: 'who departs is dropped while it lives',
    file: 'fleet/reform.ts',
    original: 'member.departing && isDown(member.process.phase)',
    broken: 'member.departing',
  },
  {
    name: 'runs and timers are numbered anew after a drop',
    file: 'fleet/reform.ts',
    original: 'dropped: { run, timer },',
    broken: '',
  },
  {
    name: 'a start of who departs is a start',
    file: 'fleet/requests.ts',
    original: "(member.departing && verb !== 'stop')",
    broken: "(member.departing && verb === 'stop')",
  },
  {
    name: 'a ticket waits for who was dropped',
    file: 'fleet/reform.ts',
    original: "tickets.map((ticket) => supersede(ticket, 'stop', names))",
    broken: 'tickets',
  },
  {
    name: 'who departs and is wanted again departs all the same',
    file: 'fleet/reform.ts',
    original: 'const departing = !wanted.byName.has(name);',
    broken: 'const departing = !wanted.byName.has(name) || members.get(name)?.departing === true;',
  },
  {
    name: 'who departs is waited for by those that need it',
    file: 'fleet/needs.ts',
    original: 'member === undefined || member.departing ? []',
    broken: 'member === undefined ? []',
  },
  {
    name: 'a resident fleet finishes by itself',
    file: 'fleet/closing.ts',
    original: 'return !spec.resident && ',
    broken: 'return spec.members.length >= 0 && ',
  },
  {
    name: 'a stop on request ends the run',
    file: 'fleet/closing.ts',
    original: "return goal === 'down' && process.run === runsBefore;",
    broken: "return goal === 'down' && isDown(process.phase) && runsBefore >= 0;",
  },
  {
    name: 'the first is stopped first',
    file: 'fleet/steering.ts',
    original: 'members.toReversed(), lowerMember',
    broken: 'members, lowerMember',
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
    original: "    case 'clearing':\n      return true;",
    broken: "      return true;\n    case 'clearing':",
  },
  {
    name: 'a stage is stopped before the one that it reads from',
    file: 'fleet/stages.ts',
    original: 'return !isDown(upstream.process.phase);',
    broken: 'return !isDown(upstream.process.phase) && upstream.goal === upstream.process.want;',
  },
  {
    name: 'a stage has no time to read what is left',
    file: 'process/step.ts',
    original: "{ type: 'set-timer', timer, ms: drainMs }",
    broken: "{ type: 'set-timer', timer, ms: 0 }",
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
    original: 'draft.effects.push(...closings(draft));',
    broken: '',
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
        contents: "export { newFleet } from './fleet/state.ts'; export { stepFleet } from './fleet/step.ts';",
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

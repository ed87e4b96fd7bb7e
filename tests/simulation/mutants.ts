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
    file: 'process.ts',
    original: 'return event.timer !== state.timer;',
    broken: 'return false;',
  },
  {
    name: 'an event of an older run is acted on',
    file: 'process.ts',
    original: "return 'run' in event && event.run !== state.run;",
    broken: 'return false;',
  },
  {
    name: 'a restart starts the successor beside the one that is being stopped',
    file: 'process.ts',
    original: 'return climb(spec, fresh, state.phase, 0);',
    broken: 'return start(fresh);',
  },
  {
    name: 'the grace is zero',
    file: 'process-stop.ts',
    original: "effects.push({ type: 'set-timer', timer, ms: graceMs });",
    broken: "effects.push({ type: 'set-timer', timer, ms: 0 });",
  },
  {
    name: 'a ticket is forgotten when the run ends',
    file: 'fleet-closing.ts',
    original: 'for (const ticket of tickets) {',
    broken: 'for (const ticket of tickets.slice(1)) {',
  },
  {
    name: 'a ticket is settled again and again',
    file: 'fleet-requests.ts',
    original: 'else open.push(answered);',
    broken: 'open.push(answered);',
  },
  {
    name: 'drain is taken as down',
    file: 'fleet-steering.ts',
    original: "? 'drain' : 'down'",
    broken: "? 'down' : 'down'",
  },
  {
    name: 'what dies while it drains comes back',
    file: 'process-end.ts',
    original: "if (state.want === 'drain') return to(state, { name: 'exited', exit });",
    broken: '',
  },
  {
    name: 'what a program left behind is ignored',
    file: 'process.ts',
    original: 'const next = survivors ? clear(',
    broken: 'const next = !survivors && survivors ? clear(',
  },
  {
    name: 'a stop during the start is lost',
    file: 'process.ts',
    original: "if (state.want !== 'down') return to(state, running, started);",
    broken: 'if (state.run > 0) return to(state, running, started);',
  },
  {
    name: 'needs are not waited for',
    file: 'fleet-steering.ts',
    original: "return process.phase.name === 'idle' && !needsAreMet(spec, state, member) ? 'down' : 'up';",
    broken: "return 'up';",
  },
  {
    name: 'the run finishes while something is being cleared',
    file: 'process-state.ts',
    original: "    case 'clearing':\n      return true;",
    broken: "      return true;\n    case 'clearing':",
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
        contents: "export { newFleet } from './fleet-state.ts'; export { stepFleet } from './fleet.ts';",
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

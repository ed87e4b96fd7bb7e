/**
 * Runs the built chunks, main.cjs or the one for this command first, with the code that V8 compiled for them in an earlier
 * run (os/code-cache.ts), else with what was compiled when procsup was built (*.cache), which is of use to those with
 * the Node by which it was built. Where neither is taken V8 compiles as usual, and what it has compiled is kept at the end.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import {
  codeCacheDirectory,
  codeCacheName,
  readPrivateCache,
  readShippedCache,
  sourceIdentity,
  type CodeCache,
  type CompiledChunk,
} from '../os/files/code-cache.ts';
import type * as keeping from '../os/files/keep-code.ts';
import { restoreLostVariables } from '../os/process/launch-environment.ts';
import { ASKING } from './table/asking.ts';

interface Chunk {
  exports: unknown;
}

type Compiled = (
  this: unknown,
  exports: unknown,
  load: (id: string) => unknown,
  module: Chunk,
  filename: string,
  directory: string,
) => void;

type Listener = (name: string, script: Script, source: Buffer) => void;

const LOCAL = './';
/** A word that is not one may be a path or a name: those are not to fill the cache. */
const COMMAND = /^(--)?[a-z]{1,12}$/;
/** Their command does something else, with other code. */
const DETACHED = ['-d', '--detach'];
const RUNS_THAT_ADD = 4;
/** Their runs may last, and load more the longer they do: that has a file of its own, which is read when it is needed. */
const LASTING = ['start', 'up'];
/** Node's own `require`, for everything that is not a chunk. */
const requireNode: (id: string) => unknown = require;
/** Modules of Node that take milliseconds, and that many runs only name: they are loaded when something of them is used. */
const LATE = ['node:child_process', 'node:net', 'node:tty', 'node:fs/promises'];

/** `compiled` is called for every chunk that is loaded: the build makes the caches with it. */
export function boot(compiled: Listener = () => undefined): void {
  restoreLostVariables(process.env);
  const chunks = new Map<string, Chunk>();
  const { compile, keepAtExit } = compiler(compiled);

  const load = (id: string): unknown => {
    if (!id.startsWith(LOCAL)) return LATE.includes(id) ? lateModule(id) : requireNode(id);
    const known = chunks.get(id);
    if (known !== undefined) return known.exports;
    const name = id.slice(LOCAL.length, -'.cjs'.length);
    const filename = join(__dirname, id);
    // It may throw, as without a free descriptor: then it is tried again.
    const script = compile(name, filename);
    const chunk: Chunk = { exports: {} };
    chunks.set(id, chunk);
    const run = script.runInThisContext() as Compiled;
    run.call(chunk.exports, chunk.exports, load, chunk, filename, __dirname);
    return chunk.exports;
  };

  keepAtExit(() => (load('./keep-code.cjs') as typeof keeping).keepCode);
  load(`./${entryFor(process.argv.slice(2))}.cjs`);
}

/** Stands for a module until it is used. A chunk that wants all of its names is given these. */
function lateModule(id: string): object {
  let loaded: object | undefined;
  const real = (): object => (loaded ??= requireNode(id) as object);
  return new Proxy(
    {},
    {
      get: (_, name) => Reflect.get(real(), name) as unknown,
      has: (_, name) => Reflect.has(real(), name),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor(_, name) {
        const found = Reflect.getOwnPropertyDescriptor(real(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
}

/** The entry with the fewest modules. */
function entryFor([verb, option]: readonly string[]): string {
  if (verb === 'completion' && option === '--names') return 'main-names';
  if (verb === '--daemon') return 'main-daemon';
  if (ASKING.some((asking) => asking === verb)) return 'main-ask';
  if (verb === 'pool') return 'main-pool';
  if (verb === 'task') return 'main-task';
  return verb === 'pipe' ? 'main-pipe' : 'main';
}

/** Compiles with what is known from before about the chunks of this command, and keeps what this run adds to it. */
function compiler(compiled: Listener) {
  const directory = codeCacheDirectory(process.env);
  const command = commandOf(process.argv.slice(2));
  const open = (name: string) => openCode(directory, codeCacheName(name, __dirname));
  const atStart = open(command);
  let whileRunning = LASTING.includes(command) ? undefined : atStart;

  const compile = (name: string, filename: string): Script => {
    const code = name === 'main' ? atStart : (whileRunning ??= open(`${command}-later`));
    const source = sourceIdentity(statSync(filename));
    const bytes = readFileSync(filename);
    const known = code.of(name, source);
    const cachedData = known ?? readShippedCache(join(__dirname, `${name}.cache`), bytes);
    const text = `(function (exports, require, module, __filename, __dirname) {${bytes.toString()}\n})`;
    const script = new Script(text, { filename, ...(cachedData && { cachedData }) });
    code.add(name, { script, source }, known !== undefined && script.cachedDataRejected !== true);
    compiled(name, script, bytes);
    return script;
  };

  const keepAtExit = (keepCode: () => typeof keeping.keepCode): void => {
    process.once('exit', (status) => {
      if (directory === undefined || status !== 0) return;
      // All before keepCode is loaded, which is a chunk itself.
      const changed = [...new Set([atStart, whileRunning ?? atStart])].flatMap(
        (code) => code.changed() ?? [],
      );
      for (const { file, cache } of changed) keepCode()(directory, file, cache);
    });
  };
  return { compile, keepAtExit };
}

/** The code in one file, and what this run adds to it. */
function openCode(directory: string | undefined, file: string) {
  const own = directory === undefined ? undefined : readPrivateCache(directory, file);
  const scripts = new Map<string, { readonly script: Script; readonly source: string }>();
  let isComplete = own !== undefined && own.runs >= RUNS_THAT_ADD;

  return {
    of(name: string, source: string): Buffer | undefined {
      const chunk = own?.chunks.get(name);
      return chunk?.source === source ? chunk.code : undefined;
    },
    add(
      name: string,
      compiled: { readonly script: Script; readonly source: string },
      isKnown: boolean,
    ): void {
      if (!isKnown) isComplete = false;
      scripts.set(name, compiled);
    },
    /** What the file should contain, if that is more than it does. */
    changed(): { readonly file: string; readonly cache: CodeCache } | undefined {
      if (isComplete) return undefined;
      const made = [...scripts].map(([name, { script, source }]): [string, CompiledChunk] => [
        name,
        { source, code: script.createCachedData() },
      ]);
      return {
        file,
        cache: { runs: (own?.runs ?? 0) + 1, chunks: new Map([...(own?.chunks ?? []), ...made]) },
      };
    },
  };
}

function commandOf([word = '', ...others]: readonly string[]): string {
  if (!COMMAND.test(word)) return 'start';
  return others.some((other) => DETACHED.includes(other)) ? `${word}-d` : word;
}

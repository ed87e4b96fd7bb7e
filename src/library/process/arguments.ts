/** Checks what a `Process` is given. Throws a TypeError that names what is wrong. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { scriptFor } from '../../core/shell/command.ts';
import type { Problem } from '../../core/problem.ts';
import { createConfigReader, isObject, type ConfigReader, type Variables } from '../config-reader.ts';

export type StdioWish = 'pipe' | 'inherit' | 'ignore' | number | object;

export interface CheckedProcess {
  readonly name: string | undefined;
  readonly program: CheckedProgram;
  readonly env: Variables;
  readonly cwd: string;
  readonly daemon: boolean;
  /** At least three. */
  readonly stdio: readonly StdioWish[];
}

export type CheckedProgram =
  /** A script for a shell, and its arguments. `words`: a program that is to be looked for before the start. */
  | {
      readonly kind: 'command';
      readonly script: string;
      readonly args: readonly string[];
      readonly words: boolean;
    }
  | {
      readonly kind: 'module';
      readonly file: string;
      readonly exportName: string;
      readonly args: readonly unknown[];
    };

const KNOWN = ['command', 'module', 'args', 'name', 'env', 'cwd', 'daemon', 'stdio'];

export function readProcess(given: unknown): CheckedProcess {
  const problems: Problem[] = [];
  const read = createConfigReader(problems);
  const fields = read.object(given ?? null, 'options') ?? {};
  read.onlyKnown(fields, KNOWN);
  const program = readProgram(read, fields);
  const checked = {
    name: read.text(fields['name'], 'name'),
    env: read.variables(fields['env'], 'env') ?? {},
    cwd: resolve(read.text(fields['cwd'], 'cwd') ?? '.'),
    daemon: read.flag(fields['daemon'], 'daemon'),
    stdio: readStdio(read, fields['stdio']),
  };
  const [first] = problems;
  if (first !== undefined)
    throw new TypeError(`Process: ${problems.map(({ message }) => message).join('; ')}`);
  if (program === undefined) throw new TypeError("Process: one of 'command' and 'module' is required");
  return { ...checked, program };
}

function readProgram(
  read: ConfigReader,
  fields: Readonly<Record<string, unknown>>,
): CheckedProgram | undefined {
  const { command, module, args } = fields;
  if (command !== undefined && module !== undefined) {
    read.wrong('process-both', "'command' and 'module' cannot be combined");
    return undefined;
  }
  if (module !== undefined) return readModule(read, module, args);
  if (command === undefined) return undefined;
  const words = read.texts(args ?? [], 'args') ?? [];
  if (read.command(command, 'command') === undefined) return undefined;
  // A script finds further arguments as "$@"; a program has them behind its own.
  if (typeof command === 'string') {
    const script = scriptFor(command.trim());
    return { kind: 'command', script, args: words, words: false };
  }
  return { kind: 'command', script: 'exec "$@"', args: [...(command as string[]), ...words], words: true };
}

function readModule(read: ConfigReader, given: unknown, args: unknown): CheckedProgram | undefined {
  const found = readFunction(read, given, 'module');
  if (args !== undefined && !Array.isArray(args)) read.wrongType('args', 'an array', args);
  if (found === undefined) return undefined;
  return { kind: 'module', ...found, args: Array.isArray(args) ? (args as readonly unknown[]) : [] };
}

/** A file as the URL by which it is imported, and the name of an export. */
export function readFunction(
  read: ConfigReader,
  given: unknown,
  name: string,
): { readonly file: string; readonly exportName: string } | undefined {
  if (!isObject(given)) {
    read.wrongType(name, 'an object with a file', given);
    return undefined;
  }
  read.onlyKnown(given, ['file', 'export'], `${name}.`);
  const exportName = read.text(given['export'], `${name}.export`) ?? 'default';
  const { file } = given;
  if (file instanceof URL) {
    if (file.protocol !== 'file:') read.wrong('process-url', `'${name}.file' must be a file: URL`);
    return { file: file.href, exportName };
  }
  const path = read.text(file ?? null, `${name}.file`);
  if (path === undefined) return undefined;
  return { file: path.startsWith('file:') ? path : pathToFileURL(resolve(path)).href, exportName };
}

const WORDS: readonly unknown[] = ['pipe', 'inherit', 'ignore'];

function readStdio(read: ConfigReader, given: unknown): readonly StdioWish[] {
  if (given === undefined) return ['ignore', 'inherit', 'inherit'];
  if (WORDS.includes(given)) return [given, given, given] as StdioWish[];
  if (!Array.isArray(given)) {
    read.wrongType('stdio', "'pipe', 'inherit', 'ignore' or an array of them", given);
    return [];
  }
  const wishes: readonly unknown[] = given;
  wishes.forEach((wish, at) => {
    const isDescriptor = Number.isInteger(wish) && (wish as number) >= 0;
    if (WORDS.includes(wish) || isDescriptor || (typeof wish === 'object' && wish !== null)) return;
    read.wrongType(`stdio[${String(at)}]`, "'pipe', 'inherit', 'ignore', a descriptor or what has one", wish);
  });
  const usual: StdioWish[] = ['ignore', 'inherit', 'inherit'];
  return [...(wishes as StdioWish[]), ...usual.slice(wishes.length)];
}

/** Checks the arguments of `pipe()`. Throws a TypeError that names the invalid argument. */
import { Writable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';
import { scriptFor } from '../../core/shell/command.ts';
import { quoteWords } from '../../core/shell/words.ts';
import type { PipeCommand, PipeEnv, PipeInput, PipeOptions } from './options.ts';

export interface CheckedStage {
  readonly command: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: PipeEnv;
  readonly joinsStderr: boolean;
}

/** With all defaults. */
export interface CheckedOptions {
  readonly cwd: string | undefined;
  readonly env: PipeEnv;
  readonly stdin: 'ignore' | 'inherit';
  readonly input: PipeInput | undefined;
  readonly stdout: 'buffer' | 'inherit' | 'ignore' | Writable;
  readonly stderr: 'buffer' | 'inherit' | 'ignore';
  readonly signal: AbortSignal | undefined;
  readonly killAfterMs: number;
  readonly timeoutMs: number | undefined;
  readonly maxBufferBytes: number;
  readonly stats: boolean;
}

export interface PipeCall {
  readonly stages: readonly CheckedStage[];
  readonly options: CheckedOptions;
}

/** Reads the stages, and the options if there are any after them. */
export function readPipeCall(args: readonly unknown[]): PipeCall {
  const last = args.at(-1);
  const hasOptions = isObject(last) && !('command' in last);
  const stages = (hasOptions ? args.slice(0, -1) : args).map(readStage);
  if (stages.length === 0) throw wrong('at least one stage is required');
  return { stages, options: readOptions(hasOptions ? last : {}) };
}

// ---- Stages ------------------------------------------------------------------------------------------------------

function readStage(stage: unknown, at: number): CheckedStage {
  const name = `stage ${at + 1}`;
  if (!isObject(stage)) return { ...readCommand(stage, name), env: {}, joinsStderr: false };
  onlyKnown(stage, ['command', 'env', 'joinStderr'], name);
  return {
    ...readCommand(stage['command'], name),
    env: readEnv(stage['env'], `${name}: env`),
    joinsStderr: readFlag(stage['joinStderr'], `${name}: joinStderr`),
  };
}

function readCommand(given: unknown, name: string): Pick<CheckedStage, 'command' | 'script' | 'args'> {
  if (!isCommand(given)) {
    throw wrong(`${name} must be a command line, an array of strings, or an object with a command`);
  }
  if (typeof given === 'string') {
    if (given.trim() === '') throw wrong(`${name} is empty`);
    checkText(given, name);
    return { command: given, script: scriptFor(given), args: [] };
  }
  if (given.length === 0 || given[0] === '') throw wrong(`${name} must name a program`);
  for (const word of given) checkText(word, name);
  return { command: quoteWords(given), script: 'exec "$@"', args: given };
}

const isCommand = (given: unknown): given is PipeCommand =>
  typeof given === 'string' || (Array.isArray(given) && given.every((word) => typeof word === 'string'));

// ---- Options -----------------------------------------------------------------------------------------------------

const KNOWN: readonly (keyof PipeOptions)[] = [
  ...(['cwd', 'env', 'stdin', 'input', 'stdout', 'stderr', 'signal'] as const),
  ...(['killAfterMs', 'timeoutMs', 'maxBufferBytes', 'stats'] as const),
];

/** setTimeout fires at once for longer times. */
const LONGEST_MS = 2 ** 31 - 1;
const USUAL_MAX_BUFFER_BYTES = 100 * 1024 * 1024;
const USUAL_KILL_AFTER_MS = 5000;

function readOptions(given: Fields): CheckedOptions {
  onlyKnown(given, KNOWN, 'options');
  const { input, signal, cwd } = given;
  if (input !== undefined && !isInput(input)) {
    throw wrong('input must be a string, bytes, a readable stream or an async iterable');
  }
  if (input !== undefined && given['stdin'] !== undefined) throw wrong('stdin and input cannot be combined');
  if (signal !== undefined && !isSignal(signal)) throw wrong('signal must be an AbortSignal');
  if (cwd !== undefined && (typeof cwd !== 'string' || cwd === '')) throw wrong('cwd must be a path');
  if (cwd !== undefined) checkText(cwd, 'cwd');
  return {
    ...{ cwd, input, signal },
    env: readEnv(given['env'], 'env'),
    stdin: readWord(given['stdin'] ?? 'ignore', ['ignore', 'inherit'], 'stdin'),
    stderr: readWord(given['stderr'] ?? 'inherit', ['buffer', 'inherit', 'ignore'], 'stderr'),
    killAfterMs: readNumber(given['killAfterMs'] ?? USUAL_KILL_AFTER_MS, 'killAfterMs', 0, LONGEST_MS),
    timeoutMs:
      given['timeoutMs'] === undefined
        ? undefined
        : readNumber(given['timeoutMs'], 'timeoutMs', 1, LONGEST_MS),
    maxBufferBytes: readNumber(
      given['maxBufferBytes'] ?? USUAL_MAX_BUFFER_BYTES,
      'maxBufferBytes',
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    stats: readFlag(given['stats'], 'stats'),
    // Last, because it locks a web stream.
    stdout: readOutput(given['stdout'] ?? 'buffer'),
  };
}

function readOutput(given: unknown): CheckedOptions['stdout'] {
  if (given instanceof Writable || isNodeWritable(given)) {
    if (!given.writable) throw wrong('stdout is a stream that has ended or was destroyed');
    return given;
  }
  if (isObject(given) && typeof given['getWriter'] === 'function') {
    if (given['locked'] === true) throw wrong('stdout is a locked stream');
    return Writable.fromWeb(given as unknown as WritableStream);
  }
  const words = ['buffer', 'inherit', 'ignore'] as const;
  return readWord(given, words, 'stdout', ', or a writable stream');
}

/** A Duplex, or a stream of another copy of node:stream. */
const isNodeWritable = (given: unknown): given is Writable =>
  isObject(given) && ['write', 'end', 'on', 'destroy'].every((name) => typeof given[name] === 'function');

const isSignal = (given: unknown): given is AbortSignal =>
  isObject(given) && 'aborted' in given && 'addEventListener' in given;

const isInput = (given: unknown): given is PipeInput =>
  typeof given === 'string' ||
  given instanceof Uint8Array ||
  (typeof given === 'object' && given !== null && Symbol.asyncIterator in given);

function readEnv(given: unknown, name: string): PipeEnv {
  if (given === undefined) return {};
  if (!isObject(given)) throw wrong(`${name} must be an object`);
  const env: Record<string, string | undefined> = {};
  for (const [variable, value] of Object.entries(given)) {
    if (variable === '' || variable.includes('='))
      throw wrong(`${name}: invalid variable name '${variable}'`);
    checkText(variable, name);
    if (value !== undefined && typeof value !== 'string')
      throw wrong(`${name}: ${variable} must be a string`);
    if (value !== undefined) checkText(value, `${name}: ${variable}`);
    env[variable] = value;
  }
  return env;
}

function readWord<Word extends string>(given: unknown, words: readonly Word[], name: string, or = ''): Word {
  const word = words.find((each) => each === given);
  if (word === undefined)
    throw wrong(`${name} must be ${words.map((each) => `'${each}'`).join(' or ')}${or}`);
  return word;
}

function readNumber(given: unknown, name: string, least: number, most: number): number {
  if (typeof given === 'number' && given >= least && given <= most) return given;
  throw wrong(`${name} must be a number from ${least} to ${most}`);
}

function readFlag(given: unknown, name: string): boolean {
  if (given === undefined || typeof given === 'boolean') return given ?? false;
  throw wrong(`${name} must be true or false`);
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (given: unknown): given is Fields =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

function onlyKnown(given: Fields, known: readonly string[], name: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw wrong(`unknown property '${unknown}' in ${name} (known: ${known.join(', ')})`);
}

function checkText(text: string, name: string): void {
  if (text.includes('\0')) throw wrong(`${name} contains a NUL byte`);
}

const wrong = (why: string): TypeError => new TypeError(`pipe(): ${why}`);

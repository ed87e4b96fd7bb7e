/** Typed settings from a command line: environment variables and defaults applied, all problems collected. */
import { hasErrors, type Checked, type Problem } from '../core/problem.ts';
import type { ColorChoice } from './color.ts';
import type { CommandLine, RawOptions } from './command-line.ts';
import type { AppOptions } from '../config/load-app.ts';
import type { ChoiceOf } from './table/options.ts';
import { readSettings, switchOf, type SettingsReader, type Wrong } from './read-settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The settings of every command. Texts are as the user wrote them: config/load-app.ts checks them. */
export interface CommonSettings {
  readonly file?: string;
  readonly root?: string;
  readonly env?: string[];
  readonly color: ColorChoice;
  /** Programs of the project come before those of PATH, where the command runs any. */
  readonly localBin?: boolean;
  /** Undefined: as procsup.yaml says. */
  readonly envExpand?: boolean;
  /** The origin of port and formation. */
  readonly labels: { readonly port?: string; readonly formation?: string };
}

export interface StartSettings extends CommonSettings {
  /** The processes to start; an empty list means all. */
  readonly names: string[];
  /** Those of them that are left out. */
  readonly exclude: readonly string[];
  readonly profiles?: readonly string[];
  /** Without what the named ones depend on. */
  readonly noDeps: boolean;
  readonly port?: string;
  readonly formation?: string;
  readonly timeoutMs: number;
  readonly restart: ChoiceOf<'restart'>;
  readonly restartDelayMs: number;
  readonly onExit: ChoiceOf<'on-exit'>;
  readonly timestamps: ChoiceOf<'timestamps'>;
  readonly prefix: boolean;
  readonly raw: boolean;
  /** Run in the background. */
  readonly detach: boolean;
  readonly wait: ChoiceOf<'wait'>;
  readonly waitTimeoutMs: number | undefined;
  readonly noWait: boolean;
  readonly json: boolean;
  readonly stdin: ChoiceOf<'stdin'>;
  /** Processes with a terminal of their own. */
  readonly tty?: string[];
  /** Undefined: as procsup.yaml says. */
  readonly watch?: boolean;
  readonly logSizeBytes: number;
  readonly logFiles: number;
}

export interface RunSettings extends CommonSettings {
  readonly port?: string;
  /** The name of a process, or a program. */
  readonly target: string;
  readonly args: string[];
}

export interface PipeSettings extends CommonSettings {
  readonly port?: string;
  /** One command line, or several words. */
  readonly words: readonly string[];
  /** Exit with the status of the last stage. */
  readonly lastOnly: boolean;
  readonly stats: 'none' | 'table' | 'json';
  readonly progress: boolean;
  /** undefined: no limit. */
  readonly timeoutMs: number | undefined;
}

export interface CheckSettings extends CommonSettings {
  readonly profiles?: readonly string[];
  readonly port?: string;
  readonly formation?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

export interface InitSettings extends CommonSettings {
  /** Print the file instead of writing it. */
  readonly toStdout: boolean;
}

export function startSettings(line: CommandLine, env: Env): Checked<StartSettings> {
  return settle(line, env, (read) => {
    const detach = read.isOn('detach');
    return {
      ...common(read),
      ...local(read),
      names: [...line.operands],
      exclude: (read.list('exclude') ?? []).filter((name) => name !== ''),
      ...profilesOf(read),
      noDeps: read.isOn('no-deps') || read.isOn('now'),
      ...read.texts('port', 'formation'),
      timeoutMs: read.duration('timeout'),
      restart: read.choice('restart', detach),
      restartDelayMs: read.duration('restart-delay'),
      onExit: read.choice('on-exit', detach),
      timestamps: read.choice('timestamps'),
      prefix: !read.isOn('no-prefix'),
      raw: read.isOn('raw'),
      detach,
      wait: read.choice('wait'),
      waitTimeoutMs: read.optionalDuration('wait-timeout'),
      noWait: read.isOn('no-wait'),
      json: read.isOn('json'),
      stdin: read.choice('stdin'),
      ...ttyOf(read),
      ...watchOf(read),
      logSizeBytes: read.size('log-size'),
      logFiles: read.count('log-files') ?? 0,
    };
  });
}

function profilesOf(read: SettingsReader): Pick<StartSettings, 'profiles'> {
  const profiles = read.list('profile')?.filter((name) => name !== '');
  return profiles === undefined ? {} : { profiles };
}

function ttyOf(read: SettingsReader): Pick<StartSettings, 'tty'> {
  const names = read.list('tty')?.filter((name) => name !== '');
  return names === undefined ? {} : { tty: names };
}

/** PROCSUP_WATCH=0 is --no-watch. */
function watchOf(read: SettingsReader): Pick<StartSettings, 'watch'> {
  if (read.isOn('no-watch')) return { watch: false };
  return read.labels('watch').watch === undefined ? {} : { watch: read.isOn('watch') };
}

export function runSettings(line: CommandLine, env: Env): Checked<RunSettings> {
  const [target = '', ...args] = line.operands;
  return settle(line, env, (read) => ({
    ...common(read),
    ...local(read),
    ...read.texts('port'),
    target,
    args,
  }));
}

export function pipeSettings(line: CommandLine, env: Env): Checked<PipeSettings> {
  return settle(line, env, (read) => ({
    ...common(read),
    ...local(read),
    ...read.texts('port'),
    words: line.operands,
    lastOnly: read.isOn('last'),
    stats: read.text('stats', statsOf) ?? 'none',
    progress: read.isOn('progress'),
    timeoutMs: read.optionalDuration('timeout'),
  }));
}

function statsOf(text: string): { readonly value: PipeSettings['stats'] } | Wrong {
  const word = text.toLowerCase();
  if (word === 'json' || word === 'table') return { value: word };
  const isOn = switchOf(word);
  if (isOn !== undefined) return { value: isOn ? 'table' : 'none' };
  return { message: `invalid value '${text}'`, remedy: 'use 1 for a table, json, or 0 for none' };
}

export function checkSettings(line: CommandLine, env: Env): Checked<CheckSettings> {
  return settle(line, env, (read) => ({
    ...common(read),
    ...local(read),
    ...read.texts('port', 'formation'),
    ...profilesOf(read),
    strict: read.isOn('strict'),
    json: read.isOn('json'),
  }));
}

export function initSettings(line: CommandLine, env: Env): Checked<InitSettings> {
  return settle(line, env, (read) => ({ ...common(read), toStdout: read.isOn('stdout') }));
}

/**
 * The application's options when other settings are invalid, so that all problems are shown together. Undefined if the
 * application's own options are invalid.
 */
export function appOptionsBesideProblems(
  line: CommandLine,
  env: Env,
  problems: readonly Problem[],
): AppOptions | undefined {
  if (problems.some(({ code }) => code === 'option-empty')) return undefined;
  const read = readSettings(line.options, env, line.command);
  return {
    ...common(read),
    ...local(read),
    ...read.texts('port', 'formation'),
    names: line.command === 'start' ? line.operands : [],
    ...(line.command === 'start' && { exclude: read.list('exclude') }),
    procfileIsOptional: line.command === 'run' || line.command === 'pipe',
    withoutPipelines: line.command === 'pipe',
  };
}

/** The choice of colors even if other settings are invalid: their problems are to be printed. */
export function colorChoice(options: RawOptions, env: Env): ColorChoice {
  return colorOf(readSettings(options, env));
}

/** Both are read: a wrong value is a problem also where it does not count. */
function colorOf(read: SettingsReader): ColorChoice {
  const choice = read.choice('color');
  return read.isOn('no-color') ? 'never' : choice;
}

export function common(read: SettingsReader): CommonSettings {
  const env = read.list('env');
  return {
    ...read.texts('file', 'root'),
    ...(env === undefined ? {} : { env }),
    color: colorOf(read),
    labels: read.labels('port', 'formation'),
  };
}

export const local = (read: SettingsReader) => ({
  localBin: !read.isOn('no-local-bin'),
  // PROCSUP_ENV_EXPAND=0 overrides procsup.yaml.
  ...(read.labels('env-expand')['env-expand'] !== undefined && { envExpand: read.isOn('env-expand') }),
});

export function settle<T>(line: CommandLine, env: Env, assemble: (read: SettingsReader) => T): Checked<T> {
  const read = readSettings(line.options, env, line.command);
  const value = assemble(read);
  return { value: hasErrors(read.problems) ? undefined : value, problems: read.problems };
}

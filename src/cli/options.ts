/**
 * All options as data. The hand-written parser, commander's parser, the help text, the environment variables
 * (PROCSUP_RESTART_DELAY for `--restart-delay`) and the settings are derived from this table.
 */
import { formatDuration } from '../text/duration.ts';
import { formatSize } from '../text/size.ts';
import { FOREGROUND_DEFAULTS, LOG_FILE_DEFAULTS, RESIDENT_DEFAULTS } from '../host/options.ts';
import { COMMANDS, type CommandName, type CommandSpec } from './commands-table.ts';

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Another spelling, as known from other tools. */
  readonly alias?: { readonly name: string; readonly short?: string; readonly hasVariable?: false };
  /** Name of the value in the help; an option without one is a switch. */
  readonly value?: string;
  /** Values that may be attached to a switch, as in `--stats=json`. */
  readonly forms?: readonly string[];
  /** Comma-separated and repeatable: the lists are joined. Of other options the last one wins. */
  readonly list?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The default for `start -d`, where it differs. */
  readonly detachedDefault?: string;
  readonly description: string;
  /**
   * false: there is no variable. Options of different commands that share a name also share the variable; where they do
   * not mean the same, only one of them has it.
   */
  readonly hasVariable?: false;
  /** `global` options belong to every command, and may also precede it. */
  readonly commands: 'global' | readonly CommandName[];
}

const TABLE = [
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    description:
      'Procfile to read (default: Procfile, or PROCFILE= in .env, here or in the nearest parent directory)',
    commands: 'global',
  },
  {
    name: 'root',
    short: 'C',
    value: 'DIR',
    description: 'directory of the project (default: that of the Procfile)',
    commands: 'global',
  },
  {
    name: 'env',
    short: 'e',
    value: 'FILES',
    list: true,
    description: 'comma-separated environment files; later files override earlier ones (default: .env)',
    commands: 'global',
  },
  {
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    description: 'when to use colors',
    commands: 'global',
  },
  { name: 'no-color', description: 'as --color never', hasVariable: false, commands: 'global' },
  {
    name: 'port',
    short: 'p',
    value: 'PORT',
    description:
      "base port, from which the PORT of each process is derived; auto: ports that no other directory has (default: 'port' in procsup.yaml, PORT from .env or the environment, or 5000)",
    commands: ['start', 'run', 'pipe', 'check'],
  },
  {
    name: 'no-local-bin',
    description: 'do not put node_modules/.bin and .venv/bin of the project in front of PATH',
    commands: ['start', 'run', 'pipe', 'check'],
  },
  {
    name: 'formation',
    short: 'm',
    alias: { name: 'concurrency', short: 'c' },
    value: 'SPEC',
    list: true,
    description: 'number of instances per process: web=2,worker=1,all=1',
    commands: ['start', 'check'],
  },
  {
    name: 'exclude',
    short: 'x',
    value: 'NAME',
    list: true,
    description: 'process to leave out; may be repeated, and may be a pattern',
    commands: ['start'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    default: formatDuration(FOREGROUND_DEFAULTS.timeoutMs),
    description: 'time that processes have to stop before they are killed',
    commands: ['start'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description:
      'time that processes have to stop before they are killed; 0: kill at once (default: as started)',
    hasVariable: false,
    commands: ['stop', 'restart', 'down'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description: 'wait at most this long, then exit with status 124',
    hasVariable: false,
    commands: ['wait'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description: 'stop the pipeline after this time and exit with status 124',
    hasVariable: false,
    commands: ['pipe'],
  },
  { name: 'last', description: 'exit with the status of the last stage', commands: ['pipe'] },
  {
    name: 'stats',
    forms: ['json'],
    description: 'print a table of what each stage did on stderr at the end; --stats=json: as JSON',
    commands: ['pipe'],
  },
  {
    name: 'progress',
    description: 'show a live progress line: bytes per stage; * marks the stage that the others wait for',
    commands: ['pipe'],
  },
  {
    name: 'restart',
    value: 'POLICY',
    choices: ['never', 'on-failure', 'always'],
    default: FOREGROUND_DEFAULTS.restart,
    detachedDefault: RESIDENT_DEFAULTS.restart,
    description: 'when to restart a process that has exited',
    commands: ['start'],
  },
  {
    name: 'restart-delay',
    value: 'DURATION',
    default: formatDuration(FOREGROUND_DEFAULTS.restartDelayMs),
    description: 'delay before the first restart; doubles with each further one',
    commands: ['start'],
  },
  {
    name: 'on-exit',
    value: 'WHAT',
    choices: ['stop', 'keep'],
    default: FOREGROUND_DEFAULTS.onExit,
    detachedDefault: RESIDENT_DEFAULTS.onExit,
    description: 'what to do with the other processes when one has exited for good',
    commands: ['start'],
  },
  {
    name: 'timestamps',
    value: 'FORMAT',
    choices: ['none', 'time', 'iso'],
    default: 'time',
    description: 'time format at the start of each line',
    commands: ['start', 'logs'],
  },
  {
    name: 'no-prefix',
    description: 'print lines without time and process name',
    commands: ['start', 'logs'],
  },
  { name: 'raw', description: 'print the unmodified output of a single process', commands: ['start'] },
  {
    name: 'detach',
    short: 'd',
    alias: { name: 'daemon', short: 'D', hasVariable: false },
    description: 'run in the background; return when all processes are running',
    commands: ['start'],
  },
  {
    name: 'wait',
    value: 'STATE',
    choices: ['started', 'ready'],
    default: 'started',
    description: 'with -d: state that all processes must reach before the command returns',
    commands: ['start'],
  },
  {
    name: 'stdin',
    value: 'WHAT',
    choices: ['open', 'null'],
    default: FOREGROUND_DEFAULTS.stdin,
    description: "stdin of the processes: a pipe that stays open, for 'procsup send', or /dev/null",
    commands: ['start'],
  },
  {
    name: 'tty',
    value: 'NAMES',
    list: true,
    description: 'comma-separated processes that get a terminal of their own',
    commands: ['start'],
  },
  {
    name: 'log-size',
    value: 'SIZE',
    default: formatSize(LOG_FILE_DEFAULTS.maxFileBytes),
    description: 'with -d: size at which a log file is rotated',
    commands: ['start'],
  },
  {
    name: 'log-files',
    value: 'COUNT',
    default: String(LOG_FILE_DEFAULTS.maxFiles),
    description: 'with -d: number of log files kept per process; 0 for none',
    commands: ['start'],
  },
  { name: 'strict', description: 'treat warnings as errors', commands: ['check'] },
  {
    name: 'signal',
    short: 's',
    value: 'SIGNAL',
    default: 'SIGKILL',
    description: 'signal to send: a name with or without SIG, or a number',
    commands: ['kill'],
  },
  {
    name: 'follow',
    short: 'f',
    description: 'follow new output until interrupted',
    commands: ['logs'],
  },
  {
    name: 'lines',
    short: 'n',
    alias: { name: 'tail', hasVariable: false },
    value: 'COUNT',
    description: 'show only the last COUNT',
    commands: ['logs', 'events'],
  },
  {
    name: 'since',
    value: 'DURATION',
    description: 'show only what is newer than a duration (10m) or a time (2026-01-31T12:00)',
    commands: ['logs', 'events'],
  },
  {
    name: 'all',
    short: 'a',
    description: 'also show the output of earlier runs of the supervisor',
    hasVariable: false,
    commands: ['logs'],
  },
  {
    name: 'grep',
    value: 'REGEXP',
    description: 'show only lines that match this regular expression',
    commands: ['logs'],
  },
  {
    name: 'close-stdin',
    description: 'close the stdin of the process when our own has ended, or everything is written',
    commands: ['attach', 'send'],
  },
  { name: 'keys', description: 'to a terminal: send keys as they are, without Enter', commands: ['send'] },
  {
    name: 'force',
    description: 'to a terminal: send lines also to a full-screen program',
    commands: ['send'],
  },
  {
    name: 'secret',
    description: 'to a terminal: wait until it does not show what is typed, and refuse otherwise',
    commands: ['send'],
  },
  { name: 'no-follow', description: 'exit after the events so far', commands: ['events'] },
  {
    name: 'interval',
    value: 'DURATION',
    default: '1s',
    description: 'with --json: time between lines',
    commands: ['stats'],
  },
  {
    name: 'for',
    value: 'STATE',
    choices: ['ready', 'running', 'exited'],
    default: 'ready',
    description: 'state to wait for',
    commands: ['wait'],
  },
  { name: 'no-wait', description: 'return without waiting', commands: ['start', 'stop', 'restart', 'scale'] },
  {
    name: 'json',
    description: 'print JSON for programs: one value, or a value on each line where the command goes on',
    commands: [
      ...['check', 'ps', 'start', 'stop', 'restart', 'scale', 'kill', 'reload', 'down'],
      ...['logs', 'stats', 'events', 'wait', 'why', 'ls'],
    ] as readonly CommandName[],
  },
] as const satisfies readonly OptionSpec[];

export type OptionName = (typeof TABLE)[number]['name'];

/** The values of an option with choices: `'never' | 'on-failure' | 'always'`. */
export type ChoiceOf<Name extends OptionName> = Extract<
  (typeof TABLE)[number],
  { readonly name: Name; readonly choices: readonly string[] }
>['choices'][number];

/** The options that have choices. */
export type ChoiceName = Extract<(typeof TABLE)[number], { readonly choices: readonly string[] }>['name'];

/** A row of the table, as the parsers use it. */
export interface Option extends OptionSpec {
  readonly name: OptionName;
}

export const OPTIONS: readonly Option[] = TABLE;

/** The options of a command, its own ones first: they are what its help is read for. A command's own letter (`logs -f`) hides the global option's. */
export function optionsOf(command: CommandName): readonly Option[] {
  const own = OPTIONS.filter(({ commands }) => commands !== 'global' && commands.includes(command));
  const letters = own.map(({ short }) => short);
  const inherited = globalOptions().map(({ short, ...option }) =>
    short === undefined || letters.includes(short) ? option : { ...option, short },
  );
  return [...own, ...inherited];
}

/** The command's own option of that name, or the first one. */
export function optionNamed(name: OptionName, command?: CommandName): Option {
  const all = OPTIONS.filter((candidate) => candidate.name === name);
  const own = all.find(({ commands }) => command !== undefined && commands.includes(command));
  const option = own ?? all[0];
  if (option === undefined) throw new Error(`unknown option ${name}`);
  return option;
}

/** All names of a command, its own one first. */
export const namesOf = ({ name, aliases = [] }: CommandSpec): readonly string[] => [name, ...aliases];

/** The command that a word names. */
export function commandNamed(word: string | undefined): (typeof COMMANDS)[number] | undefined {
  return COMMANDS.find((command) => word !== undefined && namesOf(command).includes(word));
}

export function globalOptions(): readonly Option[] {
  return OPTIONS.filter(({ commands }) => commands === 'global');
}

/** All spellings of an option on the command line: `-m`, `--formation`, `-c`, `--concurrency`. */
export function spellings({ name, short, alias }: Option): readonly string[] {
  return [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
    ...(alias === undefined ? [] : aliasFlags(alias)),
  ];
}

/** `--concurrency`, `-c` */
export const aliasFlags = ({ name, short }: NonNullable<OptionSpec['alias']>): readonly string[] => [
  `--${name}`,
  ...(short === undefined ? [] : [`-${short}`]),
];

/** The environment variables of an option; the first that is set counts. */
export function twins({ name, alias, hasVariable }: Option): readonly string[] {
  if (hasVariable === false) return [];
  return [name, ...(alias === undefined || alias.hasVariable === false ? [] : [alias.name])].map(
    (flag) => `PROCSUP_${flag.toUpperCase().replaceAll('-', '_')}`,
  );
}

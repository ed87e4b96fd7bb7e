/**
 * Every option, once, as data. The hand-written parser, commander's parser, the help text, the
 * environment twins (`--restart-delay` is also PROCSUP_RESTART_DELAY) and the settings are all derived from here.
 */
import { formatDuration } from '../core/duration.ts';
import { formatSize } from '../core/size.ts';
import { FOREGROUND_DEFAULTS, LOG_FILE_DEFAULTS, RESIDENT_DEFAULTS } from '../host/options.ts';
import { COMMANDS, type CommandName } from './commands-table.ts';

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Another spelling, for those who come from other tools. */
  readonly alias?: { readonly name: string; readonly short: string };
  /** What the value is called in the help; an option without one is a switch. */
  readonly value?: string;
  /** Of a switch: the words that may be attached to it all the same, as in `--stats=json`. */
  readonly forms?: readonly string[];
  /** Comma-separated, and may be given several times; the lists are joined. Otherwise the last one wins. */
  readonly list?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The default of a `start -d`, where it is another. */
  readonly detachedDefault?: string;
  readonly description: string;
  /** `global` options belong to every command, and may stand before it too. */
  readonly commands: 'global' | readonly CommandName[];
}

const TABLE = [
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    description: 'the Procfile (default: Procfile, or PROCFILE= in .env)',
    commands: 'global',
  },
  {
    name: 'root',
    short: 'C',
    value: 'DIR',
    description: "the directory to run in (default: the Procfile's own)",
    commands: 'global',
  },
  {
    name: 'env',
    short: 'e',
    value: 'FILES',
    list: true,
    description: 'environment files, separated by commas; the later wins (default: .env)',
    commands: 'global',
  },
  {
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    description: 'colours in what procsup prints',
    commands: 'global',
  },
  {
    name: 'port',
    short: 'p',
    value: 'PORT',
    description:
      'base of the PORT given to each process (default: PORT of .env or of the environment, else 5000)',
    commands: ['start', 'run', 'pipe', 'check'],
  },
  {
    name: 'formation',
    short: 'm',
    alias: { name: 'concurrency', short: 'c' },
    value: 'SPEC',
    list: true,
    description: 'how many of each process: web=2,worker=1,all=1',
    commands: ['start', 'check'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    default: formatDuration(FOREGROUND_DEFAULTS.timeoutMs),
    description: 'how long processes may take to stop before they are killed',
    commands: ['start'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description: 'how long to wait at most; status 124 when it is over',
    commands: ['wait'],
  },
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    description: 'how long the pipeline may take; then it is stopped, and the status is 124',
    commands: ['pipe'],
  },
  { name: 'last', description: 'the status is that of the last stage alone', commands: ['pipe'] },
  {
    name: 'stats',
    forms: ['json'],
    description: 'at the end a table on stderr of what each stage did; --stats=json: as JSON',
    commands: ['pipe'],
  },
  {
    name: 'progress',
    description: 'a live line on the terminal: bytes of each stage, and which one the others wait for (*)',
    commands: ['pipe'],
  },
  {
    name: 'restart',
    value: 'POLICY',
    choices: ['never', 'on-failure', 'always'],
    default: FOREGROUND_DEFAULTS.restart,
    detachedDefault: RESIDENT_DEFAULTS.restart,
    description: 'whether a process that ended is started again',
    commands: ['start'],
  },
  {
    name: 'restart-delay',
    value: 'DURATION',
    default: formatDuration(FOREGROUND_DEFAULTS.restartDelayMs),
    description: 'delay before the first restart, doubled each time',
    commands: ['start'],
  },
  {
    name: 'on-exit',
    value: 'WHAT',
    choices: ['stop', 'keep'],
    default: FOREGROUND_DEFAULTS.onExit,
    detachedDefault: RESIDENT_DEFAULTS.onExit,
    description: 'what the end of one process for good means to the others',
    commands: ['start'],
  },
  {
    name: 'timestamps',
    value: 'FORMAT',
    choices: ['none', 'time', 'iso'],
    default: 'time',
    description: 'the time before each line',
    commands: ['start', 'logs'],
  },
  {
    name: 'no-prefix',
    description: 'print lines without time and name',
    commands: ['start', 'logs'],
  },
  { name: 'raw', description: 'the untouched output of a single process', commands: ['start'] },
  {
    name: 'detach',
    short: 'd',
    description: 'run in the background; return when every process is up',
    commands: ['start'],
  },
  {
    name: 'wait',
    value: 'STATE',
    choices: ['started', 'ready'],
    default: 'started',
    description: 'with -d: what every process is to be when we return',
    commands: ['start'],
  },
  {
    name: 'stdin',
    value: 'WHAT',
    choices: ['empty', 'open'],
    default: FOREGROUND_DEFAULTS.stdin,
    detachedDefault: RESIDENT_DEFAULTS.stdin,
    description: 'what processes find on their stdin: its end, or what is typed to them by attach',
    commands: ['start'],
  },
  {
    name: 'log-size',
    value: 'SIZE',
    default: formatSize(LOG_FILE_DEFAULTS.maxFileBytes),
    description: 'with -d: size at which a log file is put aside and a new one begun',
    commands: ['start'],
  },
  {
    name: 'log-files',
    value: 'COUNT',
    default: String(LOG_FILE_DEFAULTS.maxFiles),
    description: 'with -d: how many log files are kept of each process; 0 for none',
    commands: ['start'],
  },
  { name: 'strict', description: 'warnings count as errors', commands: ['check'] },
  {
    name: 'signal',
    short: 's',
    value: 'SIGNAL',
    default: 'SIGKILL',
    description: 'the signal, with or without SIG, or its number',
    commands: ['kill'],
  },
  {
    name: 'follow',
    short: 'f',
    description: 'go on with what comes, until Ctrl-C',
    commands: ['logs'],
  },
  {
    name: 'lines',
    short: 'n',
    value: 'COUNT',
    description: 'only the last ones',
    commands: ['logs', 'events'],
  },
  {
    name: 'since',
    value: 'DURATION',
    description: 'only what is not older (10m), or not before a time (2026-01-31T12:00)',
    commands: ['logs', 'events'],
  },
  {
    name: 'grep',
    value: 'REGEXP',
    description: 'only lines in which this regular expression is found',
    commands: ['logs'],
  },
  { name: 'no-follow', description: 'end after what has happened until now', commands: ['events'] },
  {
    name: 'interval',
    value: 'DURATION',
    default: '1s',
    description: 'with --json: time between two lines',
    commands: ['stats'],
  },
  {
    name: 'for',
    value: 'STATE',
    choices: ['ready', 'running', 'exited'],
    default: 'ready',
    description: 'what to wait for',
    commands: ['wait'],
  },
  { name: 'no-wait', description: 'return at once', commands: ['start', 'stop', 'restart', 'scale'] },
  {
    name: 'json',
    description: 'print JSON on stdout: a list, or for what goes on, a line for each',
    commands: [
      ...['check', 'ps', 'start', 'stop', 'restart', 'scale', 'kill', 'reload', 'down'],
      ...['logs', 'stats', 'events', 'wait', 'why', 'ls'],
    ] as readonly CommandName[],
  },
] as const satisfies readonly OptionSpec[];

export type OptionName = (typeof TABLE)[number]['name'];

/** What an option with choices may be: `'never' | 'on-failure' | 'always'`. */
export type ChoiceOf<Name extends OptionName> = Extract<
  (typeof TABLE)[number],
  { readonly name: Name; readonly choices: readonly string[] }
>['choices'][number];

/** The options that have choices. */
export type ChoiceName = Extract<(typeof TABLE)[number], { readonly choices: readonly string[] }>['name'];

/** A row of the table, as the parsers see it. */
export interface Option extends OptionSpec {
  readonly name: OptionName;
}

export const OPTIONS: readonly Option[] = TABLE;

/** The options of a command, global ones first. A letter of its own (`logs -f`) is no longer the global option's. */
export function optionsOf(command: CommandName): readonly Option[] {
  const own = OPTIONS.filter(({ commands }) => commands !== 'global' && commands.includes(command));
  const letters = own.map(({ short }) => short);
  const inherited = globalOptions().map(({ short, ...option }) =>
    short === undefined || letters.includes(short) ? option : { ...option, short },
  );
  return [...inherited, ...own];
}

/** The option as this command has it, or the first of that name. */
export function optionNamed(name: OptionName, command?: CommandName): Option {
  const all = OPTIONS.filter((candidate) => candidate.name === name);
  const own = all.find(({ commands }) => command !== undefined && commands.includes(command));
  const option = own ?? all[0];
  if (option === undefined) throw new Error(`no option is named ${name}`);
  return option;
}

/** The command that a word names. */
export function commandNamed(word: string | undefined): (typeof COMMANDS)[number] | undefined {
  return COMMANDS.find((command) => command.name === word || ('alias' in command && command.alias === word));
}

export function globalOptions(): readonly Option[] {
  return OPTIONS.filter(({ commands }) => commands === 'global');
}

/** Every way to write an option on the command line: `-m`, `--formation`, `-c`, `--concurrency`. */
export function spellings({ name, short, alias }: Option): readonly string[] {
  return [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
    ...(alias === undefined ? [] : [`--${alias.name}`, `-${alias.short}`]),
  ];
}

/** The environment variables that say the same as an option; the first that is set counts. */
export function twins({ name, alias }: Option): readonly string[] {
  return [name, ...(alias === undefined ? [] : [alias.name])].map(
    (flag) => `PROCSUP_${flag.toUpperCase().replaceAll('-', '_')}`,
  );
}

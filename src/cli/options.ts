/**
 * Every command and every option, once, as data. The hand-written parser, commander's parser, the help text, the
 * environment twins (`--restart-delay` is also PROCSUP_RESTART_DELAY) and the settings are all derived from here.
 */

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Operands as the help shows them; an ending `...` takes any number. */
  readonly operands: readonly string[];
  /** Our options end at the first operand: what follows belongs to the program that is run. */
  readonly passThrough?: true;
  readonly description: string;
  /** Command lines and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Another spelling, for those who come from other tools. */
  readonly alias?: { readonly name: string; readonly short: string };
  /** What the value is called in the help; an option without one is a switch. */
  readonly value?: string;
  /** Comma-separated, and may be given several times; the lists are joined. Otherwise the last one wins. */
  readonly list?: true;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly description: string;
  /** `global` options belong to every command, and may stand before it too. */
  readonly commands: 'global' | readonly CommandName[];
}

export const COMMANDS = [
  {
    name: 'start',
    summary: 'run the processes of the Procfile in the foreground',
    operands: ['[NAME...]'],
    description:
      'Starts all processes of the Procfile, or those named, prints their output merged, and stays until they end.',
    examples: [
      ['procsup start', 'everything in ./Procfile'],
      ['procsup start web worker', 'only these two'],
      ['procsup start -m web=2,worker=3', 'two of web, three of worker, one of each other'],
      ['procsup start --restart on-failure --on-exit keep', 'bring back what crashes'],
      ['procsup start -f Procfile.dev -e .env,.env.local', 'other files'],
    ],
  },
  {
    name: 'run',
    summary: "run one process, or any command, in the application's environment",
    operands: ['<NAME|COMMAND>', '[ARG...]'],
    passThrough: true,
    description:
      "Runs one process of the Procfile by name, or any command, with the application's environment and directory, and with this terminal as its own. Its exit status is passed on.",
    examples: [
      ['procsup run web', 'the process web, alone'],
      ['procsup run npm test', 'a command that needs the variables of .env'],
      ["procsup run -- sh -c 'echo $PORT'", '-- ends our own options'],
    ],
  },
  {
    name: 'check',
    summary: 'say what is wrong with the Procfile and the environment files',
    operands: [],
    description:
      'Reads the Procfile and the environment files, and prints every problem and warning of them at once. Nothing is started.',
    examples: [
      ['procsup check', 'is everything valid?'],
      ['procsup check --strict', 'warnings count as errors'],
      ['procsup check --json', 'what would be started, as JSON'],
    ],
  },
] as const satisfies readonly CommandSpec[];

export type CommandName = 'start' | 'run' | 'check';

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
    commands: ['start', 'run', 'check'],
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
    default: '5s',
    description: 'how long processes may take to stop before they are killed',
    commands: ['start'],
  },
  {
    name: 'restart',
    value: 'POLICY',
    choices: ['never', 'on-failure', 'always'],
    default: 'never',
    description: 'whether a process that ended is started again',
    commands: ['start'],
  },
  {
    name: 'restart-delay',
    value: 'DURATION',
    default: '0.5s',
    description: 'delay before the first restart, doubled each time',
    commands: ['start'],
  },
  {
    name: 'on-exit',
    value: 'WHAT',
    choices: ['stop', 'keep'],
    default: 'stop',
    description: 'what the end of one process for good means to the others',
    commands: ['start'],
  },
  {
    name: 'timestamps',
    value: 'FORMAT',
    choices: ['none', 'time', 'iso'],
    default: 'time',
    description: 'the time before each line',
    commands: ['start'],
  },
  { name: 'no-prefix', description: 'print lines without time and name', commands: ['start'] },
  { name: 'raw', description: 'the untouched output of a single process', commands: ['start'] },
  { name: 'strict', description: 'warnings count as errors', commands: ['check'] },
  { name: 'json', description: 'print the resolved plan as JSON on stdout', commands: ['check'] },
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

/** The options of a command, global ones first. */
export function optionsOf(command: CommandName): readonly Option[] {
  return OPTIONS.filter(({ commands }) => commands === 'global' || commands.includes(command));
}

export function optionNamed(name: OptionName): Option {
  const option = OPTIONS.find((candidate) => candidate.name === name);
  if (option === undefined) throw new Error(`no option is named ${name}`);
  return option;
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

/** Reads any command line with commander: help, suggestions and errors. Ordinary ones are read by fast-args.ts. */
import { Command, CommanderError, type Argument, Option as Flag } from 'commander';
import { STATUS } from '../core/process/exit.ts';
import type { Theme } from '../ui/paint.ts';
import { gather, type CommandLine, type Occurrence, type RawOptions } from './command-line.ts';
import { COMMANDS, type CommandSpec } from './commands-table.ts';
import { globalOptions, OPTIONS, optionsOf, spellings, type Option } from './options.ts';
import { VERSION } from '../host/version.ts';

/** Where help and errors go. */
export interface ProgramOutput {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether a stream is coloured, given the options read so far. */
  isColoured(stream: 'stdout' | 'stderr', options: RawOptions): boolean;
  readonly columns: number;
  readonly theme: Theme;
}

/** A command to run, or the exit status once help, the version or an error has been printed. */
export type Reading =
  | { readonly kind: 'command'; readonly line: CommandLine }
  | { readonly kind: 'done'; readonly status: number };

/** Reads the words after `procsup`. */
export function readCommandLine(words: readonly string[], output: ProgramOutput): Reading {
  const occurrences: Occurrence[] = [];
  let line: CommandLine | undefined;

  const program = globalProgram(output, occurrences);
  for (const spec of COMMANDS) {
    const command = program.command(spec.name).copyInheritedSettings(program);
    describe(command, spec, output.theme);
    declare(command, optionsOf(spec.name), occurrences);
    command.action(() => {
      line = { command: spec.name, operands: command.args, options: gather(occurrences) };
    });
  }

  try {
    program.parse(words, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { kind: 'done', status: thrown.exitCode === 0 ? STATUS.success : STATUS.usage };
  }
  if (line === undefined) throw new Error(`no command found in the command line: ${words.join(' ')}`);
  return { kind: 'command', line };
}

function globalProgram(output: ProgramOutput, occurrences: Occurrence[]): Command {
  const { theme } = output;
  const coloured = (stream: 'stdout' | 'stderr') => () => output.isColoured(stream, gather(occurrences));
  const program = new Command('procsup')
    .description('Runs the processes of a Procfile together and supervises them.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.stdout(text),
      writeErr: (text) => output.stderr(text),
      outputError: (text, write) => write(worded(text)),
      getOutHasColors: coloured('stdout'),
      getErrHasColors: coloured('stderr'),
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    })
    .configureHelp({
      styleTitle: theme.bold,
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(shown)].join(' '),
      optionTerm: ({ flags }) => (flags.startsWith('--') ? `    ${flags}` : flags),
    })
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [COMMAND]', 'print help for a command')
    .version(`procsup ${VERSION}`, '-V, --version', 'print the version')
    .showHelpAfterError("See 'procsup --help'.")
    .enablePositionalOptions();
  declare(program, globalOptions(), occurrences);
  program.addHelpText('after', () => examples(overview(), theme));
  program.addHelpText('after', ENVIRONMENT);
  return program;
}

const shown = (operand: Argument): string =>
  operand.required ? `<${operand.name()}>` : `[${operand.name()}${operand.variadic ? '...' : ''}]`;

const ENVIRONMENT = `
Each option can also be set by an environment variable: PROCSUP_RESTART_DELAY for --restart-delay.
PROCSUP_TIMEOUT applies to start only, not to wait and pipe.`;

function describe(command: Command, spec: CommandSpec, theme: Theme): void {
  command.summary(spec.summary).description(spec.description);
  command.showHelpAfterError(`See 'procsup ${spec.name} --help'.`);
  if (spec.alias !== undefined) command.alias(spec.alias);
  for (const operand of spec.operands) command.argument(operand);
  if (spec.passThrough === true) command.passThroughOptions();
  command.allowExcessArguments(false);
  command.addHelpText('after', () => examples(spec.examples, theme));
}

function declare(command: Command, options: readonly Option[], occurrences: Occurrence[]): void {
  for (const option of options) {
    for (const flag of flagsOf(option)) {
      command.addOption(flag);
      // Not commander's own value: it would merge the items of a list, and not tell given values from defaults.
      command.on(`option:${flag.name()}`, (value?: string) => {
        occurrences.push([option, value ?? true]);
      });
    }
    // Not an optional value: commander would also take it from the next word, as in `--stats 'a | b'`.
    for (const form of option.forms ?? []) {
      const spelling = `${option.name}=${form}`;
      command.addOption(new Flag(`--${spelling}`).hideHelp());
      command.on(`option:${spelling}`, () => void occurrences.push([option, form]));
    }
  }
}

/** The option, and its alias, which has no line of its own in the help. */
function flagsOf(option: Option): Flag[] {
  const { name, short, alias, value } = option;
  const operand = value === undefined ? '' : ` <${value}>`;
  const flags = [
    new Flag(`${short === undefined ? '' : `-${short}, `}--${name}${operand}`, explained(option)),
  ];
  if (alias !== undefined) flags.push(new Flag(`-${alias.short}, --${alias.name}${operand}`).hideHelp());
  return flags;
}

function explained({ alias, choices, default: standard, detachedDefault, description }: Option): string {
  const remarks = [
    ...(alias === undefined ? [] : [`also -${alias.short}, --${alias.name}`]),
    ...(choices === undefined ? [] : [choices.join(', ')]),
    ...(standard === undefined ? [] : [`default: ${standard}${detachedText(detachedDefault)}`]),
  ];
  return remarks.length === 0 ? description : `${description} (${remarks.join('; ')})`;
}

const detachedText = (detachedDefault = ''): string => detachedDefault && `, with -d ${detachedDefault}`;

const overview = (): CommandSpec['examples'] => COMMANDS.map(({ examples: [first] }) => first);

function examples(lines: CommandSpec['examples'], theme: Theme): string {
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    `\n${theme.bold('Examples:')}`,
    ...lines.map(([line, what]) => `  ${line.padEnd(width)}  ${theme.dim(`# ${what}`)}`),
  ].join('\n');
}

/** Our wording of commander's messages; the first match counts. */
const WORDING: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [/^unknown option '(--?[^'=]+)/, unknownOption],
  [
    /^unknown command '(.*)'\n\(Did you mean (.+)\?\)/,
    (word, meant) => `unknown command '${word}'; did you mean '${meant}'?`,
  ],
  [/^option '.*(--[\w-]+) <.*' argument missing/, (flag) => `missing value for '${flag}'`],
  [/^missing required argument '(.*)'/, (operand) => `missing argument ${operand}`],
  [/^too many arguments for '(.*)'\. Expected 0/, (command) => `'procsup ${command}' takes no arguments`],
];

function worded(text: string): string {
  const message = text.replace(/^error: /, '').trimEnd();
  for (const [pattern, word] of WORDING) {
    const found = pattern.exec(message);
    if (found !== null) return `procsup: ${word(...found.slice(1), message)}\n`;
  }
  return `procsup: ${message}\n`;
}

/** The option may be a known one in the wrong place, or with a value that it does not take. */
function unknownOption(flag: string, message: string): string {
  const all = OPTIONS.filter((candidate) => spellings(candidate).includes(flag));
  const bare = all.find(({ value }) => value === undefined);
  if (bare !== undefined && message.includes(`'${flag}=`)) {
    const { forms } = bare;
    return `'${flag}' takes no value${forms === undefined ? '' : ` except ${forms.join(', ')}`}`;
  }
  const commands = all.flatMap((option) => (option.commands === 'global' ? [] : option.commands));
  if (commands.length > 0) {
    const places = commands.map((command) => `'procsup ${command}'`);
    return `option '${flag}' is not valid here; use it after ${places.join(' or ')}`;
  }
  const meant = /Did you mean (?:one of )?(.+)\?/.exec(message)?.[1];
  return `unknown option '${flag}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`;
}

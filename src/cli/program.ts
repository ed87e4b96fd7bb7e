/** Reads any command line with commander: help, suggestions and errors. Ordinary ones are read by fast-args.ts. */
import { Command, CommanderError, Help, type Argument, Option as Flag } from 'commander';
import { STATUS } from '../core/process/exit.ts';
import type { Theme } from '../ui/paint.ts';
import { gather, type CommandLine, type Occurrence, type RawOptions } from './command-line.ts';
import { unknownCommand, worded } from './command-line-errors.ts';
import { COMMAND_WORDS, HELP_GROUP, HELP_SUMMARY } from './help/commands.ts';
import { describedOptions, type DescribedOption } from './help/options.ts';
import type { Example } from './help/words.ts';
import type { CommandSpec } from './table/command-spec.ts';
import { COMMANDS, type CommandName } from './table/commands.ts';
import { aliasFlags, commandNamed, globalOptions, optionsOf } from './table/options.ts';
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
  if (words.length === 1 && (words[0] === 'version' || words[0] === '-v')) {
    output.stdout(`${VERSION_LINE}\n`);
    return { kind: 'done', status: STATUS.success };
  }
  const topic = unknownTopic(words);
  if (topic !== undefined) {
    output.stderr(`procsup: ${unknownCommand(topic)}\n${SEE_HELP}\n`);
    return { kind: 'done', status: STATUS.usage };
  }
  const occurrences: Occurrence[] = [];
  let line: CommandLine | undefined;

  const program = globalProgram(output, occurrences);
  for (const spec of COMMANDS) {
    const command = program
      .command(spec.name)
      .copyInheritedSettings(program)
      .helpGroup(`${COMMAND_WORDS[spec.name].group}:`);
    describe(command, spec, output.theme);
    declare(command, describedOptions(optionsOf(spec.name), spec.name), occurrences);
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

/** Commander would answer `help nonsense` with the overview. */
function unknownTopic([verb, topic]: readonly string[]): string | undefined {
  if (verb !== 'help' || topic === undefined || topic.startsWith('-') || topic === 'help') return undefined;
  return commandNamed(topic) === undefined ? topic : undefined;
}

const SEE_HELP = "See 'procsup --help'.";
const VERSION_LINE = `procsup ${VERSION}`;

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
      formatHelp: commandsFirst,
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(shown)].join(' '),
      optionTerm: ({ flags }) => (flags.startsWith('--') ? `    ${flags}` : flags),
    })
    .addHelpOption(new Flag('-h, --help', 'print help').helpGroup(GLOBAL_OPTIONS))
    .commandsGroup(`${HELP_GROUP}:`)
    .helpCommand('help [COMMAND]', HELP_SUMMARY)
    .optionsGroup(GLOBAL_OPTIONS)
    .version(VERSION_LINE, '-V, --version', 'print the version')
    .showHelpAfterError(SEE_HELP)
    .enablePositionalOptions();
  declare(program, describedOptions(globalOptions()), occurrences);
  program.addHelpText('after', () => examples(OVERVIEW, theme));
  program.addHelpText('after', ENVIRONMENT);
  return program;
}

function shown(operand: Argument): string {
  const name = `${operand.name()}${operand.variadic ? '...' : ''}`;
  return operand.required ? `<${name}>` : `[${name}]`;
}

const GLOBAL_OPTIONS = 'Options of all commands:';

/** Commander puts options before commands; who asks for an overview looks for a command. */
function commandsFirst(this: Help, command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(this, command, helper);
  if (command.parent !== null) return text;
  const options = text.indexOf(helper.styleTitle(GLOBAL_OPTIONS));
  const commands = text.indexOf(helper.styleTitle(`${COMMAND_WORDS[COMMANDS[0].name].group}:`));
  return `${text.slice(0, options)}${text.slice(commands)}\n${text.slice(options, commands).trimEnd()}\n`;
}

/** Of a first day. */
const OVERVIEW: readonly Example[] = [
  ['procsup start', 'start everything in ./Procfile; Ctrl-C stops it'],
  ['procsup start -d', 'the same in the background'],
  ['procsup logs -f web', 'follow the output of web'],
  ['procsup restart web', 'restart all instances of web'],
  ['procsup down', 'stop everything'],
  ['procsup start --help', 'explain a command and its options'],
];

const ENVIRONMENT = `
Each option can also be set by an environment variable: PROCSUP_RESTART_DELAY for --restart-delay.
PROCSUP_TIMEOUT applies to start only, not to wait and pipe.`;

function describe(command: Command, spec: CommandSpec & { readonly name: CommandName }, theme: Theme): void {
  const words = COMMAND_WORDS[spec.name];
  command.summary(words.summary).description(words.description);
  command.showHelpAfterError(`See 'procsup ${spec.name} --help'.`);
  command.aliases([...(spec.aliases ?? [])]);
  for (const operand of spec.operands) command.argument(operand);
  if (spec.passThrough === true) command.passThroughOptions();
  command.allowExcessArguments(false);
  command.configureOutput({ outputError: (text, write) => write(worded(text, spec.name)) });
  command.addHelpText('after', () => examples(words.examples, theme));
}

function declare(command: Command, options: readonly DescribedOption[], occurrences: Occurrence[]): void {
  for (const option of options) {
    for (const flag of flagsOf(option)) {
      command.addOption(option.commands === 'global' ? flag.helpGroup(GLOBAL_OPTIONS) : flag);
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
function flagsOf(option: DescribedOption): Flag[] {
  const { name, short, alias, value } = option;
  const operand = value === undefined ? '' : ` <${value}>`;
  const flags = [
    new Flag(`${short === undefined ? '' : `-${short}, `}--${name}${operand}`, explained(option)),
  ];
  if (alias !== undefined)
    flags.push(new Flag(`${aliasFlags(alias).toReversed().join(', ')}${operand}`).hideHelp());
  return flags;
}

function explained({
  alias,
  choices,
  default: standard,
  detachedDefault,
  description,
}: DescribedOption): string {
  const remarks = [
    ...(alias === undefined ? [] : [`also ${aliasFlags(alias).toReversed().join(', ')}`]),
    ...(choices === undefined ? [] : [choices.join(', ')]),
    ...(standard === undefined ? [] : [`default: ${standard}${detachedText(detachedDefault)}`]),
  ];
  return remarks.length === 0 ? description : `${description} (${remarks.join('; ')})`;
}

const detachedText = (detachedDefault = ''): string => detachedDefault && `, with -d ${detachedDefault}`;

function examples(lines: readonly Example[], theme: Theme): string {
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    `\n${theme.bold('Examples:')}`,
    ...lines.map(([line, what]) => `  ${line.padEnd(width)}  ${theme.dim(`# ${what}`)}`),
  ].join('\n');
}

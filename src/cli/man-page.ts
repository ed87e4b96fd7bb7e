/** The manual page, as roff with the macros of man(7), from the tables of commands and options. The build writes it. */
import { VERSION } from '../host/version.ts';
import { COMMAND_WORDS, HELP_SUMMARY } from './help/commands.ts';
import { describedOptions, type DescribedOption } from './help/options.ts';
import type { Example } from './help/words.ts';
import type { CommandSpec } from './table/command-spec.ts';
import { COMMANDS } from './table/commands.ts';
import { aliasFlags, globalOptions, OPTIONS } from './table/options.ts';

const STATUSES: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'Success, also after a requested stop in which everything ended in time.'],
  [
    'N, 128+N',
    'start, run, pipe: the status of the process that decided the outcome; 128+N if signal N terminated it.',
  ],
  ['2', 'The command line or a file of the project is wrong, or a process is unknown.'],
  ['3', 'No supervisor is running for this project; or one is already running where one was to be started.'],
  ['124', 'The --timeout of wait or pipe is over.'],
  ['125', 'procsup itself failed, for example because its output could not be written.'],
  ['126, 127', 'The command cannot be executed, or was not found.'],
  ['130', 'A second Ctrl-C forced the end; run and pipe: interrupted.'],
];

const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  [
    'PROCSUP_<OPTION>',
    'Sets an option: PROCSUP_RESTART_DELAY for --restart-delay. An option on the command line wins.',
  ],
  ['NO_COLOR, FORCE_COLOR', 'Switch colors off or on, where --color is auto.'],
  ['PORT', 'The base port, if neither -p nor procsup.yaml nor .env sets one.'],
  ['SHELL', 'The shell for which completion prints its script, if none is named.'],
  ['XDG_STATE_HOME', 'The directory for state and logs. Default: ~/.local/state.'],
  ['XDG_RUNTIME_DIR', 'The directory for the control socket. Default: one below /tmp.'],
];

const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ['Procfile', 'The processes of the project, one "name: command" in each line.'],
  ['procsup.yaml', 'Optional: pipelines, and settings of processes.'],
  ['.env', 'Optional: the environment of the processes.'],
  ['$XDG_STATE_HOME/procsup', 'Locks and logs of all projects of this user.'],
];

export function manPage(): string {
  return [
    `.TH PROCSUP 1 "" ${argument(`procsup ${VERSION}`)} "User Commands"`,
    ...['.SH NAME', text('procsup - run the processes of a Procfile together and supervise them')],
    ...['.SH SYNOPSIS', `.B procsup`, text('[OPTION...] COMMAND [ARG...]')],
    '.SH DESCRIPTION',
    text(
      'procsup starts the processes of a Procfile, prints their merged output, restarts and stops them, in the foreground or in the background. One supervisor runs for each project; the other commands send their requests to it.',
    ),
    ...['.SH COMMANDS', ...COMMANDS.flatMap(command)],
    ...[`.SS ${argument('help [COMMAND]')}`, text(`${sentence(HELP_SUMMARY)}.`)],
    ...[
      '.SH OPTIONS',
      text('These options are valid for every command, and may also stand before it.'),
      ...describedOptions(globalOptions()).flatMap(option),
    ],
    ...tagged(`${bold('-h')}, ${bold('--help')}`, 'Print help.'),
    ...tagged(`${bold('-V')}, ${bold('--version')}`, 'Print the version.'),
    ...['.SH EXIT STATUS', ...STATUSES.flatMap(([status, meaning]) => tagged(bold(status), meaning))],
    ...['.SH ENVIRONMENT', ...VARIABLES.flatMap(([name, meaning]) => tagged(bold(name), meaning))],
    ...['.SH FILES', ...FILES.flatMap(([path, meaning]) => tagged(italic(path), meaning))],
    ...[
      '.SH EXAMPLES',
      ...COMMANDS.flatMap(({ name }) => COMMAND_WORDS[name].examples.slice(0, 1).flatMap(example)),
    ],
    ...['.SH SEE ALSO', text('sh(1), env(1), foreman(1)')],
    '',
  ].join('\n');
}

type Command = (typeof COMMANDS)[number];

function command(spec: Command): readonly string[] {
  const { name, operands, aliases = [] }: CommandSpec = spec;
  const also = aliases.length === 0 ? [] : ['.PP', text(`Also: ${aliases.join(', ')}.`)];
  const own = OPTIONS.filter(({ commands }) => commands !== 'global' && commands.includes(spec.name));
  return [
    `.SS ${argument([name, ...operands].join(' '))}`,
    text(COMMAND_WORDS[spec.name].description),
    ...also,
    ...describedOptions(own, spec.name).flatMap(option),
  ];
}

function option({ name, short, alias, value, forms = [], ...about }: DescribedOption): readonly string[] {
  const flags = [
    ...(short === undefined ? [] : [`-${short}`]),
    `--${name}`,
    ...(alias === undefined ? [] : aliasFlags(alias)),
  ];
  const operand = value === undefined ? forms.map((form) => `[=${form}]`).join('') : ` ${italic(value)}`;
  return tagged(
    `${flags.map(bold).join(', ')}${value === undefined ? escape(operand) : operand}`,
    explained(about),
  );
}

function explained({
  description,
  choices,
  default: standard,
  detachedDefault,
}: Omit<DescribedOption, 'name'>): string {
  const detached = detachedDefault === undefined ? '' : `, with -d ${detachedDefault}`;
  const values = choices === undefined ? '' : ` One of: ${choices.join(', ')}.`;
  return `${sentence(description)}.${values}${standard === undefined ? '' : ` Default: ${standard}${detached}.`}`;
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

const tagged = (tag: string, meaning: string): readonly string[] => ['.TP', tag, text(meaning)];

const example = ([line, what]: Example): readonly string[] => tagged(bold(line), `${sentence(what)}.`);

const bold = (words: string): string => `\\fB${escape(words)}\\fR`;
const italic = (words: string): string => `\\fI${escape(words)}\\fR`;

/** A line of text: a dot or an apostrophe at its beginning would be a request. */
function text(words: string): string {
  const escaped = escape(words);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** A hyphen as it is typed, and no character that roff or a terminal would turn into another one. */
const escape = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');

/** An argument of a macro. */
const argument = (words: string): string => `"${escape(words).replaceAll('"', '\\(dq')}"`;

/** The completion script for fish. */
import { commands, globals, type CompletedCommand, type CompletedOption, type Kind } from './model.ts';

export function fishScript(): string {
  const all = commands();
  const withValue = globals().flatMap(({ spellings, value }) => (value === undefined ? [] : spellings));
  return `# Completion of procsup for fish, printed by 'procsup completion fish'. To load it in every new shell:
#   procsup completion fish > ~/.config/fish/completions/procsup.fish

# Prints the command that has been typed; fails while there is none.
function __procsup_verb
    set -l tokens (commandline -opc)
    set -e tokens[1]
    while set -q tokens[1]
        switch $tokens[1]
            case ${withValue.join(' ')}
                set -q tokens[2]; and set -e tokens[1]
            case '-*'
${all.map(({ names }) => `            case ${names.join(' ')}\n                echo ${names[0] ?? ''}\n                return 0\n`).join('')}            case '*'
                echo unknown
                return 0
        end
        set -e tokens[1]
    end
    return 1
end

function __procsup_is
    contains -- (__procsup_verb; or echo none) $argv
end

function __procsup_names
    set -l tokens (commandline -opc)
    set -l program $tokens[1]
    type -q -- $program; or set program procsup
    command $program completion --names $tokens[2..-1] 2>/dev/null </dev/null
end

function __procsup_counts
    for name in (__procsup_names | string match -v -r '[./]')
        echo "$name="
    end
end

complete -c procsup -f
${all.flatMap(({ names, summary }) => names.map((name) => line('not __procsup_verb >/dev/null', `-a ${name}`, summary))).join('')}${globals()
    .map((option) => optionLine('not __procsup_verb >/dev/null', option))
    .join('')}${all.map(commandLines).join('')}`;
}

function commandLines(command: CompletedCommand): string {
  const { names, options, operand, isPassThrough } = command;
  const condition = `__procsup_is ${names[0] ?? ''}`;
  const operands = operand === undefined || operand === 'text' ? '' : line(condition, argumentOf(operand));
  const files = isPassThrough ? line(condition, '-F') : '';
  return `${operands}${files}${options.map((option) => optionLine(condition, option)).join('')}`;
}

function optionLine(condition: string, { spellings, text, value, forms, isList }: CompletedOption): string {
  const flags = spellings.map((word) =>
    word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`,
  );
  const own = line(
    condition,
    [...flags, ...(value === undefined ? [] : [valueOf(value.kind, isList)])].join(' '),
    text,
  );
  const attached = forms.map((form) => line(condition, `-a '${spellings[0] ?? ''}=${form}'`, text));
  return own + attached.join('');
}

function valueOf(kind: Kind, isList: boolean): string {
  if (kind === 'files') return '-r -F';
  const list = isList && (kind === 'names' || kind === 'counts');
  return `-x ${list ? `-a '(__fish_append , (__procsup_${kind}))'` : argumentOf(kind)}`.trimEnd();
}

function argumentOf(kind: Kind): string {
  if (typeof kind !== 'string') return `-a '${kind.join(' ')}'`;
  return {
    files: '-F',
    directories: "-a '(__fish_complete_directories)'",
    names: "-a '(__procsup_names)'",
    counts: "-a '(__procsup_counts)'",
    programs: "-a '(__procsup_names) (__fish_complete_command)'",
    text: '',
  }[kind];
}

const line = (condition: string, what: string, text = ''): string =>
  `complete -c procsup -n '${condition}' ${what}${text === '' ? '' : ` -d ${quoted(text)}`}\n`;

const quoted = (text: string): string => `'${text.replace(/[\\']/g, String.raw`\$&`)}'`;

/** The completion script for zsh. */
import { commands, globals, type CompletedCommand, type CompletedOption, type Kind } from './model.ts';

export function zshScript(): string {
  const all = commands();
  return `#compdef procsup
# Completion of procsup for zsh, printed by 'procsup completion zsh'. To load it in every new shell:
#   echo 'source <(procsup completion zsh)' >> ~/.zshrc

_procsup_processes() {
  local program=\${\${_procsup_typed[1]}/#\\~/$HOME}
  whence -p -- "$program" >/dev/null || program=procsup
  reply=(\${(f)"$("$program" completion --names "\${(@)_procsup_typed[2,-1]}" </dev/null 2>/dev/null)"})
}

_procsup_names() {
  local expl
  local -a reply
  _procsup_processes
  _wanted processes expl process compadd "$@" -a reply
}

_procsup_counts() {
  local expl
  local -a reply
  _procsup_processes
  reply=(\${reply:#*[./]*})
  _wanted processes expl process compadd "$@" -S = -a reply
}

_procsup_programs() {
  _alternative 'processes:process:_procsup_names' 'commands:command:_command_names -e'
}

_procsup_verbs() {
  local -a verbs=(
${all.flatMap(({ names, summary }) => names.map((name) => `    ${quoted(`${name}:${summary}`)}`)).join('\n')}
  )
  _describe -t commands command verbs
}

_procsup() {
  local curcontext="$curcontext" state state_descr line ret=1
  local -a _procsup_typed=("\${(@)words[1,CURRENT-1]}")
  typeset -A opt_args
  _arguments -C -S -A '-*' \\
${globals().flatMap(argumentsOf).map(continued).join('')}    '1: :_procsup_verbs' '*:: :->rest' && ret=0
  [[ $state == rest ]] || return ret
  case $words[1] in
${all.map(commandCase).join('')}  esac
  return ret
}

if [[ $funcstack[1] == _procsup ]]; then
  _procsup "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _procsup procsup
fi
`;
}

const continued = (argument: string): string => `    ${argument} \\\n`;

function commandCase(command: CompletedCommand): string {
  const given = [...command.options.flatMap(argumentsOf), ...operandsOf(command)];
  const lines = given.map((argument) => `      ${argument}`).join(' \\\n');
  const body = given.length === 0 ? '_message "no more arguments"' : `_arguments -S \\\n${lines}`;
  return `    ${command.names.join('|')}) ${body} && ret=0 ;;\n`;
}

function operandsOf({ operand, rest, isPassThrough }: CompletedCommand): readonly string[] {
  if (operand === undefined) return [];
  if (isPassThrough) return [quoted(`1:command:${actionOf(operand)}`), "'*::argument:_normal'"];
  if (rest === operand) return [quoted(`*:process:${actionOf(operand)}`)];
  return [quoted(`1:argument:${actionOf(operand)}`), ...(rest === undefined ? [] : ["'*:text: '"])];
}

/** The arguments of \`_arguments\` for an option: one for each spelling, which exclude each other unless it is a list. */
function argumentsOf({ spellings, text, value, forms, isList }: CompletedOption): readonly string[] {
  const others = isList ? '*' : `(${spellings.join(' ')})`;
  return spellings.map((spelling) => {
    const isLong = spelling.startsWith('--');
    if (forms.length > 0) {
      return quoted(`${others}${spelling}=-[${escaped(text)}]::format:(${forms.join(' ')})`);
    }
    const attach = value === undefined ? '' : isLong ? '=' : '+';
    const action = value === undefined ? '' : `:${value.label}:${actionOf(value.kind, isList)}`;
    return quoted(`${others}${spelling}${attach}[${escaped(text)}]${action}`);
  });
}

function actionOf(kind: Kind, isList = false): string {
  if (typeof kind !== 'string') return `(${kind.join(' ')})`;
  const action = {
    files: '_files',
    directories: '_files -/',
    names: '_procsup_names',
    counts: '_procsup_counts',
    programs: '_procsup_programs',
    text: ' ',
  }[kind];
  return isList && kind !== 'text' ? `_sequence ${action}` : action;
}

const escaped = (text: string): string => text.replace(/[\\[\]]/g, String.raw`\$&`);
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

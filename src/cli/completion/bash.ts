/** The completion script for bash 3.2 and later. It needs no package of completions. */
import { commands, globals, type CompletedCommand, type CompletedOption, type Kind } from './model.ts';

export function bashScript(): string {
  const all = commands();
  const commandWords = all.flatMap(({ names }) => names).join(' ');
  return `# Completion of procsup for bash, printed by 'procsup completion bash'. To load it in every new shell:
#   echo 'source <(procsup completion bash)' >> ~/.bashrc
# bash 3.2, as on macOS, cannot source a pipe: eval "$(procsup completion bash)"

_procsup_verb() {
  case $1 in
${all.map(({ names }) => `    ${names.join('|')}) REPLY=${names[0] ?? ''} ;;`).join('\n')}
    *) REPLY= ;;
  esac
}

_procsup_options() {
  case $1 in
${all.map((command) => `    ${command.names[0] ?? ''}) REPLY='${spelled(command.options)}' ;;`).join('\n')}
    *) REPLY='${spelled(globals())}' ;;
  esac
}

# What follows an option: nothing for a switch.
_procsup_value() {
  REPLY=
  case $1 in
${[...all.map((command) => [command.names[0] ?? '', command.options] as const), ["''", globals()] as const].map(([name, options]) => valueCases(name, options)).join('')}  esac
}

# The first operand of a command, and those after it.
_procsup_operand() {
  case $1 in
${all.map(operandCase).join('')}    *) REPLY= ;;
  esac
}

_procsup_names() {
  local program=\${COMP_WORDS[0]/#\\~/$HOME}
  type -P -- "$program" >/dev/null || program=procsup
  "$program" completion --names "\${COMP_WORDS[@]:1:COMP_CWORD-1}" </dev/null 2>/dev/null
}

_procsup() {
  local cur=\${COMP_WORDS[COMP_CWORD]} verb= option= operands=0 ended= prefix= suffix= words= at word REPLY
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == = ]]; then
      option=\${COMP_WORDS[at - 1]}
    elif [[ -n $option ]]; then
      option=
    elif [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -* ]]; then
      _procsup_value "$verb" "$word"
      [[ -n $REPLY && $REPLY != 'form '* ]] && option=$word
    elif [[ -z $verb ]]; then
      _procsup_verb "$word"
      verb=$REPLY
      [[ -n $verb ]] || return 0
    else
      operands=$((operands + 1))
      case $verb in ${all.flatMap(({ names, isPassThrough }) => (isPassThrough ? names : [])).join('|')}) ended=1 ;; esac
    fi
  done
  if [[ $cur == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD - 1]} cur=
  elif [[ -z $option && -z $ended && $cur == --*=* ]]; then
    option=\${cur%%=*} prefix=$option= cur=\${cur#*=}
  fi

  if [[ -n $option ]]; then
    _procsup_value "$verb" "$option"
  elif [[ -z $ended && $cur == -* ]]; then
    _procsup_options "$verb"
    REPLY="words $REPLY"
  elif [[ -z $verb ]]; then
    REPLY='words ${commandWords}'
  else
    _procsup_operand "$verb" "$operands"
  fi

  if [[ $REPLY == 'list '* ]]; then
    REPLY=\${REPLY#list }
    if [[ $cur == *,* ]]; then prefix=$prefix\${cur%,*}, cur=\${cur##*,}; fi
  fi
  local IFS=$' \\t\\n'
  case $REPLY in
    words*|form*) words=\${REPLY#* } ;;
    names) words=$(_procsup_names) ;;
    counts)
      suffix==
      for word in $(_procsup_names); do [[ $word == *[./]* ]] || words="$words $word"; done ;;
    programs)
      words=$(_procsup_names)
      [[ -n $cur ]] && words="$words $(compgen -c -- "$cur")" ;;
    files|directories)
      compopt -o filenames 2>/dev/null
      IFS=$'\\n'
      local kind=-f
      [[ $REPLY == directories ]] && kind=-d
      COMPREPLY=($(compgen "$kind" -P "$prefix" -- "$cur"))
      return 0 ;;
  esac
  [[ -n $suffix ]] && compopt -o nospace 2>/dev/null
  COMPREPLY=($(compgen -W "$words" -P "$prefix" -S "$suffix" -- "$cur"))
}

complete -F _procsup procsup
`;
}

const spelled = (options: readonly CompletedOption[]): string =>
  options.flatMap(({ spellings }) => spellings).join(' ');

function valueCases(name: string, options: readonly CompletedOption[]): string {
  const cases = options.flatMap(({ spellings, value, forms, isList }) => {
    const said = forms.length > 0 ? `form ${forms.join(' ')}` : value && kindText(value.kind);
    return said === undefined ? [] : [`${spellings.join('|')}) REPLY='${isList ? 'list ' : ''}${said}' ;;`];
  });
  if (cases.length === 0) return '';
  return `    ${name}) case $2 in\n${cases.map((line) => `      ${line}\n`).join('')}    esac ;;\n`;
}

function operandCase({ names, operand, rest }: CompletedCommand): string {
  if (operand === undefined) return '';
  const later = rest === undefined ? '' : kindText(rest);
  const first = kindText(operand);
  const name = names[0] ?? '';
  if (first === later) return `    ${name}) REPLY='${first}' ;;\n`;
  return `    ${name}) if [[ $2 == 0 ]]; then REPLY='${first}'; else REPLY='${later}'; fi ;;\n`;
}

const kindText = (kind: Kind): string => (typeof kind === 'string' ? kind : `words ${kind.join(' ')}`);

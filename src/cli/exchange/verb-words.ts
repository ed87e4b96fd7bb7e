/** `procsup value set NAME VALUE`: the verb of a command, its name and its words, checked by a table. */
import { suggest } from '../../text/suggest.ts';
import { NotDone } from '../client/answers.ts';

/** Of each verb what follows it: `['NAME', 'VALUE']`; `[BY]` may be missing, `[MESSAGE...]` are any number. */
export type VerbOperands<Verb extends string> = Readonly<Record<Verb, readonly string[]>>;

export interface VerbWords<Verb extends string> {
  readonly verb: Verb;
  readonly name: string;
  readonly words: readonly string[];
}

/** Throws `NotDone`. */
export function verbWords<Verb extends string>(
  command: string,
  table: VerbOperands<Verb>,
  [verb = '', ...given]: readonly string[],
): VerbWords<Verb> {
  if (!isVerb(table, verb)) {
    const meant = suggest(verb, Object.keys(table));
    throw wrong(
      `unknown verb '${verb}' of 'procsup ${command}'`,
      meant === undefined ? `use one of: ${Object.keys(table).join(', ')}` : `did you mean '${meant}'?`,
    );
  }
  const operands = table[verb];
  const line = `procsup ${command} ${verb}`;
  const missing = operands.find((operand, at) => !operand.startsWith('[') && given[at] === undefined);
  if (missing !== undefined)
    throw wrong(`missing ${missing} for '${line}'`, `use ${[line, ...operands].join(' ')}`);
  const isOpen = operands.at(-1)?.includes('...') === true;
  const extra = given[operands.length];
  if (extra !== undefined && !isOpen) throw wrong(`unexpected argument '${extra}' of '${line}'`);
  const [name = '', ...words] = given;
  if (operands.length > 0 && name === '') throw wrong(`empty name for '${line}'`);
  return { verb, name, words };
}

const isVerb = <Verb extends string>(table: VerbOperands<Verb>, word: string): word is Verb =>
  Object.hasOwn(table, word);

/** A command line that says nothing that can be done: status 2. */
export const wrong = (message: string, remedy?: string): NotDone =>
  new NotDone({ code: 'usage', message, ...(remedy !== undefined && { remedy }) });

/** An option that only one verb takes. */
export function onlyFor(option: string, isGiven: boolean, verbs: readonly string[], verb: string): void {
  if (isGiven && !verbs.includes(verb)) throw wrong(`'${option}' has no effect on '${verb}'`);
}

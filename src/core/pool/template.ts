/** The command of a pool with its replacement strings, as in GNU parallel: compiled once, rendered for each job. */
import type { Checked, Problem } from '../problem.ts';
import { quoteWord } from '../shell/words.ts';
import { quoteValue } from './quote-value.ts';

export interface TemplateOptions {
  /** The words as one shell command line (false), or each as one word (true, `-q`). */
  readonly quoted: boolean;
  /** What stands for the value: `{}`, or what `-I` says. */
  readonly replacement: string;
  /**
   * What several values do to a word such as `a{}b`: `join` gives `a1 2b` (`-m`), `repeat` gives `a1b a2b` (`-X`, `-N`).
   */
  readonly many: 'join' | 'repeat';
  /** For people or for a worker: values are not quoted. */
  readonly isText?: boolean;
  /** Of such a text without any replacement string: whether values are appended. Default: no, as in a tag. */
  readonly appends?: boolean;
}

export interface Template {
  /** The command line for sh. `seq` and `slot` stand for `{#}` and `{%}`. */
  render(values: readonly string[], seq: number, slot: string): string;
  /** Bytes that the command has without values, and those that a value adds at its place, from 0. Neither is too small. */
  readonly fixedBytes: number;
  bytesOf(value: string, index: number): number;
}

/** How a value is changed: `{.}`, `{/}`, `{//}`, `{/.}`. */
type Shape = '' | '.' | '/' | '//' | '/.';

type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `position` counts from 1, or from -1 backwards; null: all values. */
  | { readonly kind: 'value'; readonly position: number | null; readonly shape: Shape }
  | { readonly kind: 'seq' }
  | { readonly kind: 'slot' };

/** Parts between blanks, with the blank before them as text. */
interface Word {
  readonly parts: readonly Part[];
  /** Written once for each value. */
  readonly isRepeated: boolean;
}

interface Filling {
  readonly values: readonly string[];
  readonly seq: number;
  readonly slot: string;
}

const ALL: Word = { parts: [{ kind: 'value', position: null, shape: '' }], isRepeated: true };
const BLANK: Word = { parts: [{ kind: 'text', text: ' ' }], isRepeated: false };

/** Compiles the words of a command. Without any, the values are the commands. Problem: `pool-perl-expression`. */
export function compileTemplate(words: readonly string[], options: TemplateOptions): Checked<Template> {
  const problems = words.filter((word) => PERL.test(word)).map(perlProblem);
  if (problems.length > 0) return { value: undefined, problems };
  const { quoted, many, isText = false, appends = !isText } = options;
  const pattern = patternFor(options.replacement);
  const quote = words.length === 0 || isText ? (value: string) => value : quoteValue;
  // Blanks stand as text of their own between the words of a shell command line.
  const texts = quoted ? words : wordsOf(words.join(' '));
  const given = texts.map((text) => wordOf(partsOf(text, pattern), many));
  const hasPlace =
    (!appends && words.length > 0) || given.some(({ parts }) => parts.some(({ kind }) => kind !== 'text'));
  const line: readonly Word[] = hasPlace
    ? given
    : [...given, ...(words.length > 0 && !quoted ? [BLANK] : []), ALL];
  const joint = quoted ? ' ' : '';
  const toText = quoted ? quotedWord : plainWord;

  const render = (values: readonly string[], seq: number, slot: string): string => {
    const filling = { values, seq, slot };
    return line.map((word) => toText(word, filling, quote)).join(joint);
  };
  return { value: { render, ...costs(line, render) }, problems: [] };
}

const PERL = /\{=.*?=\}/s;

function perlProblem(word: string): Problem {
  const found = PERL.exec(word)?.[0] ?? '';
  const message = `unsupported replacement string '${found}': Perl expressions are not evaluated`;
  const remedy = 'change the value by the shell: v={}; use "${v%.gz}"';
  return { code: 'pool-perl-expression', severity: 'error', message, remedy };
}

/** `-I` replaces `{}` only: `{.}`, `{1}` and the others keep their meaning. */
function patternFor(replacement: string): RegExp {
  const own = replacement === '{}' ? String.raw`\{\}` : replacement.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return new RegExp(
    String.raw`(?<all>${own})|\{(?<position>-?0*[1-9]\d*)?(?<shape>\.|\/\/|\/\.|\/|)\}|\{(?<own>[#%])\}`,
    'g',
  );
}

function partsOf(text: string, pattern: RegExp): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const { position, shape = '', own, all } = match.groups ?? {};
    if (all === undefined && own === undefined && position === undefined && shape === '') continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    if (own !== undefined) parts.push({ kind: own === '#' ? 'seq' : 'slot' });
    else {
      const place = position === undefined ? null : Number(position);
      parts.push({ kind: 'value', position: place, shape: shape as Shape });
    }
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

/** Blanks and words in turn: together they are the text. */
const wordsOf = (text: string): string[] => text.split(/(\s+)/).filter((piece) => piece !== '');

function wordOf(parts: readonly Part[], many: TemplateOptions['many']): Word {
  const hasAll = parts.some((part) => part.kind === 'value' && part.position === null);
  return { parts, isRepeated: hasAll && many === 'repeat' };
}

function plainWord({ parts, isRepeated }: Word, filling: Filling, quote: Quote): string {
  if (!isRepeated) return filled(parts, filling, filling.values, quote);
  return filling.values.map((value) => filled(parts, filling, [value], quote)).join(' ');
}

function quotedWord({ parts, isRepeated }: Word, filling: Filling): string {
  const asIs: Quote = (value) => value;
  if (!isRepeated) return quoteValue(filled(parts, filling, filling.values, asIs));
  return filling.values.map((value) => quoteValue(filled(parts, filling, [value], asIs))).join(' ');
}

type Quote = (value: string) => string;

function filled(
  parts: readonly Part[],
  { values, seq, slot }: Filling,
  all: readonly string[],
  quote: Quote,
): string {
  let text = '';
  for (const part of parts) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'seq') text += String(seq);
    else if (part.kind === 'slot') text += slot;
    else if (part.position === null) text += all.map((value) => quote(shaped(value, part.shape))).join(' ');
    else {
      const value = values[part.position > 0 ? part.position - 1 : values.length + part.position];
      // A value that is missing is nothing, not an empty word.
      if (value !== undefined) text += quote(shaped(value, part.shape));
    }
  }
  return text;
}

/** What a shape makes of a value. */
export function shaped(value: string, shape: Shape): string {
  switch (shape) {
    case '':
      return value;
    case '.':
      return value.replace(/\.[^/.]*$/, '');
    case '/':
      return value.slice(value.lastIndexOf('/') + 1);
    case '/.':
      return shaped(shaped(value, '/'), '.');
    case '//':
      return directoryOf(value);
  }
}

/** As dirname(1). */
function directoryOf(value: string): string {
  const bare = value.replace(/\/+$/, '');
  if (bare === '') return value === '' ? '.' : '/';
  const end = bare.lastIndexOf('/');
  if (end === -1) return '.';
  return bare.slice(0, end).replace(/\/+$/, '') || '/';
}

/** Each part of a value is counted with its quotes, and with the text of its word once more. */
function costs(line: readonly Word[], render: Template['render']): Pick<Template, 'fixedBytes' | 'bytesOf'> {
  const parts = line.flatMap((word) => word.parts);
  const repeated = line
    .filter(({ isRepeated }) => isRepeated)
    .flatMap((word) => word.parts)
    .reduce((sum, part) => sum + repeatedBytes(part), 0);
  const places = parts.flatMap((part) => (part.kind === 'value' ? [part.position ?? 0] : []));
  // Counted from the end, a place may be that of any value.
  const forAll = places.filter((place) => place <= 0).length;
  const uses = (index: number): number => forAll + places.filter((place) => place === index + 1).length;
  return {
    fixedBytes: byteLength(render([], Number.MAX_SAFE_INTEGER, '999999')),
    bytesOf: (value, index) => repeated + uses(index) * (byteLength(quoteValue(value)) + 1),
  };
}

/** What a part costs for each value, apart from the value. */
function repeatedBytes(part: Part): number {
  if (part.kind === 'text') return byteLength(quoteWord(part.text));
  return part.kind === 'value' && part.position === null ? 0 : LONGEST_NUMBER;
}

/** Digits of `{#}`. */
const LONGEST_NUMBER = 16;

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

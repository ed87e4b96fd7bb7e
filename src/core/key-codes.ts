/** Reads the key codes that a terminal sends. */

export interface ParsedKeys {
  /**
   * One Unicode character for what prints; else `up`, `down`, `left`, `right`, `home`, `end`, `page-up`, `page-down`,
   * `shift-up` and so on, `delete`, `enter`, `tab`, `backspace`, `escape`, `ctrl-c`, `alt-x`. What is not known is left out.
   */
  readonly keys: readonly string[];
  /** The start of an incomplete sequence, to be prepended to the next input. */
  readonly rest: string;
}

const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

// CSI (the Linux console sends `ESC [ [ A` for F1) and SS3.
const SEQUENCE = /^\x1b(?:\[\[[A-E]|\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x5a\x5c-\x7e])|O(\d*)([\x40-\x7e]))/;
const BEGUN = /^\x1b(?:\[\[?[\x20-\x3f]*|O\d*)?$/;

/** `isAll`: nothing follows for now, so a lone ESC is the key. Pasted text is ignored. */
export function parseKeys(text: string, isAll: boolean): ParsedKeys {
  const keys: string[] = [];
  let rest = text;
  while (rest !== '') {
    if (rest.startsWith(PASTE_START)) {
      const end = rest.indexOf(PASTE_END, PASTE_START.length);
      if (end < 0) return { keys, rest: unfinishedPaste(rest) };
      rest = rest.slice(end + PASTE_END.length);
      continue;
    }
    if (BEGUN.test(rest)) {
      if (!isAll) return { keys, rest };
      if (rest === '\x1b') keys.push('escape');
      break;
    }
    const [key, length] = firstKey(rest);
    if (key !== undefined) keys.push(key);
    rest = rest.slice(length);
  }
  return { keys, rest: '' };
}

/** Only what may be the beginning of its end is kept. */
function unfinishedPaste(text: string): string {
  return PASTE_START + text.slice(PASTE_START.length).slice(1 - PASTE_END.length);
}

function firstKey(text: string): [key: string | undefined, length: number] {
  const sequence = SEQUENCE.exec(text);
  if (sequence) {
    const [whole, parameters, final, , ss3] = sequence;
    return [sequenceKey(parameters ?? '', final ?? ss3 ?? ''), whole.length];
  }
  const [character = ''] = text;
  if (character === '\x1b') return escaped(text);
  return [CONTROLS[character] ?? controlOrText(character), character.length];
}

/** Alt sends ESC before the key. It must not be taken for the key alone: Alt-S would stop something. */
function escaped(text: string): [key: string | undefined, length: number] {
  if (text.startsWith('\x1b\x1b')) return ['escape', 1];
  const [character = ''] = text.slice(1);
  return [`alt-${character}`, 1 + character.length];
}

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
};

function controlOrText(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 1 && code <= 26) return `ctrl-${String.fromCharCode(code + 96)}`;
  return code < 32 || (code >= 0x80 && code < 0xa0) ? undefined : character;
}

const BY_FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  M: 'enter',
};

const BY_NUMBER: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
};

const MODIFIERS: Readonly<Record<string, string>> = { 1: '', 2: 'shift-', 3: 'alt-', 5: 'ctrl-' };

function sequenceKey(parameters: string, final: string): string | undefined {
  const [number = '', modifier = '1'] = parameters.split(';');
  const prefix = MODIFIERS[modifier];
  const key = final === '~' ? BY_NUMBER[number] : BY_FINAL[final];
  if (final === 'a' && parameters === '') return 'shift-up';
  if (final === 'b' && parameters === '') return 'shift-down';
  return key === undefined || prefix === undefined ? undefined : prefix + key;
}

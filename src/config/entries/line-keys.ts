/**
 * Line editing for `procsup attach` to a process without a terminal: a line is edited here and sent as a whole. Keys
 * that a terminal would act on (Ctrl-C, Ctrl-D, backspace) are handled here.
 */

export interface LineKeys {
  /** The line so far. */
  readonly line: string;
  /** Ctrl-P was the last key: Ctrl-Q now detaches. */
  readonly leaving: boolean;
  /** The first part of an unfinished escape sequence, for example of an arrow key. */
  readonly escape: string;
}

export const NO_KEYS: LineKeys = { line: '', leaving: false, escape: '' };

export type KeyEffect =
  | { readonly type: 'echo'; readonly text: string }
  | { readonly type: 'send'; readonly text: string }
  /** Ctrl-D: close the process's stdin. */
  | { readonly type: 'end' }
  | { readonly type: 'signal'; readonly signal: 'SIGINT' | 'SIGQUIT' }
  | { readonly type: 'detach' };

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_P = '\u0010';
const CTRL_Q = '\u0011';
const CTRL_U = '\u0015';
const ESCAPE = '\u001b';
const CTRL_BACKSLASH = '\u001c';
/** Unfinished sequences: `ESC`, `ESC O`, `ESC [` with parameters. */
const UNFINISHED_ESCAPE = /^\u001b(?:O|\[[ -?]*)?$/;
const ERASERS = ['\u0008', '\u007f'];
/** Moves back, erases, moves back. */
const WIPE = '\b \b';

export function stepKeys(
  before: LineKeys,
  typed: string,
): { readonly keys: LineKeys; readonly effects: readonly KeyEffect[] } {
  const effects: KeyEffect[] = [];
  let { line, leaving, escape } = before;
  for (const key of typed) {
    if (key === ESCAPE || (escape !== '' && key >= ' ')) {
      escape = UNFINISHED_ESCAPE.test(escape + key) ? escape + key : key === ESCAPE ? ESCAPE : '';
      leaving = false;
      continue;
    }
    escape = '';
    const wasLeaving = leaving;
    leaving = key === CTRL_P;
    if (leaving) continue;
    if (key === CTRL_Q && wasLeaving) {
      effects.push({ type: 'detach' });
      break;
    } else if (key === CTRL_C) effects.push({ type: 'signal', signal: 'SIGINT' });
    else if (key === CTRL_BACKSLASH) effects.push({ type: 'signal', signal: 'SIGQUIT' });
    else if (key === CTRL_D && line === '') effects.push({ type: 'end' });
    else if (key === CTRL_D) {
      effects.push({ type: 'send', text: line });
      line = '';
    } else if (key === '\r' || key === '\n') {
      effects.push({ type: 'echo', text: '\r\n' }, { type: 'send', text: `${line}\n` });
      line = '';
    } else if (ERASERS.includes(key)) {
      if (line !== '') effects.push({ type: 'echo', text: WIPE });
      line = Array.from(line).slice(0, -1).join('');
    } else if (key === CTRL_U) {
      effects.push({ type: 'echo', text: WIPE.repeat(Array.from(line).length) });
      line = '';
    } else if (isPrintable(key)) {
      effects.push({ type: 'echo', text: key });
      line += key;
    }
  }
  return { keys: { line, leaving, escape }, effects };
}

/** C1 characters are control characters, too. */
function isPrintable(key: string): boolean {
  return key === '\t' || (key >= ' ' && !(key >= '\u0080' && key <= '\u009f'));
}

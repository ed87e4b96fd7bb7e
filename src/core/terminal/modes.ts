/**
 * The modes that a program has set on its terminal, and what it has asked. A terminal that attaches is given the same modes,
 * and the usual ones again when it detaches.
 */
import type { Token } from './scanner.ts';

export interface Modes {
  take(token: Token): void;
  /** It draws on the alternate screen. */
  readonly isOnScreen: boolean;
  /** Gives another terminal that has the usual modes these; the alternate screen is cleared by that, and left out. */
  replay(): string;
  /** Gives another terminal that has these modes the usual ones. */
  reset(): string;
}

const ALTERNATE = ['47', '1047', '1049'];
/** Of private modes: cursor keys, mouse, focus, bracketed paste, keypad, synchronized output. */
const KEPT = [
  ...['1', '9', '1000', '1001', '1002', '1003', '1004', '1005', '1006', '1015', '1016', '2004', '66', '2026'],
  ...ALTERNATE,
];
/** Usually on. */
const CURSOR = '25';

export function createModes(): Modes {
  const on = new Set<string>();
  let isCursorHidden = false;
  let hasKeypad = false;
  let hasModifierKeys = false;

  const forget = (): void => {
    on.clear();
    isCursorHidden = hasKeypad = hasModifierKeys = false;
  };

  const setPrivate = (parameters: string, isOn: boolean): void => {
    for (const mode of parameters.slice(1).split(';')) {
      if (mode === CURSOR) isCursorHidden = !isOn;
      else if (KEPT.includes(mode)) on[isOn ? 'add' : 'delete'](mode);
    }
  };

  const modes: Modes = {
    take(token) {
      if (token.type === 'escape') {
        if (token.final === 'c') forget();
        else if (token.final === '=' || token.final === '>') hasKeypad = token.final === '=';
      } else if (token.type === 'csi') {
        const { parameters, final } = token;
        if (parameters.startsWith('?') && (final === 'h' || final === 'l'))
          setPrivate(parameters, final === 'h');
        else if (final === 'm' && parameters.startsWith('>4')) hasModifierKeys = /^>4;[12]/.test(parameters);
      }
    },
    get isOnScreen() {
      return ALTERNATE.some((mode) => on.has(mode));
    },
    replay: () =>
      [...on]
        .filter((mode) => !ALTERNATE.includes(mode))
        .map((mode) => `\u001b[?${mode}h`)
        .join('') +
      (isCursorHidden ? '\u001b[?25l' : '') +
      (hasKeypad ? '\u001b=' : '') +
      (hasModifierKeys ? '\u001b[>4;2m' : ''),
    reset: () =>
      [...on].map((mode) => `\u001b[?${mode}l`).join('') +
      (isCursorHidden ? '\u001b[?25h' : '') +
      (hasKeypad ? '\u001b>' : '') +
      (hasModifierKeys ? '\u001b[>4;0m' : '') +
      '\u001b[0m',
  };
  return modes;
}

/** How a terminal at which nobody sits answers: its cursor is at the top left. Empty where nothing is asked. */
export function answerTo(token: Token): string {
  return token.type === 'csi' && token.final === 'n' && token.parameters === '6' ? '\u001b[1;1R' : '';
}

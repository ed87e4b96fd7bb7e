/** `auto` asks the environment and the terminal. */
export type ColorChoice = 'auto' | 'always' | 'never';

export interface ColorQuestion {
  readonly choice: ColorChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the descriptor to be written to is a terminal. */
  readonly isTerminal: boolean;
}

const OFF = ['', '0', 'false'];

/**
 * Whether our own output is coloured. In this order: `--color`; NO_COLOR (https://no-color.org: any value but the
 * empty one); FORCE_COLOR, where `0` and `false` mean no; CI and TERM=dumb mean no; else a terminal decides.
 */
export function decideColor({ choice, env, isTerminal }: ColorQuestion): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (set(env['NO_COLOR'])) return false;
  if (set(env['FORCE_COLOR'])) return !OFF.includes(env['FORCE_COLOR']);
  if (!OFF.includes(env['CI'] ?? '') || env['TERM'] === 'dumb') return false;
  return isTerminal;
}

const set = (value: string | undefined): value is string => value !== undefined && value !== '';

/** `auto` decides by the environment and the terminal. */
export type ColorChoice = 'auto' | 'always' | 'never';

export interface ColorQuestion {
  readonly choice: ColorChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the output descriptor is a terminal. */
  readonly isTerminal: boolean;
}

const OFF = ['', '0', 'false'];

/**
 * Whether procsup's own output is colored. In this order: `--color`; NO_COLOR (https://no-color.org: any value but the
 * empty one); FORCE_COLOR (`0` and `false` mean no); CI and TERM=dumb mean no; else whether it is a terminal.
 */
export function decideColor({ choice, env, isTerminal }: ColorQuestion): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (set(env['NO_COLOR'])) return false;
  if (set(env['FORCE_COLOR'])) return !OFF.includes(env['FORCE_COLOR']);
  if (!OFF.includes(env['CI'] ?? '') || env['TERM'] === 'dumb') return false;
  return isTerminal;
}

const set = (value: string | undefined): value is string => value !== undefined && value !== '';

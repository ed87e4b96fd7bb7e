/** What stands before a line of output: `12:34:56 web.1    | text`. */

export type Timestamps = 'none' | 'time' | 'iso';

export interface LogPrefixOptions {
  /** `time` is HH:MM:SS in local time, `iso` the UTC date and time, both to the second. */
  readonly timestamps: Timestamps;
  /** Length of the longest name. */
  readonly width: number;
  /** Colors `text` for the process at `index` of the Procfile, -1 for procsup itself; without colors returns it unchanged. */
  readonly colour: (text: string, index: number) => string;
}

/**
 * Formats the prefix. The separator marks a whole line or its last piece (`|`), or a piece of a line that continues in
 * the next printed line of the same process (`>`).
 */
export function logPrefix({ timestamps, width, colour }: LogPrefixOptions) {
  const timeOf = TIME_OF[timestamps];
  return (
    label: { readonly name: string; readonly index: number },
    wallMs: number,
    finished: boolean,
  ): string => {
    const text = `${timeOf(wallMs)}${label.name.padEnd(width)} ${finished ? '|' : '>'}`;
    const coloured = colour(text, label.index);
    return coloured === text ? `${text} ` : `${RESET}${coloured} `;
  };
}

/** Ends a color that a child left open. */
const RESET = '\u001b[0m';

const TIME_OF: Record<Timestamps, (wallMs: number) => string> = {
  none: () => '',
  time: (wallMs) => {
    const date = new Date(wallMs);
    return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())} `;
  },
  iso: (wallMs) => `${new Date(wallMs).toISOString().slice(0, 19)}Z `,
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

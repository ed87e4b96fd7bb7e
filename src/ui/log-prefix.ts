/** What stands before a line of output: `12:34:56 web.1    | text`. */

export type Timestamps = 'none' | 'time' | 'iso';

export interface LogPrefixOptions {
  /** `time` is HH:MM:SS in local time, `iso` the UTC date and time, both to the second. */
  readonly timestamps: Timestamps;
  /** Length of the longest name. */
  readonly width: number;
  /** Colours `text` for the process at `index` of the Procfile, -1 for procsup itself; returns it as it is without colours. */
  readonly colour: (text: string, index: number) => string;
}

/**
 * Words the prefix. The separator tells a whole line, or the last piece of one (`|`), from a piece of a line that goes
 * on in the next printed line of the same process (`>`).
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

/** A colour that a child left open must not run on into the next line. */
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

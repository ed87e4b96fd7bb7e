/** Draws a history as a row of bars. */

const BARS = '▁▂▃▄▅▆▇█';
/** For terminals without Unicode. */
const ASCII_BARS = ' .:-=+*#';

type Samples = readonly (number | null)[];

export interface SparklineOptions {
  /** In cells. */
  readonly width: number;
  /** The value of a full cell; the lowest bar is 0. */
  readonly max: number;
  readonly ascii?: boolean | undefined;
}

/** The last `width` samples, the newest on the right; blanks for missing ones. Exactly `width` cells. */
export function sparkline(samples: Samples, { width, max, ascii }: SparklineOptions): string {
  const bars = ascii ? ASCII_BARS : BARS;
  const shown = width > 0 ? samples.slice(-width) : [];
  return shown
    .map((sample) => barOf(sample, max, bars))
    .join('')
    .padStart(width);
}

function barOf(sample: number | null, max: number, bars: string): string {
  if (sample === null) return ' ';
  const share = max > 0 ? sample / max : 0;
  return bars[Math.max(0, Math.min(bars.length - 1, Math.round(share * (bars.length - 1))))] ?? ' ';
}

/** At most `width` samples: if there are more, each cell shows the largest of its share. */
export function resample(samples: Samples, width: number): Samples {
  if (samples.length <= width) return samples;
  return Array.from({ length: width }, (_, cell) => {
    const from = Math.floor((cell * samples.length) / width);
    const to = Math.floor(((cell + 1) * samples.length) / width);
    return largest(samples.slice(from, to));
  });
}

function largest(samples: Samples): number | null {
  return samples.reduce((most, one) => (one === null || (most !== null && most >= one) ? most : one), null);
}

/** The scale of CPU: one core, or more if more was used. */
export const cpuScale = (samples: Samples): number => Math.max(100, largest(samples) ?? 0);

export const memoryScale = (samples: Samples): number => largest(samples) ?? 0;

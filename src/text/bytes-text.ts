/** Short forms of amounts. */

const UNITS = ['B', 'K', 'M', 'G', 'T'] as const;

/** Binary units, three significant digits: `512B`, `11.8M`, `0.99G`; never more than five characters below 1000T. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : threeDigits(value)}${UNITS[unit] ?? ''}`;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** `0.0%`, `12.3%`, `345%`. */
export function percentText(percent: number): string {
  return `${percent >= 99.95 ? percent.toFixed(0) : percent.toFixed(1)}%`;
}

/** The two largest units: `5s`, `3m12s`, `2h05m`, `3d04h`. Takes seconds, whole or not. */
export function uptimeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${twoDigits(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${twoDigits(Math.floor(whole / 60) % 60)}m`;
  return `${Math.floor(whole / 86_400)}d${twoDigits(Math.floor(whole / 3600) % 24)}h`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** The longest duration that is accepted: `setTimeout` fires at once beyond 2^31 ms, which is a little more. */
export const LONGEST_DURATION_MS = 24 * 86_400_000;

const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000, 1] as const;
const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const WITH_UNITS = new RegExp(
  `^(?:${NUMBER}d)?(?:${NUMBER}h)?(?:${NUMBER}m)?(?:${NUMBER}s)?(?:${NUMBER}ms)?$`,
);
const BARE_SECONDS = new RegExp(`^${NUMBER}$`);

/**
 * Reads `500ms`, `5s`, `1m30s`, `1h`, `2d`, or a bare number of seconds; decimals are allowed.
 * Returns whole milliseconds, or undefined for what is no duration or is longer than 24 days.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length === 0 || text.length > 64) return undefined;
  const seconds = BARE_SECONDS.exec(text)?.[1];
  const ms = seconds === undefined ? sumOfUnits(text) : Number(seconds) * 1_000;
  if (ms === undefined || ms > LONGEST_DURATION_MS) return undefined;
  return Math.round(ms);
}

/** Short text that `parseDuration` reads back: `500ms`, `5s`, `1.5s`, `1m30s`, `1h`. Takes whole milliseconds. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms % 60_000) / 1_000;
  const parts = [hours > 0 && `${hours}h`, minutes > 0 && `${minutes}m`, seconds > 0 && `${seconds}s`];
  return parts.filter((part) => part !== false).join('') || '0s';
}

function sumOfUnits(text: string): number | undefined {
  const amounts = WITH_UNITS.exec(text)?.slice(1);
  return amounts && UNITS_MS.reduce((sum, unitMs, index) => sum + Number(amounts[index] ?? 0) * unitMs, 0);
}

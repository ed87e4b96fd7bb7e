/** Values as JSON: their bounds, and when two of them are equal. */

/** As `JSON.stringify` writes it. */
export type JsonText = string;

/** A value that is nested more deeply is refused: what walks through it has a stack. */
const MOST_DEPTH = 64;

/** Undefined where it is nested too deeply. `value` comes from JSON. */
export function jsonText(value: unknown): JsonText | undefined {
  return isDeeper(value, MOST_DEPTH) ? undefined : JSON.stringify(value);
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  return Object.values(value).some((one) => isDeeper(one, most - 1));
}

/** Whether both say the same; the order of the keys of an object does not matter. */
export const areEqual = (one: JsonText, other: JsonText): boolean =>
  one === other || canonical(one) === canonical(other);

const canonical = (text: JsonText): string =>
  JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );

/** Values as words of a command line, and in a line of output. */
import { wrong } from './verb-words.ts';

/** A number is what would be printed in the same way: `007` and `1e400` are texts. */
export function valueIn(text: string, isJson: boolean): unknown {
  if (isJson) return jsonIn(text);
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wrong(`invalid JSON '${text}'`, `a text needs quotes: '"${text.slice(0, 40)}"'`);
  }
}

export const printedValue = (value: unknown, isJson: boolean): string =>
  typeof value === 'string' && !isJson ? value : JSON.stringify(value);

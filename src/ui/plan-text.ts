/** What was said about processes, for `procsup check`: each key with its value and its place. */
import type { Origin, ResolvedKey } from '../core/plan/resolved.ts';

/** Without what is left to defaults. */
export function planText(
  processes: readonly (readonly [name: string, keys: readonly ResolvedKey[]])[],
): string {
  const said = processes.map(
    ([name, keys]) => [name, keys.filter(({ from }) => from !== 'default').map(rowOf)] as const,
  );
  const rows = said.flatMap(([, some]) => some);
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return said
    .map(([name, some]) => {
      const lines = some.map(
        (row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`,
      );
      return `${name}\n${lines.join('')}`;
    })
    .join('');
}

const MOST_SHOWN = 60;

function rowOf({ key, value, from }: ResolvedKey): readonly string[] {
  const text = valueText(value);
  return [key, text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 1)}…` : text, originText(from)];
}

/** As in YAML, on one line. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, one]) => `${key}: ${valueText(one)}`)
      .join(', ')}}`;
  return String(value).replace(/\s+/g, ' ');
}

function originText(from: Origin): string {
  return typeof from === 'string' ? from : `${from.file}:${String(from.line)}:${String(from.column)}`;
}

/** A plain table without borders, two blanks between columns. */
import { cellWidth, cutToCells, padToCells } from './cell-width.ts';

export interface TableColumn {
  readonly title: string;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** Heads are bold. */
  readonly paint: { readonly bold: (text: string) => string };
  /** Width of the terminal, to which lines are cut. Undefined: not cut. */
  readonly width?: number | undefined;
  /** Marks cut text. Default: `…`. */
  readonly mark?: string | undefined;
}

const GAP = '  ';

/** A cell for a value that may be unknown. */
export function orNothing(value: number | null, text: (value: number) => string): string {
  return value === null ? '-' : text(value);
}

/** Head and rows, each ending in a newline. Cells must be safe for a terminal; they may be colored. */
export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  return tableLines(columns, rows, options)
    .map((line) => `${line}\n`)
    .join('');
}

/** The lines of `tableText`, the heads first. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  { paint, width, mark = '…' }: TableOptions,
): readonly string[] {
  const heads = columns.map(({ title }) => paint.bold(title));
  const all = [heads, ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => cellWidth(row[index] ?? ''))));
  return all.map((row) => {
    const line = columns.map(({ align }, index) => padToCells(row[index] ?? '', widths[index] ?? 0, align));
    const whole = line.join(GAP).trimEnd();
    return width === undefined ? whole : cutToCells(whole, width, mark);
  });
}

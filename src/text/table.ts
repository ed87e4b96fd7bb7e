/** A plain table: no borders, two blanks between the columns. */
import { cellWidth, cutToCells, padToCells } from './cell-width.ts';

export interface TableColumn {
  readonly title: string;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
}

export interface TableOptions {
  /** The heads are painted bold. */
  readonly paint: { readonly bold: (text: string) => string };
  /** Of the terminal: lines are cut to it, which costs the last column its end. Undefined: not cut. */
  readonly width?: number | undefined;
  /** Stands where something was cut. Default `…`. */
  readonly mark?: string | undefined;
}

const GAP = '  ';

/** A cell for what may be unknown. */
export function orNothing(value: number | null, text: (value: number) => string): string {
  return value === null ? '-' : text(value);
}

/** Heads and rows, each ended by a newline. Cells are harmless text, coloured or not. */
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

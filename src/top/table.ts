/** The table of `top`: as many columns as fit; sparklines take the remaining width. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { TopHistory, TopModel, TopSort } from './model.ts';
import { firstRow, visibleInstances } from './view.ts';
import { percentText, uptimeText } from '../text/bytes-text.ts';
import { cellWidth, cutToCells, padToCells } from '../text/cell-width.ts';
import { memoryText } from '../ui/memory-text.ts';
import type { Theme } from '../ui/paint.ts';
import { cpuScale, memoryScale, sparkline } from '../text/sparkline.ts';
import { STATE_PAINT } from '../ui/state-paint.ts';
import { listeningText } from '../ui/listening-text.ts';
import { orNothing } from '../text/table.ts';
import type { Glyphs } from './glyphs.ts';
import { visibleText } from '../text/terminal-safe.ts';

type Paint = (text: string) => string;

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns with a lower priority are left out first. */
  readonly priority: number;
  readonly sort?: TopSort;
  /** `width` is the width of a sparkline. */
  readonly text: (instance: InstanceSnapshot, history: TopHistory, width: number, ascii: boolean) => string;
  readonly isSparkline?: true;
  readonly paint?: (theme: Theme, instance: InstanceSnapshot, model: TopModel) => Paint;
}

const COLUMNS: readonly Column[] = [
  {
    title: 'NAME',
    align: 'left',
    priority: 10,
    text: ({ name }) => visibleText(name),
    paint: (theme, instance, model) => {
      const colour = theme.process(processIndex(model, instance));
      return instance.name === model.selected ? (text) => theme.bold(colour(text)) : colour;
    },
  },
  {
    title: 'STATE',
    align: 'left',
    priority: 9,
    text: ({ state }) => state,
    paint: (theme, { state }) => STATE_PAINT[state](theme),
  },
  { title: 'PID', align: 'right', priority: 5, text: ({ pid }) => orNothing(pid, String) },
  { title: 'CPU', align: 'right', priority: 8, sort: 'cpu', text: ({ cpu }) => orNothing(cpu, percentText) },
  {
    title: '',
    align: 'left',
    priority: 3,
    isSparkline: true,
    text: (_, { cpu }, width, ascii) => sparkline(cpu, { width, ascii, max: cpuScale(cpu) }),
  },
  {
    title: 'MEM',
    align: 'right',
    priority: 7,
    sort: 'memory',
    text: memoryText,
  },
  {
    title: '',
    align: 'left',
    priority: 2,
    isSparkline: true,
    text: (_, { memory }, width, ascii) => sparkline(memory, { width, ascii, max: memoryScale(memory) }),
  },
  { title: 'RST', align: 'right', priority: 4, text: ({ restarts }) => String(restarts) },
  {
    title: 'UPTIME',
    align: 'right',
    priority: 6,
    sort: 'uptime',
    text: ({ uptime }) => orNothing(uptime, uptimeText),
  },
  { title: 'PORT', align: 'right', priority: 1, text: ({ port }) => String(port) },
  { title: 'LISTENS', align: 'right', priority: 0, text: listeningText },
];

/** The index of its line in the Procfile, as in the output of `start`. */
function processIndex({ instances }: TopModel, { process }: InstanceSnapshot): number {
  return [...new Set(instances.map((instance) => instance.process))].indexOf(process);
}

const NO_HISTORY: TopHistory = { cpu: [], memory: [] };
const MARKER_WIDTH = 2;
const GAP = '  ';
const LEAST_SPARKLINE = 4;
const MOST_SPARKLINE = 60;
/** Usual widths, so that columns do not move while the numbers change. */
const LEAST_WIDTHS: Readonly<Record<string, number>> = { STATE: 8, CPU: 5, MEM: 5, UPTIME: 6 };

/** The head and `rows` lines. */
export function topTable(
  model: TopModel,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  theme: Theme,
  glyphs: Glyphs,
): readonly string[] {
  const instances = visibleInstances(model);
  const selected = instances.findIndex(({ name }) => name === model.selected);
  const first = firstRow(selected, rows, instances.length);
  // Measured over all rows, so that widths do not change while scrolling.
  const fitted = fit(measured(instances), columns - MARKER_WIDTH);
  const line = (instance: InstanceSnapshot): string =>
    (instance.name === model.selected ? '> ' : '  ') + rowText(model, instance, fitted, theme, glyphs);
  const lines = instances.slice(first, first + rows).map(line);
  if (instances.length === 0)
    lines.push(theme.dim(cutToCells(`  ${emptyText(model)}`, columns, glyphs.mark)));
  const heads = `  ${headText(model, fitted)}`.trimEnd();
  return [theme.bold(heads), ...lines, ...Array.from({ length: rows - lines.length }, () => '')];
}

function emptyText({ time, instances, filter }: TopModel): string {
  if (time === '') return 'waiting for the supervisor';
  return instances.length === 0 ? 'no processes' : `no process matches '${visibleText(filter)}'`;
}

type Measured = readonly { readonly column: Column; readonly width: number }[];

function measured(instances: readonly InstanceSnapshot[]): Measured {
  return COLUMNS.map((column) => ({ column, width: widthOf(column, instances) }));
}

function widthOf({ title, text, sort, isSparkline }: Column, instances: readonly InstanceSnapshot[]): number {
  if (isSparkline) return LEAST_SPARKLINE;
  const widths = instances.map((instance) => cellWidth(text(instance, NO_HISTORY, 0, false)));
  // Room for the sort mark.
  const head = sort === undefined ? title.length : title.length + 1;
  return Math.max(head, LEAST_WIDTHS[title] ?? 0, ...widths);
}

/** The columns that fit, then the width of the sparklines, then a shorter name if needed. */
function fit(all: Measured, width: number): Measured {
  let fitting = all;
  while (totalOf(fitting) > width && fitting.length > 2) {
    const lowest = Math.min(...fitting.map(({ column }) => column.priority));
    fitting = fitting.filter(({ column }) => column.priority !== lowest);
  }
  const spare = width - totalOf(fitting);
  const sparklines = fitting.filter(({ column }) => column.isSparkline).length;
  return fitting.map(({ column, width: least }, index) => {
    if (column.isSparkline) {
      return { column, width: Math.min(MOST_SPARKLINE, least + Math.floor(spare / sparklines)) };
    }
    return { column, width: index === 0 && spare < 0 ? least + spare : least };
  });
}

const totalOf = (columns: Measured): number =>
  columns.reduce((sum, { width }) => sum + width, GAP.length * (columns.length - 1));

function headText({ sort }: TopModel, columns: Measured): string {
  const titles = columns.map(({ column, width }) => {
    const isOrder = column.sort !== undefined && column.sort === sort;
    return padToCells(isOrder ? `${column.title}*` : column.title, width, column.align);
  });
  return titles.join(GAP);
}

function rowText(
  model: TopModel,
  instance: InstanceSnapshot,
  columns: Measured,
  theme: Theme,
  { ascii, mark }: Glyphs,
): string {
  const history = model.history[instance.name] ?? NO_HISTORY;
  const cells = columns.map(({ column, width }) => {
    const text = cutToCells(column.text(instance, history, width, ascii), width, mark);
    const paint = column.paint?.(theme, instance, model);
    const padding = padToCells(text, width, column.align);
    return paint === undefined ? padding : padding.replace(text, () => paint(text));
  });
  return cells.join(GAP);
}

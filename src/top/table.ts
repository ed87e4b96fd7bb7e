/** The table of `top`: as many columns as fit; sparklines take the remaining width. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { TopHistory, TopModel, TopScale, TopSort } from './model.ts';
import { firstRow, visibleInstances } from './view.ts';
import { bytesText, percentText, uptimeText } from '../text/bytes-text.ts';
import { cellWidth, cutToCells, padToCells } from '../text/cell-width.ts';
import { memoryText } from '../ui/memory-text.ts';
import type { Theme } from '../ui/paint.ts';
import { sparkline } from '../text/sparkline.ts';
import { awaitedNames } from '../ui/awaited-names.ts';
import { STATE_PAINT } from '../ui/state-paint.ts';
import { listeningText } from '../ui/listening-text.ts';
import { orNothing } from '../text/table.ts';
import type { Glyphs } from './glyphs.ts';
import { RECENT_SAMPLES } from './history.ts';
import { nameLimit, processColours } from './names.ts';
import { visibleText } from '../text/terminal-safe.ts';

type Paint = (text: string) => string;

/** What a sparkline needs. */
interface Graph {
  readonly history: TopHistory;
  readonly scale: TopScale;
  readonly width: number;
  readonly ascii: boolean;
}

interface Column {
  readonly title: string | ((scale: TopScale) => string);
  readonly align: 'left' | 'right';
  /** Columns with a lower priority are left out first. */
  readonly priority: number;
  readonly sort?: TopSort;
  readonly text: (instance: InstanceSnapshot, graph: Graph) => string;
  /** Takes what is left of the width, up to a limit. */
  readonly grows?: { readonly from: number; readonly to: number };
  readonly paint?: (frame: Frame, instance: InstanceSnapshot) => Paint;
}

/** Room for the scale in the head. */
const SPARKLINE = { from: 7, to: RECENT_SAMPLES } as const;

/** In less room a state has neither names nor a time. */
const LEAST_DETAILS = 13;

/** `waiting 12s (db, cap io)`: in full where nothing is known of the width. */
function stateText(instance: InstanceSnapshot, { width }: Graph): string {
  const { state, waited = 0, onDemand } = instance;
  if (state === 'stopped' && onDemand === true) return 'on demand';
  const names = awaitedNames(instance);
  if (state !== 'waiting' || names === '' || (width > 0 && width < LEAST_DETAILS)) return state;
  return `${state} ${uptimeText(waited)} (${names})`;
}

const COLUMNS: readonly Column[] = [
  {
    title: 'NAME',
    align: 'left',
    priority: 10,
    text: ({ name }) => visibleText(name),
    paint: ({ theme, colours, model }, { name }) => {
      const colour = colours.get(name) ?? theme.dim;
      return name === model.selected ? (text) => theme.bold(colour(text)) : colour;
    },
  },
  {
    title: 'STATE',
    align: 'left',
    priority: 9,
    text: stateText,
    paint: ({ theme }, { state }) => STATE_PAINT[state](theme),
  },
  { title: 'PID', align: 'right', priority: 5, text: ({ pid }) => orNothing(pid, String) },
  { title: 'CPU', align: 'right', priority: 8, sort: 'cpu', text: ({ cpu }) => orNothing(cpu, percentText) },
  {
    title: ({ cpu }) => `0-${percentText(cpu)}`,
    align: 'left',
    priority: 3,
    grows: SPARKLINE,
    text: (_, { history, scale, ...room }) => sparkline(history.cpu, { ...room, max: scale.cpu }),
  },
  {
    title: 'MEM',
    align: 'right',
    priority: 7,
    sort: 'memory',
    text: memoryText,
  },
  {
    title: ({ memory }) => `0-${bytesText(memory)}`,
    align: 'left',
    priority: 2,
    grows: SPARKLINE,
    text: (_, { history, scale, ...room }) => sparkline(history.memory, { ...room, max: scale.memory }),
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
  {
    title: 'COMMAND',
    align: 'left',
    priority: -1,
    grows: { from: 16, to: Infinity },
    text: ({ command }) => visibleText(command),
  },
];

/** What is the same for all rows. */
interface Frame {
  readonly model: TopModel;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  readonly colours: ReadonlyMap<string, Paint>;
}

const NO_HISTORY: TopHistory = { cpu: [], memory: [] };
const NO_GRAPH: Graph = { history: NO_HISTORY, scale: { cpu: 0, memory: 0 }, width: 0, ascii: false };
const MARKER_WIDTH = 2;
const GAP = '  ';
/** Usual widths, so that columns do not move while the numbers change. */
const LEAST_WIDTHS: ReadonlyMap<Column['title'], number> = new Map([
  ...([
    ['STATE', 8],
    ['CPU', 5],
    ['MEM', 5],
    ['UPTIME', 6],
  ] as const),
]);

export interface TableRoom {
  readonly columns: number;
  /** For processes. */
  readonly rows: number;
  /** For how many are above and below. */
  readonly counts: 0 | 1;
}

/** The head and `rows` + `counts` lines. */
export function topTable(model: TopModel, room: TableRoom, theme: Theme, glyphs: Glyphs): readonly string[] {
  const { columns, rows } = room;
  const frame = { model, theme, glyphs, colours: processColours(model, theme) };
  const instances = visibleInstances(model);
  const selected = instances.findIndex(({ name }) => name === model.selected);
  const first = firstRow(selected, rows, instances.length);
  // Measured over all rows, so that widths do not change while scrolling.
  const fitted = fit(measured(instances, columns), columns - MARKER_WIDTH);
  const line = (instance: InstanceSnapshot): string =>
    (instance.name === model.selected ? '> ' : '  ') + rowText(frame, instance, fitted);
  const lines = instances.slice(first, first + rows).map(line);
  if (instances.length === 0)
    lines.push(theme.dim(cutToCells(`  ${emptyText(model)}`, columns, glyphs.mark)));
  const heads = `  ${headText(model, fitted)}`.trimEnd();
  const blank = Array.from({ length: rows - lines.length }, () => '');
  const counts = countsText(first, instances.length - first - rows);
  return [theme.bold(heads), ...lines, ...blank, ...(room.counts === 1 ? [theme.dim(counts)] : [])];
}

function countsText(above: number, below: number): string {
  const parts = [above > 0 && `${above} above`, below > 0 && `${below} below`].filter(Boolean);
  return `  ${parts.join(', ')}`;
}

function emptyText({ time, instances, filter }: TopModel): string {
  if (time === '') return 'waiting for the supervisor';
  return instances.length === 0 ? 'no processes' : `no process matches '${visibleText(filter)}'`;
}

type Measured = readonly { readonly column: Column; readonly width: number }[];

function measured(instances: readonly InstanceSnapshot[], columns: number): Measured {
  return COLUMNS.map((column, index) => {
    const width = widthOf(column, instances);
    const isLimited = index === 0 || column.text === stateText;
    return { column, width: isLimited ? Math.min(width, nameLimit(columns)) : width };
  });
}

function widthOf({ title, text, sort, grows }: Column, instances: readonly InstanceSnapshot[]): number {
  if (grows !== undefined) return grows.from;
  const widths = instances.map((instance) => cellWidth(text(instance, NO_GRAPH)));
  // Room for the sort mark.
  const head = title.length + (sort === undefined ? 0 : 1);
  return Math.max(head, LEAST_WIDTHS.get(title) ?? 0, ...widths);
}

/** The columns that fit, then the width of those that grow, then a shorter name if needed. */
function fit(all: Measured, width: number): Measured {
  let fitting = all;
  while (totalOf(fitting) > width && fitting.length > 2) {
    const lowest = Math.min(...fitting.map(({ column }) => column.priority));
    fitting = fitting.filter(({ column }) => column.priority !== lowest);
  }
  let spare = width - totalOf(fitting);
  let growing = fitting.filter(({ column }) => column.grows !== undefined).length;
  return fitting.map(({ column, width: least }, index) => {
    if (column.grows === undefined)
      return { column, width: index === 0 && spare < 0 ? least + spare : least };
    const more = Math.min(column.grows.to - least, Math.floor(spare / growing));
    growing -= 1;
    spare -= more;
    return { column, width: least + more };
  });
}

const totalOf = (columns: Measured): number =>
  columns.reduce((sum, { width }) => sum + width, GAP.length * (columns.length - 1));

function headText({ sort, scale }: TopModel, columns: Measured): string {
  const titles = columns.map(({ column, width }) => {
    const title = typeof column.title === 'string' ? column.title : column.title(scale.recent);
    const isOrder = column.sort !== undefined && column.sort === sort;
    return padToCells(cutToCells(isOrder ? `${title}*` : title, width), width, column.align);
  });
  return titles.join(GAP);
}

function rowText(frame: Frame, instance: InstanceSnapshot, columns: Measured): string {
  const { model, glyphs } = frame;
  const { ascii, mark } = glyphs;
  const history = model.history[instance.name] ?? NO_HISTORY;
  const cells = columns.map(({ column, width }) => {
    const graph = { history, scale: model.scale.recent, width, ascii };
    const text = cutToCells(column.text(instance, graph), width, mark);
    const paint = column.paint?.(frame, instance);
    const padding = padToCells(text, width, column.align);
    return paint === undefined ? padding : padding.replace(text, () => paint(text));
  });
  return cells.join(GAP).trimEnd();
}

/** Renders the screen of `procsup top`: a model in, lines out. */
import type { TopModel, TopSize } from './model.ts';
import { STALE_AFTER_MS } from './model.ts';
import { SMALLEST, topLayout } from './view.ts';
import { bytesText, percentText, uptimeText } from '../text/bytes-text.ts';
import { cellWidth, cutToCells, padToCells } from '../text/cell-width.ts';
import { needsText } from '../ui/event-text.ts';
import { memoryText, totalMemory } from '../ui/memory-text.ts';
import type { Theme } from '../ui/paint.ts';
import { STATE_PAINT } from '../ui/state-paint.ts';
import { resample, sparkline } from '../text/sparkline.ts';
import { clockText } from './clock-text.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS, type Glyphs } from './glyphs.ts';
import { exchangeView } from './exchange.ts';
import { lastLine } from './last-line.ts';
import { topHelp } from './help.ts';
import { logPane } from './log-pane.ts';
import { topTable } from './table.ts';
import { visibleText } from '../text/terminal-safe.ts';

export interface TopScreenOptions {
  /** Use ASCII only. Default: false. */
  readonly ascii?: boolean | undefined;
}

/** Exactly `rows` lines of at most `columns` cells, without control characters except colors. */
export function renderTop(
  model: TopModel,
  size: TopSize,
  theme: Theme,
  { ascii = false }: TopScreenOptions = {},
): readonly string[] {
  const { columns, rows } = size;
  const glyphs = ascii ? ASCII_GLYPHS : UNICODE_GLYPHS;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return filled([tooSmall(size)], rows);
  if (model.mode.type === 'help') return filled(topHelp(size, theme), rows);
  if (model.mode.type === 'exchange')
    return [
      titleLine(model, columns, theme, glyphs),
      ...exchangeView(model, model.mode.first, { columns, rows: rows - 2 }, theme),
      lastLine(model, columns, theme, glyphs),
    ];
  const layout = topLayout(model, size);
  return [
    titleLine(model, columns, theme, glyphs),
    ...(model.log.isFull ? [] : topTable(model, { ...layout, columns, rows: layout.table }, theme, glyphs)),
    ...(layout.history === 1 ? [selectedLine(model, columns, theme, glyphs)] : []),
    ...logPane(model, { columns, rows: layout.log }, theme, glyphs),
    lastLine(model, columns, theme, glyphs),
  ];
}

function filled(lines: readonly string[], rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, index) => lines[index] ?? '');
}

function tooSmall({ columns, rows }: TopSize): string {
  return cutToCells(`${columns}x${rows} is too small (min. ${SMALLEST.columns}x${SMALLEST.rows})`, columns);
}

/** A shorter title is left out. */
const LEAST_TITLE = 20;

/** Title, totals and clock. If there is not enough room, only the clock remains. */
function titleLine(model: TopModel, columns: number, theme: Theme, { mark }: Glyphs): string {
  const { root, pid } = model.title;
  const clock = clockOrSilence(model);
  const facts = [...totals(model), clock.text];
  while (cellWidth(facts.join('  ')) > columns) facts.shift();
  const right = facts.join('  ');
  const room = columns - cellWidth(right) - 2;
  const left = cutToCells(`procsup ${visibleText(root)} (pid ${pid})`, Math.max(0, room), mark);
  const painted = clock.isSilence ? right.replace(clock.text, (text) => theme.warning(text)) : right;
  return room < LEAST_TITLE ? painted : theme.bold(padToCells(left, room)) + '  ' + painted;
}

function totals({ instances }: TopModel): readonly string[] {
  if (instances.length === 0) return [];
  const cpu = instances.reduce((sum, one) => sum + (one.cpu ?? 0), 0);
  const running = instances.filter(({ state }) => state === 'running').length;
  return [
    `${running}/${instances.length} running`,
    `CPU ${percentText(cpu)}`,
    `MEM ${memoryText(totalMemory(instances))}`,
  ];
}

function clockOrSilence({ time, nowMs, heardMs }: TopModel): { text: string; isSilence: boolean } {
  const silentMs = nowMs - heardMs;
  if (silentMs <= STALE_AFTER_MS) return { text: time === '' ? '' : clockText(time), isSilence: false };
  return { text: `no response for ${Math.floor(silentMs / 1000)}s`, isSilence: true };
}

/** About the selected process: what it waits for, by all names and how long, else its history. */
function selectedLine(model: TopModel, columns: number, theme: Theme, glyphs: Glyphs): string {
  const selected = model.instances.find(({ name }) => name === model.selected);
  const { name, state, waitsFor = [], waited = 0 } = selected ?? {};
  if (name === undefined || state !== 'waiting' || waitsFor.length === 0)
    return historyLine(model, columns, theme, glyphs);
  const words = ` ${name} is waiting for ${needsText(waitsFor)}, for ${uptimeText(waited)} now`;
  return STATE_PAINT.waiting(theme)(cutToCells(visibleText(words), columns, glyphs.mark));
}

/** The whole history of the selected process, scaled to the width of the screen. */
function historyLine(model: TopModel, columns: number, theme: Theme, { ascii }: Glyphs): string {
  const { cpu, memory } = model.history[model.selected ?? ''] ?? { cpu: [], memory: [] };
  const scale = model.scale.whole;
  const labels = [` cpu 0-${percentText(scale.cpu)} `, `  mem 0-${bytesText(scale.memory)} `];
  const width = Math.floor((columns - labels.join('').length) / 2);
  const graph = (samples: readonly (number | null)[], max: number): string =>
    sparkline(resample(samples, width), { width, max, ascii });
  const graphs = [graph(cpu, scale.cpu), graph(memory, scale.memory)];
  return labels.map((label, index) => theme.dim(label) + (graphs[index] ?? '')).join('');
}

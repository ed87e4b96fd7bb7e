/** The last line of `top`: what is being typed, the last action, or the keys. */
import { MENU_SIGNALS, type TopModel } from './model.ts';
import { cellWidth, cutToCells } from '../text/cell-width.ts';
import { visibleText } from '../text/terminal-safe.ts';
import type { Theme } from '../ui/paint.ts';
import type { Glyphs } from './glyphs.ts';

export function lastLine(model: TopModel, columns: number, theme: Theme, { mark }: Glyphs): string {
  const { mode, filter, search, status } = model;
  const shown = (text: string): string => cutToCells(` ${text}`, columns, mark);
  if (mode.type === 'filter') return shown(`filter: ${visibleText(filter)}_  Enter keep  Esc clear`);
  if (mode.type === 'search') return shown(`/${visibleText(search?.pattern ?? '')}_  Enter keep  Esc end`);
  if (mode.type === 'signal') return shown(signalMenu(mode.name, mode.index, columns - 1));
  if (mode.type === 'exchange') return theme.dim(shown('Esc back  up down  PgUp PgDn'));
  if (status !== undefined) return shown(visibleText(status.text));
  return theme.dim(shown(hints(model, columns - 1)));
}

const TABLE_HINTS = ['r restart', 's stop', 't start', 'x kill', '/ search', 'a all', 'Enter log'];
const FULL_HINTS = [
  'Esc back',
  '/ search',
  'a all',
  'g first',
  'G last',
  'PgUp',
  'PgDn',
  'w wrap',
  'r restart',
];
const SEARCH_HINTS = ['n next', 'N previous', 'Esc end'];
const ALWAYS = ['? help', 'q quit'];

/** As many keys as there is room for, and always the last two. */
function hints({ log, filter, search, held }: TopModel, room: number): string {
  const kept = filter === '' || log.isFull ? [] : [`filter: ${visibleText(filter)}`];
  const keys = log.isFull ? FULL_HINTS : TABLE_HINTS;
  const usual = held.things.length === 0 ? keys : ['e exchange', ...keys];
  const always = log.isFull ? ['? help'] : ALWAYS;
  const first = [...kept, ...(search === undefined ? usual : [...SEARCH_HINTS, ...usual])];
  const textOf = (count: number): string => [...first.slice(0, count), ...always].join('  ');
  let count = first.length;
  while (count > kept.length && cellWidth(textOf(count)) > room) count -= 1;
  return textOf(count);
}

/** Scrolled so that the selected signal is visible. */
function signalMenu(name: string, chosen: number, room: number): string {
  const items = MENU_SIGNALS.map((signal, index) => {
    const label = `${index + 1} ${signal.slice('SIG'.length)}`;
    return index === chosen ? `[${label}]` : ` ${label} `;
  });
  const textFrom = (start: number, end: number): string =>
    `${visibleText(name)}: ${items.slice(start, end).join('')}`;
  let start = 0;
  while (start < chosen && cellWidth(textFrom(start, chosen + 1)) > room) start += 1;
  return `${textFrom(start, items.length)} Esc cancel`;
}

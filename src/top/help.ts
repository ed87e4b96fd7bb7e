import type { TopSize } from './model.ts';
import { cutToCells } from '../text/cell-width.ts';
import type { Theme } from '../ui/paint.ts';

/** In pairs, side by side where there is room. The first of each pair are the more important ones. */
const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['up down j k', 'select'],
  ['PgUp PgDn', 'a page up, down'],
  ['Home End', 'first, last'],
  ['r', 'restart'],
  ['s', 'stop'],
  ['t S', 'start'],
  ['x', 'send a signal'],
  ['/', 'filter by name'],
  ['c m u', 'sort by CPU, MEM, UPTIME'],
  ['n', 'order of the Procfile'],
  ['l', 'log larger, off, back'],
  ['w', 'wrap long lines'],
  ['space', 'pause the log'],
  ['[ ]', 'look back, on'],
  ['shift-up -down', 'the same'],
  ['q Ctrl-C', 'quit'],
];

const KEYS_WIDTH = 16;
const MEANING_WIDTH = 26;
const PAIR_WIDTH = 1 + KEYS_WIDTH + MEANING_WIDTH;

/** No wider and no higher than `size`. */
export function topHelp({ columns, rows }: TopSize, theme: Theme): readonly string[] {
  const side = Math.max(1, Math.min(Math.floor(columns / PAIR_WIDTH), Math.ceil(KEYS.length / (rows - 4))));
  const height = Math.ceil(KEYS.length / side);
  const lines = Array.from({ length: height }, (_, row) =>
    KEYS.filter((_key, index) => index % height === row)
      .map(([keys, meaning]) => ` ${keys.padEnd(KEYS_WIDTH)}${meaning.padEnd(MEANING_WIDTH)}`)
      .join('')
      .trimEnd(),
  );
  const notes = ['', ' RST: restarts by the policy. Graphs: one second a cell.'];
  const body = [...lines, ...notes].slice(0, rows - 2);
  return [
    theme.bold(cutToCells(' The keys of procsup top', columns)),
    ...body.map((line) => cutToCells(line, columns)),
    theme.dim(cutToCells(' any key goes back', columns)),
  ];
}

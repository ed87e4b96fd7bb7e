import type { TopSize } from './model.ts';
import { cutToCells } from '../text/cell-width.ts';
import type { Theme } from '../ui/paint.ts';

/** The keys, in columns if there is room. The more important ones come first. */
const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['up down j k', 'select'],
  ['r s t', 'restart, stop, start'],
  ['x', 'send a signal'],
  ['a', 'output of all, or of one'],
  ['/', 'search the output'],
  ['n N', 'next, previous match'],
  ['Enter', 'full log; Esc goes back'],
  ['e', 'queues, locks, memory'],
  ['A', 'attach to its terminal'],
  ['Esc', 'end search, filter, pause'],
  ['PgUp PgDn', 'page up, down'],
  ['Home End g G', 'first, last'],
  ['[ ] shift-arrow', 'scroll log back, on'],
  ['space', 'pause the log'],
  ['l w', 'size of the log; wrap lines'],
  ['f', 'filter by name'],
  ['c m u', 'sort by CPU, MEM, UPTIME'],
  ['o', 'sort by Procfile order'],
  ['q Ctrl-C', 'quit'],
];

const KEYS_WIDTH = 16;
const MEANING_WIDTH = 27;
const PAIR_WIDTH = 1 + KEYS_WIDTH + MEANING_WIDTH;

/** Fits into `size`. */
export function topHelp({ columns, rows }: TopSize, theme: Theme): readonly string[] {
  const side = Math.max(1, Math.min(Math.floor(columns / PAIR_WIDTH), Math.ceil(KEYS.length / (rows - 4))));
  const height = Math.ceil(KEYS.length / side);
  const lines = Array.from({ length: height }, (_, row) =>
    KEYS.filter((_key, index) => index % height === row)
      .map(([keys, meaning]) => ` ${keys.padEnd(KEYS_WIDTH)}${meaning.padEnd(MEANING_WIDTH)}`)
      .join('')
      .trimEnd(),
  );
  const notes = [
    '',
    ' RST: restarts by policy. Graphs: one second per cell, one scale for all.',
    ' 99M*: resident memory; shared memory is counted for each process.',
  ];
  const body = [...lines, ...notes].slice(0, rows - 2);
  return [
    theme.bold(cutToCells(' Keys of procsup top', columns)),
    ...body.map((line) => cutToCells(line, columns)),
    theme.dim(cutToCells(' press any key to go back', columns)),
  ];
}

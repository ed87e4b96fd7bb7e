/** What the exchange holds, as tables: a section for each kind of which there is something. */
import {
  HELD_KINDS,
  type HeldKind,
  type HeldLock,
  type HeldOf,
  type HeldThing,
} from '../core/exchange/held.ts';
import { formatSize } from '../text/size.ts';
import { tableLines, type TableColumn } from '../text/table.ts';
import { visibleText } from '../text/terminal-safe.ts';
import { localTime } from './event-line.ts';
import type { Theme } from './paint.ts';

interface Section<Kind extends HeldKind> {
  /** In JSON. */
  readonly plural: string;
  readonly columns: readonly TableColumn[];
  readonly row: (one: HeldOf<Kind>, theme: Theme) => readonly string[];
}

const right = (title: string): TableColumn => ({ title, align: 'right' });

/** A kind without a section does not compile. */
const SECTIONS: { readonly [Kind in HeldKind]: Section<Kind> } = {
  queue: {
    plural: 'queues',
    columns: [
      { title: 'QUEUE' },
      ...['READY', 'DELAYED', 'LEASED', 'DEAD', 'READERS'].map(right),
      { title: 'STORE' },
      { title: 'NOTES' },
    ],
    row({ name, ready, delayed, leased, dead, readers, writers, maxsize, paused, store }, theme) {
      const notes = [
        ...(paused ? [theme.warning('paused')] : []),
        ...(maxsize === null ? [] : [`at most ${String(maxsize)}`]),
        ...(writers === 0 ? [] : [`${String(writers)} waiting for room`]),
      ];
      const deadText = dead === 0 ? '0' : theme.error(String(dead));
      return [
        ...[name, String(ready), String(delayed), String(leased), deadText, String(readers)],
        ...[visibleText(store), notes.join(', ')],
      ];
    },
  },
  lock: {
    plural: 'locks',
    columns: [{ title: 'LOCK' }, ...['HELD', 'WAITING'].map(right), { title: 'HOLDER' }],
    row: (one, theme) => [
      ...[one.name, `${String(one.held)}/${String(one.slots)}`, String(one.waiting)],
      one.abandoned ? theme.warning('abandoned') : holdersText(one),
    ],
  },
  value: {
    plural: 'values',
    columns: [{ title: 'VALUE' }, ...['VERSION', 'SIZE', 'WATCHERS'].map(right)],
    row: ({ name, version, size, watchers }) => [name, String(version), formatSize(size), String(watchers)],
  },
  flag: {
    plural: 'flags',
    columns: [{ title: 'FLAG' }, { title: 'STATE' }, right('WAITING')],
    row: ({ name, set, waiting }) => [name, set ? 'set' : 'clear', String(waiting)],
  },
  barrier: {
    plural: 'barriers',
    columns: [{ title: 'BARRIER' }, right('WAITING')],
    row: ({ name, waiting, parties }) => [name, `${String(waiting)}/${String(parties)}`],
  },
  channel: {
    plural: 'channels',
    columns: [{ title: 'CHANNEL' }, ...['SENDERS', 'RECEIVERS', 'WAITING'].map(right), { title: 'NOTES' }],
    row: ({ name, senders, receivers, waiting, broadcast }) => [
      ...[name, String(senders), String(receivers), String(waiting), broadcast ? 'broadcast' : ''],
    ],
  },
  memory: {
    plural: 'sharedMemory',
    columns: [{ title: 'SHARED MEMORY' }, right('SIZE'), { title: 'SINCE' }, { title: 'PATH' }],
    row: ({ name, bytes, since, path }) => [name, formatSize(bytes), localTime(since), visibleText(path)],
  },
};

/** The lines of each section, its heads first. */
export function exchangeTables(
  held: readonly HeldThing[],
  theme: Theme,
  width?: number,
): readonly (readonly string[])[] {
  return HELD_KINDS.map((kind) => section(kind, held, theme, width)).filter((lines) => lines.length > 0);
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it holds the section and its things together
function section<Kind extends HeldKind>(
  kind: Kind,
  held: readonly HeldThing[],
  theme: Theme,
  width?: number,
): readonly string[] {
  const { columns, row }: Section<Kind> = SECTIONS[kind];
  const rows = held
    .filter((one): one is HeldOf<Kind> & HeldThing => one.kind === kind)
    .map((one) => row(one, theme));
  return rows.length === 0 ? [] : tableLines(columns, rows, { paint: theme, width });
}

/** By the plural of each kind, also of those of which there is nothing. */
export function byPlural(held: readonly HeldThing[]): Readonly<Record<string, readonly HeldThing[]>> {
  return Object.fromEntries(
    HELD_KINDS.map((kind) => [SECTIONS[kind].plural, held.filter((one) => one.kind === kind)]),
  );
}

/** `4711 procsup lock deploy -- ./deploy, 4712 ... and 3 more` */
function holdersText({ holders, held }: HeldLock): string {
  const texts = holders.map(({ pid, command }) =>
    [...(pid === null ? [] : [String(pid)]), ...(command === null ? [] : [command])].join(' '),
  );
  const more = held - holders.length;
  const known = texts.map((text) => (text === '' ? 'unknown' : text)).join(', ');
  return known === '' ? '-' : visibleText(more > 0 ? `${known} and ${String(more)} more` : known);
}

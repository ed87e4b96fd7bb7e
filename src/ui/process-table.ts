/** `ps` and `stats` as tables. */
import type { InstanceSnapshot } from '../core/snapshot.ts';
import { percentText, uptimeText } from '../text/bytes-text.ts';
import { awaitedNames } from './awaited-names.ts';
import { nextText } from './event-line.ts';
import { visibleText } from '../text/terminal-safe.ts';
import { memoryTexts, totalMemory } from './memory-text.ts';
import type { Theme } from './paint.ts';
import { STATE_PAINT } from './state-paint.ts';
import { listeningText } from './listening-text.ts';
import { orNothing, tableText, type TableColumn } from '../text/table.ts';

/** Only where something has a schedule. */
const NEXT_COLUMN: TableColumn = { title: 'NEXT' };

const PS_COLUMNS: readonly TableColumn[] = [
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'MEMORY', align: 'right' },
  { title: 'UPTIME', align: 'right' },
  { title: 'RESTARTS', align: 'right' },
  { title: 'PORT', align: 'right' },
  { title: 'LISTENS', align: 'right' },
  { title: 'COMMAND' },
];

/** `columns` is the width of the terminal; without it nothing is cut. `nowMs` is Unix time. */
export function processTable(
  processes: readonly InstanceSnapshot[],
  theme: Theme,
  columns?: number,
  nowMs = 0,
): string {
  const memory = memoryTexts(processes);
  const isScheduled = processes.some(({ next }) => next !== undefined);
  const rows = processes.map((one, index) => [
    one.name,
    stateText(one, theme),
    ...(isScheduled ? [one.next === undefined ? '' : nextText(one.next, nowMs)] : []),
    orNothing(one.pid, String),
    orNothing(one.cpu, percentText),
    memory[index] ?? '',
    orNothing(one.uptime, uptimeText),
    String(one.restarts),
    String(one.port),
    listeningText(one),
    visibleText(one.command),
  ]);
  const [name, state, ...others] = PS_COLUMNS;
  const shown = isScheduled && name && state ? [name, state, NEXT_COLUMN, ...others] : PS_COLUMNS;
  return tableText(shown, rows, { paint: theme, width: columns });
}

const STATS_COLUMNS: readonly TableColumn[] = [
  { title: 'NAME' },
  { title: 'PID', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'MEMORY', align: 'right' },
];

export function statsTable(processes: readonly InstanceSnapshot[], theme: Theme, columns?: number): string {
  const cpu = processes.reduce((sum, one) => sum + (one.cpu ?? 0), 0);
  const all = { name: 'all', pid: null, cpu, ...totalMemory(processes) };
  const shown = processes.length > 1 ? [...processes, all] : processes;
  const memory = memoryTexts(shown);
  const rows = shown.map((one, index) => [
    one.name,
    orNothing(one.pid, String),
    orNothing(one.cpu, percentText),
    memory[index] ?? '',
  ]);
  return tableText(STATS_COLUMNS, rows, { paint: theme, width: columns });
}

/** The state, and the exit if it has exited, or what it waits for. */
function stateText(one: InstanceSnapshot, theme: Theme): string {
  const { state, exit } = one;
  const paint = STATE_PAINT[state](theme);
  if (state === 'waiting') {
    const names = awaitedNames(one);
    return paint(names === '' ? state : `${state} (${names})`);
  }
  if (state === 'stopped' && one.onDemand) return paint('on demand');
  if (one.otherRun !== undefined) return paint(`${state} (${otherRunText(one.otherRun)})`);
  return paint(exit === null ? state : `${state} (${exitWord(exit)})`);
}

/** `new run 4242 starting`, `old run 4100 stopping` */
function otherRunText({ is, pid, state }: NonNullable<InstanceSnapshot['otherRun']>): string {
  return [`${is} run`, ...(pid === null ? [] : [String(pid)]), state].join(' ');
}

function exitWord(exit: NonNullable<InstanceSnapshot['exit']>): string {
  if ('code' in exit) return String(exit.code);
  return 'signal' in exit ? exit.signal : exit.error;
}

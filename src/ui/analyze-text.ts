/** A start as a table: a tree of what waited for what, with bars over time. */
import type { ReportedInstance, StartReport } from '../core/start-report.ts';
import { formatDuration } from '../text/duration.ts';
import { cellWidth } from '../text/cell-width.ts';
import { tableLines, type TableColumn } from '../text/table.ts';
import { visibleText } from '../text/terminal-safe.ts';
import { localTime } from './event-line.ts';
import type { Theme } from './paint.ts';

export interface AnalyzeLook {
  readonly theme: Theme;
  /** Width of the terminal; undefined: unknown. */
  readonly columns: number | undefined;
  /** Without Unicode. */
  readonly ascii: boolean;
  /** Unix time. */
  readonly nowMs: number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: ' ' },
  { title: 'NAME' },
  { title: 'STATE' },
  { title: 'WAITED', align: 'right' },
  { title: 'TOOK', align: 'right' },
  { title: 'UNTIL', align: 'right' },
];

export function analyzeText(report: StartReport, look: AnalyzeLook): string {
  const { theme, columns, ascii } = look;
  const table = tableLines(COLUMNS, rowsOf(report, look), { paint: theme });
  const left = Math.max(...table.map(cellWidth)) + GAP.length;
  const width = Math.min(MOST_CELLS, Math.max(LEAST_CELLS, (columns ?? left + USUAL_CELLS) - left));
  const spanS = report.took ?? Math.max(0, (look.nowMs - Date.parse(report.since)) / 1000);
  const bars = [scaleText(spanS, width), ...report.instances.map((one) => barText(one, spanS, width, ascii))];
  const lines = table.map((line, at) => {
    const text = `${padded(line, left)}${bars[at] ?? ''}`.trimEnd();
    return report.instances[at - 1]?.critical === true ? theme.bold(text) : text;
  });
  return [...headLines(report), '', ...lines].map((line) => `${line}\n`).join('');
}

const GAP = '  ';
const USUAL_CELLS = 40;
const LEAST_CELLS = 10;
const MOST_CELLS = 60;
const MOST_NAMED = 6;

const padded = (line: string, width: number): string =>
  line + ' '.repeat(Math.max(0, width - cellWidth(line)));

const secondsText = (seconds: number): string => {
  const ms = seconds * 1000;
  return formatDuration(ms < 10_000 ? Math.round(ms) : Math.round(ms / 100) * 100);
};

function headLines({ verb, since, took, chain, instances }: StartReport): readonly string[] {
  const end = took === null ? 'not finished yet' : `took ${secondsText(took)}`;
  const byName = new Map(instances.map((one) => [one.name, one]));
  const parts = chain.map((name) => {
    const seconds = byName.get(name)?.took ?? null;
    return seconds === null ? name : `${name} ${secondsText(seconds)}`;
  });
  const shown = parts.length > MOST_NAMED ? [...parts.slice(0, 2), '...', ...parts.slice(-3)] : parts;
  return [`${verb} of ${localTime(since)}: ${end}`, `critical chain (*): ${shown.join(', ')}`];
}

function rowsOf({ instances }: StartReport, { ascii }: AnalyzeLook): readonly (readonly string[])[] {
  const depths = new Map<string, number>();
  return instances.map((one) => {
    const depth = one.after === null ? 0 : (depths.get(one.after.name) ?? -1) + 1;
    depths.set(one.name, depth);
    const branch = depth === 0 ? '' : `${' '.repeat(Math.min(depth - 1, MOST_INDENT))}${ascii ? '`' : '└'} `;
    return [
      one.critical ? '*' : '',
      `${branch}${visibleText(one.name)}`,
      stateText(one),
      one.waited === 0 ? '-' : secondsText(one.waited),
      one.took === null ? '-' : secondsText(one.took),
      one.ended === null ? '-' : secondsText(one.ended),
    ];
  });
}

/** A chain of a thousand must not push the figures out of the terminal. */
const MOST_INDENT = 20;

function stateText({ state, failedRuns }: ReportedInstance): string {
  if (failedRuns === 0 || state === 'ended' || (state === 'failed' && failedRuns === 1)) return state;
  return `${state} (${String(failedRuns)} failed run${failedRuns === 1 ? '' : 's'})`;
}

function scaleText(spanS: number, width: number): string {
  const end = secondsText(spanS);
  return `0s${' '.repeat(Math.max(1, width - 2 - end.length))}${end}`;
}

/** Blank, then its wait, then its start, each by the share of the whole. */
function barText(
  { waiting, waited, started, took, ended }: ReportedInstance,
  spanS: number,
  width: number,
  ascii: boolean,
): string {
  const cell = (seconds: number): number => (spanS <= 0 ? 0 : Math.round((seconds / spanS) * width));
  const endS = ended ?? spanS;
  const beginS = took === null ? endS : Math.max(0, endS - took);
  const [from, begin] = [cell(waited > 0 || took === null ? (waiting ?? beginS) : beginS), cell(beginS)];
  const runs = started === null ? 0 : Math.max(1, cell(endS) - begin);
  const [dots, blocks] = ascii ? '.#' : '░█';
  return (
    ' '.repeat(Math.min(from, width)) +
    (dots ?? '').repeat(Math.max(0, begin - from)) +
    (blocks ?? '').repeat(runs)
  );
}

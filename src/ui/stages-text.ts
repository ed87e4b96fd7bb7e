/** The statistics of a pipeline's stages, as a table and as JSON. */
import { bytesText } from '../text/bytes-text.ts';
import { visibleText } from '../text/terminal-safe.ts';
import type { Theme } from './paint.ts';
import { orNothing, tableText, type TableColumn } from '../text/table.ts';

/** The figures of one stage; null if the system did not tell. */
export interface StageReport {
  /** As written by the user. */
  readonly command: string;
  /** null if it could not be started. */
  readonly pid: number | null;
  readonly status: number;
  readonly wallMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  /** CPU time and bytes are approximate. */
  readonly isApproximate: boolean;
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'STAGE', align: 'right' },
  { title: 'PID', align: 'right' },
  { title: 'STATUS', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'CPU', align: 'right' },
  { title: 'PEAK', align: 'right' },
  { title: 'READ', align: 'right' },
  { title: 'WRITTEN', align: 'right' },
  { title: 'COMMAND' },
];

/** Approximate figures have a `~`. `columns` is the width of the terminal; without it nothing is cut. */
export function stagesTable(stages: readonly StageReport[], theme: Theme, columns?: number): string {
  const rows = stages.map((stage, index) => {
    const about = (text: string): string => (stage.isApproximate ? `~${text}` : text);
    return [
      String(index + 1),
      orNothing(stage.pid, String),
      stage.status === 0 ? '0' : theme.warning(String(stage.status)),
      secondsText(stage.wallMs),
      orNothing(stage.cpuMs, (ms) => about(secondsText(ms))),
      orNothing(stage.peakMemoryBytes, bytesText),
      orNothing(stage.readBytes, (bytes) => about(bytesText(bytes))),
      orNothing(stage.writtenBytes, (bytes) => about(bytesText(bytes))),
      visibleText(stage.command),
    ];
  });
  return tableText(COLUMNS, rows, { paint: theme, width: columns });
}

/** One line of JSON: times in seconds, amounts in bytes, `status` that of the whole. */
export function stagesJson(stages: readonly StageReport[], status: number): string {
  const rows = stages.map((stage, index) => ({
    stage: index + 1,
    command: stage.command,
    pid: stage.pid,
    status: stage.status,
    time: Math.round(stage.wallMs) / 1000,
    cpu: stage.cpuMs === null ? null : Math.round(stage.cpuMs) / 1000,
    peakMemory: stage.peakMemoryBytes,
    bytesRead: stage.readBytes,
    bytesWritten: stage.writtenBytes,
    approximate: stage.isApproximate,
  }));
  return `${JSON.stringify({ status, stages: rows })}\n`;
}

const secondsText = (ms: number): string => `${(ms / 1000).toFixed(2)}s`;

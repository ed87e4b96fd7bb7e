/** The progress of a pipeline in one line: `*` marks the stage that the others wait for. */
import type { Awaited, PipelineProgress, StageProgress } from '../core/pipeline/progress.ts';
import { bytesText } from '../text/bytes-text.ts';
import { cellWidth, cutToCells } from '../text/cell-width.ts';
import { visibleText } from '../text/terminal-safe.ts';
import type { Theme } from './paint.ts';

/** `seq 12.3M/s 45.6M | *sort 1.20M/s 3.40M`, at most `columns` wide. */
export function progressLine(
  names: readonly string[],
  { stages, awaited }: PipelineProgress,
  theme: Theme,
  columns: number,
): string {
  const line = (isLong: boolean): readonly string[] =>
    withOutside(
      names.map((name, stage) => stageText(name, stages[stage], stage === awaited, isLong, theme)),
      awaited,
      theme,
    );
  const [long, short] = [line(true).join(BETWEEN), line(false)];
  if (cellWidth(long) <= columns) return long;
  if (cellWidth(short.join(BETWEEN)) <= columns) return short.join(BETWEEN);
  return cutAround(
    short,
    typeof awaited === 'number' ? awaited : awaited === 'stdout' ? short.length - 1 : 0,
    columns,
  );
}

/** A short name of a stage: its program without the directory. `words` as in a `Stage`. */
export function stageName(text: string, words: readonly string[]): string {
  const program = words[0] ?? /[^\s(){};&|<>]+/.exec(text)?.[0] ?? text;
  return cutToCells(visibleText(program.replace(/^.*\/(?=.)/s, '')), NAME_CELLS, '…');
}

const NAME_CELLS = 16;
const BETWEEN = ' | ';
const LEFT_OUT = '… | ';

function stageText(
  name: string,
  progress: StageProgress | undefined,
  isAwaited: boolean,
  isLong: boolean,
  theme: Theme,
): string {
  const { bytes = null, bytesPerSecond = null, hasEnded = false } = progress ?? {};
  const rate = bytesPerSecond === null ? '' : ` ${bytesText(Math.max(0, bytesPerSecond))}/s`;
  const total = bytes === null || !(isLong || hasEnded) ? '' : ` ${bytesText(bytes)}`;
  if (isAwaited) return marked(name, theme) + rate + total;
  return hasEnded ? theme.dim(name + total) : name + rate + total;
}

/** Shows stdin or stdout of the pipeline if the stages wait for it. */
function withOutside(texts: readonly string[], awaited: Awaited, theme: Theme): readonly string[] {
  if (awaited === 'stdin') return [marked('stdin', theme), ...texts];
  return awaited === 'stdout' ? [...texts, marked('stdout', theme)] : texts;
}

const marked = (name: string, theme: Theme): string => theme.warning(`*${name}`);

/** Starts further right if the marked stage would not be visible. */
function cutAround(texts: readonly string[], markedAt: number, columns: number): string {
  const upToMarked = texts.slice(0, markedAt + 1).join(BETWEEN);
  if (cellWidth(upToMarked) < columns) return cutToCells(texts.join(BETWEEN), columns, '…');
  return cutToCells(LEFT_OUT + texts.slice(markedAt).join(BETWEEN), columns, '…');
}

/** The words about tasks: among their output, and in the summary at the end. */
import type { Place } from '../core/problem.ts';
import type { TaskOutcome } from '../core/task/events.ts';
import type { TaskGraph } from '../core/task/graph.ts';
import { criticalPath, type TaskResult, type TasksOutcome } from '../core/task/outcome.ts';
import type { SignalName } from '../core/process/signals.ts';
import { changeTexts, missText, type MissReason } from '../core/task/key.ts';
import { formatDuration } from '../text/duration.ts';
import { tableText } from '../text/table.ts';
import { visibleText } from '../text/terminal-safe.ts';
import type { Theme } from './paint.ts';

/** To a tenth of a second from ten seconds on, to a hundredth below. */
export function timeText(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))}ms`;
  const step = ms < 10_000 ? 10 : 100;
  return formatDuration(Math.round(ms / step) * step);
}

export const cachedText = (savedMs: number): string => `cached, ${timeText(savedMs)} saved`;

/** `globs` match no file: what is wrong with that, and where it is said. */
export function unmatchedText(
  key: 'inputs' | 'outputs',
  globs: readonly string[],
  place: Place | undefined,
): string {
  const quoted = globs.map((glob) => `'${visibleText(glob)}'`).join(', ');
  const verb = globs.length === 1 ? 'matches' : 'match';
  const at = place === undefined ? '' : ` (${place.file}:${String(place.line)})`;
  return `warning: ${quoted} in '${key}'${at} ${verb} no file; check the spelling, or remove ${globs.length === 1 ? 'it' : 'them'}`;
}

export const joinedText = (status: number): string => `failed with status ${String(status)} in another run`;

export const retriedText = (status: number, attempt: number, retries: number): string =>
  `${status === TIMED_OUT ? 'timed out' : `failed with status ${String(status)}`}; retrying (${String(attempt)} of ${String(retries)})`;

const TIMED_OUT = 124;

/** Of a task that has ended, among its output; undefined: its output and the summary say it. */
export function finishedText(outcome: TaskOutcome): string | undefined {
  if (outcome.is !== 'failed') return undefined;
  return outcome.why === 'joined' ? undefined : failureText(outcome);
}

type Failure = Extract<TaskOutcome, { is: 'failed' }>;

function failureText({ why, status, reason = '' }: Failure): string {
  switch (why) {
    case 'timeout':
      return 'timed out';
    case 'refused':
      return `cannot run: ${reason}`;
    case 'process':
      return `not run: ${reason}`;
    case 'joined':
    case 'status':
      return `failed with status ${String(status)}`;
  }
}

export function stoppingText(running: number, signal: SignalName): string {
  const again = signal === 'SIGINT' ? 'press Ctrl-C again to kill them' : `send ${signal} again to kill them`;
  return `stopping ${running === 1 ? '1 task' : `${String(running)} tasks`} (${again})`;
}

const MOST_CHANGES = 8;

/** Why no kept result stands for a task. */
export function reasonText(reason: MissReason): string {
  if (reason.type !== 'changed') return `not cached: ${visibleText(missText(reason))}`;
  const changes = changeTexts(reason);
  const more = changes.length - MOST_CHANGES;
  const shown = changes.slice(0, MOST_CHANGES).map(visibleText).join(', ');
  return `not cached: ${shown}${more > 0 ? ` and ${String(more)} more changes` : ''}`;
}

/** `build failed with status 2` */
function resultWords({ outcome, durationMs, savedMs, attempts }: TaskResult, graph: TaskGraph): string {
  const times = attempts > 1 ? ` (attempt ${String(attempts)})` : '';
  switch (outcome.is) {
    case 'succeeded':
      return `succeeded${times}`;
    case 'cached':
      return cachedText(savedMs);
    case 'failed':
      return `${failureText(outcome)}${durationMs > 0 ? times : ''}`;
    case 'skipped':
      return `not run: ${graph[outcome.because]?.task.name ?? ''} has failed`;
    case 'not-run':
      return 'not run';
    case 'stopped':
      return 'stopped';
  }
}

/** More tasks that have succeeded are only counted. */
const MOST_SHOWN = 40;

/** The summary on stderr. */
export function summaryText(
  outcome: TasksOutcome,
  { graph, isShown }: { readonly graph: TaskGraph; readonly isShown: (index: number) => boolean },
  theme: Theme,
): string {
  const shown = outcome.results.filter((_, index) => isShown(index));
  const lines: string[] = [];
  if (outcome.problem !== null) lines.push(`procsup: ${visibleText(outcome.problem)}\n`);
  const [only] = shown;
  if (only !== undefined && shown.length === 1) {
    const time =
      only.durationMs > 0 && only.outcome.is === 'succeeded' ? ` in ${timeText(only.durationMs)}` : '';
    return `${lines.join('')}procsup: task ${visibleText(only.name)}: ${painted(only, `${resultWords(only, graph)}${time}`, theme)}\n`;
  }
  const isFine = ({ outcome: { is } }: TaskResult): boolean => is === 'succeeded' || is === 'cached';
  const rows = shown.length <= MOST_SHOWN ? shown : shown.filter((one) => !isFine(one)).slice(0, MOST_SHOWN);
  if (rows.length > 0)
    lines.push(
      tableText(
        [{ title: 'TASK' }, { title: 'TIME', align: 'right' }, { title: 'RESULT' }],
        rows.map((one) => [
          visibleText(one.name),
          one.durationMs > 0 ? timeText(one.durationMs) : '-',
          painted(one, resultWords(one, graph), theme),
        ]),
        { paint: theme },
      ),
    );
  lines.push(`procsup: ${countsText(shown)} in ${timeText(outcome.durationMs)}${pathText(outcome, graph)}\n`);
  return lines.join('');
}

function painted({ outcome: { is } }: TaskResult, text: string, theme: Theme): string {
  if (is === 'failed') return theme.error(text);
  return is === 'succeeded' ? text : theme.dim(text);
}

function countsText(results: readonly TaskResult[]): string {
  const count = (...kinds: readonly TaskOutcome['is'][]): number =>
    results.filter(({ outcome: { is } }) => kinds.includes(is)).length;
  const parts: readonly (readonly [number, string])[] = [
    [count('succeeded'), 'succeeded'],
    [count('cached'), 'cached'],
    [count('failed'), 'failed'],
    [count('stopped'), 'stopped'],
    [count('not-run', 'skipped'), 'not run'],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${String(number)} ${word}`);
  return `${String(results.length)} tasks: ${told.join(', ')}`;
}

const MOST_ON_PATH = 6;

function pathText({ results }: TasksOutcome, graph: TaskGraph): string {
  const { names, durationMs } = criticalPath(
    graph,
    results.map((one) => one.durationMs),
  );
  if (names.length < 2) return '';
  const shown =
    names.length <= MOST_ON_PATH
      ? names
      : [
          ...names.slice(0, MOST_ON_PATH - 2),
          `${String(names.length - MOST_ON_PATH + 1)} more`,
          names.at(-1) ?? '',
        ];
  return ` (critical path: ${shown.map(visibleText).join(' -> ')}, ${timeText(durationMs)})`;
}

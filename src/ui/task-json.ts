/** What `procsup task --json` prints at its end: one object. */
import type { TaskGraph } from '../core/task/graph.ts';
import { criticalPath, type TasksOutcome } from '../core/task/outcome.ts';
import type { MissReason } from '../core/task/key.ts';

const seconds = (ms: number): number => Math.round(ms) / 1000;

/** `reasons`: by index; why a kept result did not stand for a task. */
export function taskJson(
  outcome: TasksOutcome,
  graph: TaskGraph,
  reasons: ReadonlyMap<number, MissReason>,
): string {
  const { results, status, signal, problem, durationMs } = outcome;
  const path = criticalPath(
    graph,
    results.map((one) => one.durationMs),
  );
  const tasks = results.map(({ name, outcome: end, durationMs: ms, savedMs, attempts }, index) => ({
    name,
    result: end.is,
    duration: seconds(ms),
    attempts,
    ...(end.is === 'failed' && {
      status: end.status,
      why: end.why,
      ...(end.reason !== undefined && { reason: end.reason }),
    }),
    ...(end.is === 'skipped' && { because: graph[end.because]?.task.name ?? '' }),
    ...(end.is === 'cached' && { saved: seconds(savedMs) }),
    ...(reasons.has(index) && { miss: reasons.get(index) }),
  }));
  const summary = {
    status,
    ...(signal !== null && { signal }),
    ...(problem !== null && { problem }),
    duration: seconds(durationMs),
    tasks,
    critical_path: { tasks: path.names, duration: seconds(path.durationMs) },
  };
  return `${JSON.stringify(summary)}\n`;
}

/** `procsup task --dry-run`: what would be run, and what is cached. */
import { createLookups } from '../../runtime/task/lookups.ts';
import type { MissReason } from '../../core/task/key.ts';
import { isCacheable, whyNotCacheable, type Task } from '../../core/task/task.ts';
import { reasonText, timeText } from '../../ui/task-text.ts';
import { messageOf } from '../../text/error-message.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { STATUS } from '../../core/process/exit.ts';
import type { Io } from '../io.ts';
import type { TaskRun } from './read-run.ts';
import type { TaskSettings } from './settings.ts';

interface Plan {
  readonly name: string;
  readonly command: string;
  readonly savedMs: number | null;
  readonly reason: MissReason | undefined;
  /** Why the cache cannot tell. */
  readonly unknown: string | undefined;
}

const notCacheable = (task: Task): MissReason => {
  const because = whyNotCacheable(task);
  return {
    type: 'not-cacheable',
    added: [],
    removed: [],
    changed: [],
    ...(because !== undefined && { because }),
  };
};
const FORCED: MissReason = { type: 'forced', added: [], removed: [], changed: [] };

export async function dryRun(run: TaskRun, settings: TaskSettings, io: Io): Promise<number> {
  const { graph, argsOf, loaded } = run;
  const cache = graph.some(({ task }) => isCacheable(task))
    ? (await import('./open-cache.ts')).openCache(io)
    : undefined;
  const { environment } = loaded;
  const lookups = createLookups({ graph, argsOf, environment, cache, force: settings.force, explains: true });
  const plans: Plan[] = [];
  for (const [index, { task }] of graph.entries()) {
    if (task.command === undefined) continue;
    const plan = {
      name: task.name,
      command: task.command,
      savedMs: null,
      reason: undefined,
      unknown: undefined,
    };
    if (cache === undefined || !lookups.looks(index)) {
      plans.push({ ...plan, reason: notCacheable(task) });
      continue;
    }
    try {
      const fingerprint = await lookups.fingerprint(index);
      const kept = settings.force ? undefined : await cache.find(task, fingerprint);
      if (kept !== undefined) plans.push({ ...plan, savedMs: kept.durationMs });
      else plans.push({ ...plan, reason: settings.force ? FORCED : await cache.explain(task, fingerprint) });
    } catch (error) {
      plans.push({ ...plan, unknown: messageOf(error) });
    }
  }
  await cache?.close();
  io.stdout(settings.json ? jsonOf(plans) : await textOf(plans, settings, io));
  return STATUS.success;
}

async function textOf(plans: readonly Plan[], { why }: TaskSettings, io: Io): Promise<string> {
  return tableText(
    [{ title: 'TASK' }, { title: 'WOULD' }, { title: why ? 'WHY' : 'COMMAND' }],
    plans.map((plan) => [
      visibleText(plan.name),
      plan.savedMs === null ? 'run' : `use the cache (${timeText(plan.savedMs)} saved)`,
      why ? whyText(plan) : visibleText(plan.command.replaceAll(/\s+/g, ' ')),
    ]),
    { paint: await io.theme('stdout') },
  );
}

function whyText({ savedMs, reason, unknown }: Plan): string {
  if (savedMs !== null) return 'nothing has changed';
  if (unknown !== undefined) return `not cached: ${visibleText(unknown)}`;
  return reason === undefined ? '' : reasonText(reason);
}

const jsonOf = (plans: readonly Plan[]): string =>
  `${JSON.stringify(
    plans.map(({ name, command, savedMs, reason, unknown }) => ({
      ...{ name, command, would: savedMs === null ? 'run' : 'use-cache' },
      ...(savedMs !== null && { saved: savedMs / 1000 }),
      ...(reason !== undefined && { miss: reason }),
      ...(unknown !== undefined && { unknown }),
    })),
    null,
    2,
  )}\n`;

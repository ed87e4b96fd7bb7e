/**
 * Applies a new plan to a running supervisor: for `reload` and `scale`. Removed instances are stopped before new ones
 * are started, because a new one may get the port of a removed one. One change at a time.
 */
import type { Api, ChangeResult, Impossible } from '../control/api.ts';
import type { Cause, Event } from '../core/events.ts';
import { allInstances, procfileProcesses, type AppSpec, type InstanceSpec } from '../core/plan/app-spec.ts';
import { planApp, type PlanInput } from '../core/plan/plan-app.ts';
import { expandCounts } from '../core/plan/expand-counts.ts';
import { unknownText } from '../core/plan/select.ts';
import { planDifference, type PlanDifference } from '../core/plan/difference.ts';
import type { Checked, Problem } from '../core/problem.ts';
import { isGlob } from '../text/glob.ts';
import { suggest } from '../text/suggest.ts';
import type { TicketResult } from '../core/fleet/tickets.ts';
import { changeResult } from './change-result.ts';
import { fleetOf } from './fleet-of.ts';
import { loadApp } from '../config/load-app.ts';
import { changedFiles } from '../config/read-files.ts';
import { recordEvent } from './records/record-event.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export interface Replanner extends Pick<Api, 'scale' | 'reload' | 'changedFiles'> {
  /** The application as last planned. */
  readonly app: AppSpec;
}

export function createReplanner(running: Running, project: Project): Replanner {
  const { supervisor } = running;
  const { settings, options, env, cwd, whileHeld = false } = project;
  let { app, input, files } = project;
  /** Counts that were requested since the start; they survive a `reload`. */
  let scaled: ReadonlyMap<string, number> = new Map();
  let busy: Promise<unknown> = Promise.resolve();

  /** Runs changes one after the other; a change may answer before it is done. */
  const inTurn = <T>(deed: (begun: (answer: T) => void) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      busy = busy.then(() => deed(resolve)).then(resolve, reject);
    });

  const replan = (from: PlanInput, counts: typeof scaled): Checked<AppSpec> =>
    planApp({ ...from, formation: formationWith(from.formation, counts), mayBeEmpty: true });

  const adopt = (
    next: AppSpec,
    wanted: ReadonlySet<string>,
    cause: Cause,
    tell: (difference: Omit<PlanDifference, 'same'>) => Event,
  ) => {
    const before = [...supervisor.instances.values()];
    const after = allInstances(next);
    const { added, removed, changed } = planDifference(before, after);
    const toRenew = changed.filter((name) => isUp(running, name));
    const toStart = after.map(({ name }) => name).filter((name) => wanted.has(name) && !isUp(running, name));

    // First the change as a whole, then the requests that it is made of.
    recordEvent(running, tell({ added, removed, changed }));
    running.sockets.keepFor(after);
    supervisor.reform(fleetOf(next, settings), after, next.root);
    app = next;
    const replace = async (): Promise<readonly ChangeResult[]> => {
      const rolling = toRenew.filter((name) => supervisor.state.spec.byName.get(name)?.rolling === true);
      const others = toRenew.filter((name) => !rolling.includes(name));
      const rolled = rolling.length > 0 ? supervisor.ask('restart', rolling, cause) : [];
      const stopped = await supervisor.ask('stop', [...removed, ...others], cause);
      const restarted = await supervisor.ask('start', [...others, ...toStart], cause);
      const started = [...(await rolled), ...restarted];
      const stops = new Map(stopped.map((result) => [result.name, result]));
      const wasRemoved = new Set(removed);
      const gone = stopped.filter(({ name }) => wasRemoved.has(name));
      return [...gone, ...started].map((result) => replaced(result, stops.get(result.name)));
    };
    return { difference: { added, removed, changed }, results: replace() };
  };

  return {
    get app() {
      return app;
    },

    changedFiles: () => changedFiles(files, app.root),

    scale: (given, wait, asker) =>
      inTurn(async (begun) => {
        const { processes, pipelines } = app;
        const scalable = processes.filter((name) => !pipelines.includes(name));
        const { counts, unmatched } = expandCounts(given, scalable);
        const reasons = [
          ...unmatched.map((pattern) => unknownProcess(pattern, scalable)),
          ...Object.keys(counts).flatMap((name) => whyNotScaled(name, app)),
        ];
        if (reasons.length > 0) return { impossible: reasons };
        const asked = new Map([...scaled, ...Object.entries(counts)]);
        const { value, problems } = replan(input, asked);
        if (value === undefined) return impossible(problems);
        scaled = asked;
        const wanted = namesOf(allInstances(value), ({ process }) => Object.hasOwn(counts, process));
        const warnings = warningsIn(problems);
        const replanning = adopt(value, wanted, { by: 'scale', asker }, () => ({
          type: 'scaled',
          counts,
          cause: asker,
        }));
        if (!wait) begun({ ...replanning.difference, results: [], warnings });
        return { ...replanning.difference, results: await replanning.results, warnings };
      }),

    reload: (asker) =>
      inTurn(async () => {
        const loaded = await loadApp(options, env, cwd);
        if (loaded.value === undefined || loaded.input === undefined) return impossible(loaded.problems);
        const counted = new Set(procfileProcesses(loaded.value));
        const kept = new Map([...scaled].filter(([name]) => counted.has(name)));
        const { value, problems } = replan(loaded.input, kept);
        if (value === undefined) return impossible(problems);
        input = loaded.input;
        files = loaded.files;
        scaled = kept;
        const known = new Set(supervisor.instances.keys());
        const wanted = namesOf(value.instances, ({ name }) => !whileHeld && !known.has(name));
        const { difference, results } = adopt(value, wanted, { by: 'reload', asker }, (changes) => ({
          type: 'reloaded',
          ...changes,
          cause: asker,
        }));
        const unapplied = await running.exchange.declare(value.queues ?? []);
        return {
          ...difference,
          results: await results,
          warnings: [...warningsIn(loaded.problems), ...unapplied],
        };
      }),
  };
}

function isUp({ supervisor }: Running, name: string): boolean {
  return supervisor.state.members.get(name)?.goal === 'up';
}

function namesOf(
  instances: readonly InstanceSpec[],
  isMeant: (instance: InstanceSpec) => boolean,
): ReadonlySet<string> {
  return new Set(instances.filter(isMeant).map(({ name }) => name));
}

/** Replaces the counts of a formation, in which two counts for one process would be an error. */
function formationWith(
  formation: string | undefined,
  scaled: ReadonlyMap<string, number>,
): string | undefined {
  const items = (formation ?? '').split(',').filter((item) => item.trim() !== '');
  const kept = items.filter((item) => !scaled.has((item.split('=')[0] ?? '').trim()));
  return [...kept, ...[...scaled].map(([name, count]) => `${name}=${String(count)}`)].join(',') || undefined;
}

/** `before` is the pid before the stop. */
function replaced(result: TicketResult, stop: TicketResult | undefined): ChangeResult {
  const before = result.before ?? stop?.before ?? null;
  return { ...changeResult(result), before, ...(stop?.killed && { killed: true }) };
}

function whyNotScaled(name: string, { processes, pipelines }: AppSpec): Impossible['impossible'] {
  if (!processes.includes(name)) return [unknownProcess(name, processes)];
  if (!pipelines.includes(name)) return [];
  const message = `cannot scale '${name}': it is a pipeline`;
  return [{ message, remedy: 'define it a second time in procsup.yaml under another name' }];
}

function unknownProcess(name: string, processes: readonly string[]) {
  const meant = isGlob(name) ? undefined : suggest(name, processes);
  return {
    message: unknownText(name),
    remedy: meant === undefined ? `known processes: ${processes.join(', ')}` : `did you mean '${meant}'?`,
  };
}

function impossible(problems: readonly Problem[]): Impossible {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return {
    impossible: errors.map((problem) => ({
      message: located(problem),
      ...(problem.remedy !== undefined && { remedy: problem.remedy }),
    })),
  };
}

const warningsIn = (problems: readonly Problem[]): readonly string[] =>
  problems.filter(({ severity }) => severity === 'warning').map(located);

/** Without the line itself, which may be secret in an environment file. */
function located({ message, place }: Problem): string {
  return place === undefined
    ? message
    : `${place.file}:${String(place.line)}:${String(place.column)}: ${message}`;
}

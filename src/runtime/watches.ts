/**
 * Watches the files of processes. One tree serves all; each process has its own machine (`core/watch/watch.ts`), which says
 * when to look at what has changed, and what is done then. The tree is made anew when a reload changes what is watched.
 */
import type { Event } from '../core/events.ts';
import type { Member } from '../core/fleet/member.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import { watchOf, type WatchPlan } from '../core/plan/process-plan.ts';
import { isAlive } from '../core/process/state.ts';
import type { SignalName } from '../core/process/signals.ts';
import { limitRemedy } from '../core/watch/limit.ts';
import { toldFiles, watchCause, type WatchCause } from '../core/watch/cause.ts';
import { awaitsChange, meantBy } from '../core/watch/choose.ts';
import type { Content } from '../core/watch/content.ts';
import { baseOf } from '../core/watch/pattern.ts';
import { isWithin, scopeAt, wants, watchRules, type WatchRules } from '../core/watch/scope.ts';
import { topsOf } from '../core/watch/tops.ts';
import {
  newWatch,
  stepWatch,
  type WatchEffect,
  type WatchEvent,
  type WatchState,
} from '../core/watch/watch.ts';
import type { Clock } from '../ports/clock.ts';
import { createTaskFirst } from './task-first.ts';
import type { Repository, TreeOrder, TreeWatcher, WatchLimit } from '../ports/tree-watcher.ts';

export interface Watches {
  /** They may have come, gone, begun a run, ended, or got another plan. */
  changed(names: readonly string[]): void;
  /** Everything is watched. */
  ready(): Promise<void>;
  close(): void;
}

export interface WatchesOptions {
  readonly clock: Clock;
  /** Absolute. */
  readonly root: string;
  /** Ours: what we write there is nobody's change. */
  readonly excluded: readonly string[];
  readonly openTree: (order: TreeOrder) => TreeWatcher;
  readonly repository: Repository;
  readonly instances: () => ReadonlyMap<string, InstanceSpec>;
  readonly memberOf: (name: string) => Member | undefined;
  /** Nothing is started any more. */
  readonly isClosing: () => boolean;
  readonly restart: (names: readonly string[], cause: WatchCause) => void;
  readonly signal: (names: readonly string[], signal: SignalName, cause: WatchCause) => void;
  /** Runs a command beside an instance. */
  readonly run: (instance: InstanceSpec, command: string, cause: WatchCause) => void;
  /** Runs a task in the name of an instance, and says whether it has succeeded. A failure has been told. */
  readonly runTask: (instance: InstanceSpec, task: string, cause: WatchCause) => Promise<boolean>;
  readonly record: (event: Event) => void;
}

type Act = readonly [Watched, Extract<WatchEffect, { type: 'act' }>];

/** A process that is watched. */
interface Watched {
  readonly process: string;
  plan: WatchPlan;
  readonly rules: WatchRules;
  readonly bases: readonly string[];
  state: WatchState;
  cancel: () => void;
}

interface Seen {
  readonly run: number;
  readonly phase: string;
}

export function createWatches(options: WatchesOptions): Watches {
  const { clock, root, repository, instances, memberOf } = options;
  const watched = new Map<string, Watched>();
  /** By name of an instance, as it was at the last look. */
  const seen = new Map<string, Seen>();
  let tree: TreeWatcher | undefined;
  let isClosed = false;
  let due: readonly Act[] = [];

  const instancesOf = (process: string): readonly InstanceSpec[] =>
    [...instances().values()].filter((instance) => instance.process === process);

  /** Takes over what the plans say. Whether that is anything new. */
  const takeOver = (): boolean => {
    const plans = new Map(
      [...instances().values()].flatMap(({ process, plan }) => {
        const own = watchOf(plan);
        return own === undefined ? [] : [[process, own] as const];
      }),
    );
    let isNew = false;
    for (const [process, one] of watched) {
      const plan = plans.get(process);
      if (plan !== undefined && JSON.stringify(plan) === JSON.stringify(one.plan)) {
        one.plan = plan;
        continue;
      }
      one.cancel();
      watched.delete(process);
      isNew = true;
    }
    for (const [process, plan] of plans) {
      if (watched.has(process)) continue;
      const rules = watchRules(plan, root, options.excluded);
      const bases = [...new Set(rules.patterns.map(baseOf))];
      const state = newWatch(clock.now());
      watched.set(process, { process, plan, rules, bases, state, cancel: () => undefined });
      isNew = true;
    }
    return isNew;
  };

  const plant = (): void => {
    tree?.close();
    tree = undefined;
    if (watched.size === 0) return;
    const all = [...watched.values()];
    const rules = all.map((one) => one.rules);
    const polled = new Map<string, number>();
    for (const { bases, plan } of all)
      for (const base of plan.pollMs === undefined ? [] : bases)
        polled.set(base, Math.min(plan.pollMs ?? Infinity, polled.get(base) ?? Infinity));
    tree = options.openTree({
      ...{ tops: topsOf(rules, root), polled },
      scopeAt: (directory) => scopeAt(rules, directory),
      onChange,
      onLimit,
    });
  };

  const onLimit = (limit: WatchLimit): void => {
    const { directories, polled } = limit;
    options.record({ type: 'watch-limited', directories, polled, remedy: limitRemedy(limit, root) });
  };

  const onChange = (before: ReadonlyMap<string, Content>): void => {
    for (const one of watched.values()) {
      const own = new Map([...before].filter(([path]) => wants(one.rules, path)));
      if (own.size > 0) step(one, { type: 'changed', before: own });
    }
  };

  const step = (one: Watched, event: WatchEvent): void => {
    const { state, effects } = stepWatch(one.state, event, one.plan, clock.now());
    one.state = state;
    for (const effect of effects) perform(one, effect);
  };

  const perform = (one: Watched, effect: WatchEffect): void => {
    switch (effect.type) {
      case 'wait':
        one.cancel();
        one.cancel = clock.after(effect.ms, () => step(one, { type: 'time' }));
        return;
      case 'look':
        void look(one, effect.look, effect.paths);
        return;
      case 'learn':
        void tree?.learn(effect.paths);
        return;
      case 'loop': {
        const names = instancesOf(one.process).map(({ name }) => name);
        options.record({ type: 'watch-loop', names, files: toldFiles(effect.files, root) });
        return;
      }
      case 'act':
        // Processes that watch the same files are restarted by one request.
        if (due.length === 0) clock.after(TOGETHER_MS, act);
        due = [...due, [one, effect]];
        return;
    }
  };

  const look = async (one: Watched, number: number, paths: readonly string[]): Promise<void> => {
    const from = tree;
    if (from === undefined) return;
    // It may be at work at the beginning only, and has written since what is still to be told.
    const wasGitBusy = repository.isBusy(one.bases);
    const { now, isMoving } = await from.look(paths);
    const ignored = one.plan.gitignore ? await repository.ignored(one.bases, paths) : NONE;
    if (isClosed || watched.get(one.process) !== one) return;
    const gone = one.bases.filter((base) => !from.isThere(base));
    const away = new Set(paths.filter((path) => gone.some((base) => isWithin(base, path))));
    const isGitBusy = wasGitBusy || repository.isBusy(one.bases);
    step(one, { type: 'looked', look: number, now, isMoving, isGitBusy, away, ignored });
  };

  const act = (): void => {
    const acts = due;
    due = [];
    if (isClosed || options.isClosing()) return;
    const tasks = new Set(acts.map(([{ plan }]) => plan.task));
    for (const task of tasks) {
      const own = acts.filter(([{ plan }]) => plan.task === task);
      if (task === undefined) carryOut(own);
      else void runFirst(task, own);
    }
  };

  const carryOut = (acts: readonly Act[]): void => {
    const restarts = new Map<string, { readonly names: string[]; readonly cause: WatchCause }>();
    for (const [{ process, plan }, { files, isUnsettled }] of acts) {
      const { action } = plan;
      const meant = instancesOf(process).filter(({ name }) => meantBy(action, memberOf(name)));
      if (meant.length === 0) continue;
      const names = meant.map(({ name }) => name);
      const cause = watchCause(files, root, isUnsettled);
      if (action.kind === 'signal') options.signal(names, action.signal, cause);
      else if (action.kind === 'command') {
        // Once for all instances: it is about the files.
        const [first] = meant;
        if (first !== undefined) options.run(first, action.command, cause);
      } else {
        const key = files.join('\0');
        const same = restarts.get(key);
        if (same === undefined) restarts.set(key, { names, cause });
        else same.names.push(...names);
      }
    }
    for (const { names, cause } of restarts.values()) options.restart(names, cause);
  };

  const runFirst = createTaskFirst<Act>({
    ...{ carryOut, merged: mergedActs },
    isOver: () => isClosed || options.isClosing(),
    run(task, acts) {
      const [first] = acts.flatMap(([{ process, plan }]) =>
        instancesOf(process).filter(({ name }) => meantBy(plan.action, memberOf(name))),
      );
      const files = [...new Set(acts.flatMap(([, effect]) => effect.files))];
      return first && options.runTask(first, task, watchCause(files, root, false));
    },
  });

  const lookAt = (name: string): void => {
    const instance = instances().get(name);
    const member = memberOf(name);
    const before = seen.get(name);
    if (instance === undefined || member === undefined) return void seen.delete(name);
    // Of a rolling restart the run that is to come.
    const run = Math.max(member.process.run, member.process.besideRun);
    const { phase } = member.process;
    seen.set(name, { run, phase: phase.name });
    const one = watched.get(instance.process);
    if (one === undefined || before === undefined) return;
    if (run !== before.run && isAlone(instance)) step(one, { type: 'began' });
    if (phase.name !== before.phase && awaitsChange(one.plan.action, member) && !options.isClosing())
      options.record({ type: 'awaits-change', name });
  };

  /** No other instance of its process lives. */
  const isAlone = ({ name, process }: InstanceSpec): boolean =>
    !instancesOf(process).some((other) => {
      const phase = other.name === name ? undefined : memberOf(other.name)?.process.phase;
      return phase !== undefined && isAlive(phase);
    });

  takeOver();
  for (const name of instances().keys()) lookAt(name);
  plant();
  return {
    changed(names) {
      if (isClosed) return;
      if (names.some((name) => isOther(instances().get(name), watched)) && takeOver()) plant();
      for (const name of names) lookAt(name);
    },
    ready: () => tree?.ready ?? Promise.resolve(),
    close() {
      isClosed = true;
      for (const one of watched.values()) one.cancel();
      tree?.close();
    },
  };
}

/** Looks that began together end together, or nearly so. */
const TOGETHER_MS = 5;

const NONE: ReadonlySet<string> = new Set();

/** Each process once, with the files of all its changes. */
function mergedActs(acts: readonly Act[]): readonly Act[] {
  const merged = new Map<Watched, Act[1]>();
  for (const [one, effect] of acts) {
    const files = [...new Set([...(merged.get(one)?.files ?? []), ...effect.files])].sort();
    merged.set(one, { ...effect, files });
  }
  return [...merged];
}

/** Its plan is not the one that is known. */
function isOther(instance: InstanceSpec | undefined, watched: ReadonlyMap<string, Watched>): boolean {
  if (instance === undefined) return true;
  const plan = watchOf(instance.plan);
  return plan !== watched.get(instance.process)?.plan;
}

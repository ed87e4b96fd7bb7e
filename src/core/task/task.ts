/** A task: a command that is run once, from `tasks` of procsup.yaml or a script of a package.json. */
import type { CapUse } from '../plan/process-plan.ts';
import type { Place } from '../problem.ts';

export interface Task {
  /** `build`, `npm:build` (a script of the package in the root), `web#build` (one of a workspace). Unique. */
  readonly name: string;
  readonly place: Place;
  readonly description?: string;
  /** What `/bin/sh -c` gets. Without it the task stands for what it depends on. */
  readonly command?: string;
  /** Absolute. Globs are relative to it. */
  readonly workingDir: string;
  /** Variables for this task only; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Those of its own environment files, which `environment` overrides. They may be secret. */
  readonly fileVariables?: Readonly<Record<string, string>>;
  readonly needs: readonly TaskNeed[];
  /** Files that its result depends on: globs, of which `!glob` takes back. Undefined: not declared. */
  readonly inputs?: readonly string[];
  /** Files that it makes, in the same words. An empty list: its only result is that it succeeded. */
  readonly outputs?: readonly string[];
  /** Variables whose values its result depends on, by name or pattern (`VITE_*`). */
  readonly env: readonly string[];
  /** Commands whose output its result depends on, such as `node --version`. */
  readonly tools: readonly string[];
  readonly cache: CachePlan;
  /** Of one attempt; its status is 124 then. */
  readonly timeoutMs?: number;
  /** How often it is tried again when it fails. */
  readonly retries: number;
  readonly uses: readonly CapUse[];
  /** A named lock that it holds while it runs. */
  readonly lock?: string;
  /** It is given what follows `--`. */
  readonly takesArguments: boolean;
  /** It has the terminal for itself, and no other task prints meanwhile. */
  readonly interactive: boolean;
  /** Said for every package (`*#build`): what it names need not be in each of them. */
  readonly isOfEvery?: boolean;
  /** Where each key was said, by its name in procsup.yaml. */
  readonly saidAt?: Readonly<Record<string, Place>>;
}

/** `succeeded` of a task; of a process also one that is started, or ready. */
export type TaskNeed =
  | { readonly kind: 'task'; readonly name: string; readonly place: Place }
  | {
      readonly kind: 'process';
      readonly name: string;
      readonly until: 'started' | 'ready' | 'succeeded';
      readonly place: Place;
    };

/** How far it must be. */
export const untilOf = (need: TaskNeed): 'started' | 'ready' | 'succeeded' =>
  need.kind === 'task' ? 'succeeded' : need.until;

/** Its directory as users write it: below the root, relative to that. */
export const directoryIn = (root: string, { workingDir }: Pick<Task, 'workingDir'>): string =>
  workingDir.startsWith(`${root}/`) ? workingDir.slice(root.length + 1) : workingDir;

export interface CachePlan {
  readonly enabled: boolean;
  /** An older result is not used. */
  readonly maxAgeMs?: number;
}

/** Why no result of it can stand for a run; undefined: it can. */
export function whyNotCacheable({ cache, inputs, outputs, interactive }: Task): string | undefined {
  if (!cache.enabled) return 'its cache is off';
  if (interactive) return 'it is interactive';
  if (inputs === undefined) return 'it declares no inputs';
  return outputs === undefined ? 'it declares no outputs' : undefined;
}

/** Only what says what it makes, and from what. */
export const isCacheable = (task: Task): boolean => whyNotCacheable(task) === undefined;

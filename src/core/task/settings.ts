/** A task as procsup.yaml says it: what it stands on, and which script it means, is found out by `resolve.ts`. */
import type { CapUse } from '../plan/process-plan.ts';
import type { EnvFileName } from '../plan/process-settings.ts';
import type { Place } from '../problem.ts';
import type { CachePlan } from './task.ts';

export interface TaskSettings {
  /** `build`, `web#build`, or `*#build` for every package of the workspace. */
  readonly name: string;
  readonly place: Place;
  readonly description?: string;
  /** The user's own words; `npm:NAME` is a script. */
  readonly command?: string;
  /** What `/bin/sh -c` gets instead, where the command was written as words. */
  readonly script?: string;
  /** As written; absolute when the file has been read. */
  readonly workingDir?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly envFiles?: readonly EnvFileName[];
  readonly fileVariables?: Readonly<Record<string, string>>;
  readonly needs?: readonly WrittenNeed[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly env?: readonly string[];
  readonly tools?: readonly string[];
  readonly cache?: CachePlan;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly uses?: readonly CapUse[];
  readonly lock?: string;
  readonly takesArguments?: boolean;
  readonly interactive?: boolean;
  /** Said for every package. */
  readonly isOfEvery?: boolean;
  /** Where each key was said, by its name in procsup.yaml. */
  readonly saidAt?: Readonly<Record<string, Place>>;
}

/** `name` may be a pattern, and `^build` means that task of all packages that its own one depends on. */
export interface WrittenNeed {
  readonly name: string;
  readonly until?: 'started' | 'ready' | 'succeeded';
  readonly place: Place;
}

/** A package.json of the project: the one in its root, or that of a package of its workspace. */
export interface ScriptPackage {
  /** Empty: it has none. */
  readonly name: string;
  readonly version: string;
  readonly isRoot: boolean;
  /** Absolute. */
  readonly directory: string;
  readonly file: string;
  readonly scripts: ReadonlyMap<string, { readonly command: string; readonly place: Place }>;
  /** Names of packages that it names as dependencies of any kind. */
  readonly dependencies: ReadonlySet<string>;
}

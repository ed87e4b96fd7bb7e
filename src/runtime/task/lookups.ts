/** Asks the cache about tasks: the key of each is made of the keys of those that it needs. */
import type { TaskGraph } from '../../core/task/graph.ts';
import { taskEnvironment } from '../../core/task/task-script.ts';
import { isCacheable } from '../../core/task/task.ts';
import type {
  Claim,
  Fingerprint,
  FingerprintContext,
  MissReason,
  TaskCache,
} from '../../ports/task-cache.ts';

export interface LookupsOptions {
  readonly graph: TaskGraph;
  /** Undefined: nothing is kept. */
  readonly cache: TaskCache | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly argsOf: (task: number) => readonly string[];
  readonly force: boolean;
  /** Reasons are told. */
  readonly explains: boolean;
  /** By name, also of an earlier run. */
  readonly keys?: Map<string, string> | undefined;
}

export interface Looked {
  readonly claim: Claim;
  readonly reason: MissReason | undefined;
  /** Globs of its inputs that match no file. */
  readonly unmatched: readonly string[];
}

export interface Lookups {
  readonly looks: (task: number) => boolean;
  fingerprint(task: number, signal?: AbortSignal): Promise<Fingerprint>;
  /** Undefined: it was aborted, and what was claimed is given back. Rejects with the reason that the cache cannot be asked. */
  claim(
    task: number,
    isAgain: boolean,
    signal: AbortSignal,
    onWait: (pid: number) => void,
  ): Promise<Looked | undefined>;
}

export function createLookups(options: LookupsOptions): Lookups {
  const { graph, cache, environment, argsOf, force, explains, keys = new Map<string, string>() } = options;

  /** A task without a command stands for what it needs. */
  const addKeys = (task: number, into: Map<string, string | null>): void => {
    const left = [...(graph[task]?.needs ?? [])];
    const seen = new Set(left);
    for (let need = left.pop(); need !== undefined; need = left.pop()) {
      const node = graph[need];
      if (node === undefined) continue;
      if (node.task.command !== undefined) {
        into.set(node.task.name, keys.get(node.task.name) ?? null);
        continue;
      }
      for (const further of node.needs) {
        if (!seen.has(further)) left.push(further);
        seen.add(further);
      }
    }
  };

  const asked = (): TaskCache => {
    if (cache === undefined) throw new Error('there is no cache');
    return cache;
  };

  const fingerprint: Lookups['fingerprint'] = async (index, signal) => {
    const task = graph[index]?.task;
    if (task === undefined) throw new Error(`no task ${String(index)}`);
    const dependencies = new Map<string, string | null>();
    addKeys(index, dependencies);
    const context: FingerprintContext = {
      ...{ args: argsOf(index), environment: taskEnvironment(task, environment), dependencies },
      ...(signal && { signal }),
    };
    const found = await asked().fingerprint(task, context);
    // What stands on a result that is not kept cannot be told from what stood on another one.
    if (found.notKept === undefined) keys.set(task.name, found.key);
    else keys.delete(task.name);
    return found;
  };

  return {
    looks(index) {
      const task = graph[index]?.task;
      return cache !== undefined && task?.command !== undefined && isCacheable(task);
    },
    fingerprint,
    async claim(index, isAgain, signal, onWait) {
      const task = graph[index]?.task;
      if (task === undefined) return undefined;
      const found = await fingerprint(index, signal);
      if (signal.aborted) return undefined;
      const reason = explains ? await asked().explain(task, found) : undefined;
      const claim = await asked().claim(task, found, { force: force || isAgain, signal, onWait });
      if (!isAborted(signal)) return { claim, reason, unmatched: found.unmatched ?? [] };
      if (claim.type === 'run') await claim.recording.drop(null);
      return undefined;
    },
  };
}

/** It may be by now, which the compiler does not see. */
const isAborted = ({ aborted }: AbortSignal): boolean => aborted;

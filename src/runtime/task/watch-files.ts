/** Tells which files have changed, when it is quiet again: one tree and one machine for all tasks that are watched. */
import { toldFiles } from '../../core/watch/cause.ts';
import { limitRemedy } from '../../core/watch/limit.ts';
import { baseOf } from '../../core/watch/pattern.ts';
import { isWithin, scopeAt, wants, type WatchRules } from '../../core/watch/scope.ts';
import { topsOf } from '../../core/watch/tops.ts';
import { newWatch, stepWatch, type WatchEvent } from '../../core/watch/watch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Repository, TreeOrder, TreeWatcher } from '../../ports/tree-watcher.ts';

export interface FilesWatchOptions {
  readonly rules: readonly WatchRules[];
  /** Absolute. */
  readonly root: string;
  readonly debounceMs: number;
  readonly clock: Clock;
  readonly openTree: (order: TreeOrder) => TreeWatcher;
  readonly repository: Repository;
  readonly changed: (files: readonly string[]) => void;
  readonly warn: (text: string) => void;
}

export interface FilesWatch {
  /** Everything is watched. */
  readonly ready: Promise<void>;
  /** Returns what has changed and was not told yet. */
  close(): readonly string[];
}

export function watchFiles(options: FilesWatchOptions): FilesWatch {
  const { rules, root, debounceMs, clock, repository, changed, warn } = options;
  const bases = [...new Set(rules.flatMap(({ patterns }) => patterns.map(baseOf)))];
  let state = newWatch(clock.now());
  let cancel = (): void => undefined;
  let isClosed = false;

  const step = (event: WatchEvent): void => {
    if (isClosed) return;
    const next = stepWatch(state, event, { debounceMs }, clock.now());
    state = next.state;
    for (const effect of next.effects) {
      if (effect.type === 'wait') {
        cancel();
        cancel = clock.after(effect.ms, () => step({ type: 'time' }));
      } else if (effect.type === 'look') void look(effect.look, effect.paths);
      else if (effect.type === 'learn') void tree.learn(effect.paths);
      else if (effect.type === 'act') changed(effect.files);
      else warn(`ignoring ${toldFiles(effect.files, root).join(', ')}: a task seems to write it in each run`);
    }
  };

  const look = async (number: number, paths: readonly string[]): Promise<void> => {
    const { now, isMoving } = await tree.look(paths);
    const gone = bases.filter((base) => !tree.isThere(base));
    const away = new Set(paths.filter((path) => gone.some((base) => isWithin(base, path))));
    const isGitBusy = repository.isBusy(bases);
    step({ type: 'looked', look: number, now, isMoving, isGitBusy, away, ignored: new Set() });
  };

  const tree = options.openTree({
    ...{ tops: topsOf(rules, root), polled: new Map() },
    scopeAt: (directory) => scopeAt(rules, directory),
    onChange(before) {
      const own = new Map([...before].filter(([path]) => rules.some((one) => wants(one, path))));
      if (own.size > 0) step({ type: 'changed', before: own });
    },
    onLimit: (limit) => warn(`cannot watch all directories: ${limitRemedy(limit, root)}`),
  });

  return {
    ready: tree.ready,
    close() {
      isClosed = true;
      cancel();
      tree.close();
      return [...state.pending.keys()];
    },
  };
}

// Ways to watch a directory with all that is in it. `onChange` gets the paths that are told.
import { watch } from 'node:fs';
import { join } from 'node:path';

/** @returns {Promise<{ known?: Promise<void>, close(): void }>} ready to tell changes */
export async function open(way, directory, module, onChange) {
  switch (way) {
    case 'procsup': {
      const { createTree, scopeAt, systemClock, topsOf, watchRules } = module;
      const rules = [watchRules({ paths: ['.'], ignore: [] }, directory)];
      const order = {
        ...{ tops: topsOf(rules, directory), polled: new Map(), onLimit: (limit) => console.error(limit) },
        scopeAt: (path) => scopeAt(rules, path),
        onChange: (before) => onChange([...before.keys()]),
      };
      const tree = createTree(order, { clock: systemClock });
      await tree.ready;
      return tree;
    }
    case 'chokidar': {
      const watcher = module.watch(directory, { ignoreInitial: true });
      watcher.on('all', (_event, path) => onChange([path]));
      await new Promise((resolve) => watcher.once('ready', resolve));
      return watcher;
    }
    case 'fs.watch': {
      const options = { recursive: true };
      const watcher = watch(directory, options, (_type, name) => name && onChange([join(directory, name)]));
      return watcher;
    }
    case '@parcel/watcher': {
      const subscription = await module.subscribe(directory, (error, events) => {
        if (error === null) onChange(events.map(({ path }) => path));
      });
      return { close: () => void subscription.unsubscribe() };
    }
    default:
      throw new Error(`no way to watch: ${way}`);
  }
}

// Watches a directory in one way and says as JSON what that has cost: `ready.mjs WAY DIRECTORY [MODULE]`. For ours the
// second line comes when the content of all files is known, which the others do not look at.
import { pathToFileURL } from 'node:url';
import { open } from './ways.mjs';

const [way = '', directory = '', module = ''] = process.argv.slice(2);
const loaded = module === '' ? undefined : await import(pathToFileURL(module).href);
const before = { cpu: process.cpuUsage(), memory: process.memoryUsage.rss(), ms: performance.now() };
const say = () => {
  const { user, system } = process.cpuUsage(before.cpu);
  console.log(
    JSON.stringify({
      cpuMs: (user + system) / 1000,
      memory: process.memoryUsage.rss() - before.memory,
      ms: performance.now() - before.ms,
    }),
  );
};
const watcher = await open(way, directory, loaded, () => undefined);
say();
if (watcher.known !== undefined) {
  await watcher.known;
  say();
}
watcher.close();
process.exit(0);

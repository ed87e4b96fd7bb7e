// Memory that many tasks take over that of the pool with nothing to do, in MB: node memory.mjs imap|map COUNT
import { fileURLToPath } from 'node:url';
import { createPool } from '../../dist/index.js';

const [how, count] = [process.argv[2], Number(process.argv[3])];
const file = fileURLToPath(new URL('functions.mjs', import.meta.url));
const pool = createPool({ module: { file, export: 'noop' }, size: 2 });
await pool.map([1, 2, 3, 4]);
const empty = process.memoryUsage.rss();

function* values() {
  for (let at = 0; at < count; at += 1) yield at;
}
if (how === 'map') await pool.map(values(), { chunk: 100 });
else for await (const _ of pool.imap(values(), { inFlight: 64 }));

// The kernel's own peak: kilobytes.
console.log((process.resourceUsage().maxRSS * 1024 - empty) / 1e6);
await pool.close();

// No-op tasks per second: our pool, piscina and Python's, one after the other in each round. Trust the ratios.
//
//   node bench/pool/compare.mjs PATH_OF_PISCINA [ROUNDS]
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createPool } from '../../dist/index.js';

const [path, rounds = '3'] = process.argv.slice(2);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { Piscina } = createRequire(import.meta.url)(path);
const file = here('functions.mjs');

const ours = createPool({ module: { file, export: 'noop' }, size: 2 });
const piscina = new Piscina({ filename: file, minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 8 });

async function rate(count, deed) {
  const start = performance.now();
  await deed();
  return (count / (performance.now() - start)) * 1000;
}
const python = (chunk, count) =>
  Number(execFileSync('python3', [here('noop.py'), chunk, count], { encoding: 'utf8' }));
const values = (count) => Array.from({ length: count }, (_, at) => at);

await ours.map(values(1000));
const results = { 'procsup 1': [], 'piscina 1': [], 'python 1': [], 'procsup 100': [], 'python 100': [] };
for (let round = 0; round < Number(rounds); round += 1) {
  results['procsup 1'].push(await rate(40_000, () => ours.map(values(40_000))));
  results['piscina 1'].push(
    await rate(40_000, () => Promise.all(values(40_000).map((value) => piscina.run(value)))),
  );
  results['python 1'].push(python(1, 40_000));
  results['procsup 100'].push(await rate(1e6, () => ours.map(values(1e6), { chunk: 100 })));
  results['python 100'].push(python(100, 1_000_000));
}
await ours.close();
await piscina.destroy();
const median = (all) => all.sort((a, b) => a - b)[all.length >> 1];
for (const [name, all] of Object.entries(results))
  console.log(name.padEnd(12), Math.round(median(all)), 'tasks/s');
const ratio = (a, b) => (median(results[a]) / median(results[b])).toFixed(2);
console.log(
  `chunk 1: ${ratio('procsup 1', 'piscina 1')} x piscina, ${ratio('procsup 1', 'python 1')} x Python`,
);
console.log(`chunk 100: ${ratio('procsup 100', 'python 100')} x Python`);

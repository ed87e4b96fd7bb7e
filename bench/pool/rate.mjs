// No-op tasks per second of a pool with two workers: node rate.mjs procsup|PATH_OF_PISCINA CHUNK COUNT
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createPool } from '../../dist/index.js';

const [which, chunk, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const file = fileURLToPath(new URL('functions.mjs', import.meta.url));
const values = (/** @type {number} */ many) => Array.from({ length: many }, (_, at) => at);

function ours() {
  const pool = createPool({ module: { file, export: 'noop' }, size: 2 });
  return { map: (values) => pool.map(values, { chunk }), end: () => pool.close() };
}

function piscina() {
  const { Piscina } = createRequire(import.meta.url)(which);
  const pool = new Piscina({ filename: file, minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 8 });
  return {
    map: (values) => Promise.all(values.map((value) => pool.run(value))),
    end: () => pool.destroy(),
  };
}

const pool = which === 'procsup' ? ours() : piscina();
// Until the workers run, and V8 has compiled.
await pool.map(values(Math.ceil(count / 4)));
const all = values(count);
const start = performance.now();
await pool.map(all);
console.log((count / (performance.now() - start)) * 1000);
await pool.end();

// No-op tasks per second of a pool with two workers: node rate.mjs procsup|PATH_OF_PISCINA CHUNK COUNT
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createPool } from '../../dist/index.js';

const [which, chunk, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const file = fileURLToPath(new URL('functions.mjs', import.meta.url));
const values = (many) => Array.from({ length: many }, (_, at) => at);

function ours() {
  const pool = createPool({ module: { file, export: 'noop' }, size: 2 });
  return { map: (many) => pool.map(values(many), { chunk }), end: () => pool.close() };
}

function piscina() {
  const { Piscina } = createRequire(import.meta.url)(which);
  const pool = new Piscina({ filename: file, minThreads: 2, maxThreads: 2, concurrentTasksPerWorker: 8 });
  return {
    map: (many) => Promise.all(values(many).map((value) => pool.run(value))),
    end: () => pool.destroy(),
  };
}

const pool = which === 'procsup' ? ours() : piscina();
// Until the workers run, and V8 has compiled.
await pool.map(Math.ceil(count / 4));
const start = performance.now();
await pool.map(count);
console.log((count / (performance.now() - start)) * 1000);
await pool.end();

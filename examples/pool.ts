// Long-lived workers that call a function again and again.
import { createPool } from 'procsup';

const file = new URL('./count-primes.ts', import.meta.url);
const pool = createPool<number, number>({ module: { file, export: 'countPrimes' }, size: 2 });
try {
  console.log(await pool.map([10, 100, 1000]));
  for await (const count of pool.imap([20, 200])) console.log(count);
} finally {
  await pool.close();
}

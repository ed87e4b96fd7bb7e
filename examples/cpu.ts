// Work that needs the CPU takes half the time in two processes, where there are two cores.
import { Process } from 'procsup';

const below = Number(process.argv[2] ?? 60_000);
const file = new URL('./count-primes.ts', import.meta.url);

async function seconds(processes: number): Promise<number> {
  const start = performance.now();
  const work = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      const child = new Process<number>({ module: { file, export: 'countPrimes' }, args: [below] });
      await child.start();
      console.log(`${await child.result()} primes below ${below}`);
    }
  };
  await Promise.all(Array.from({ length: processes }, () => work(2 / processes)));
  return (performance.now() - start) / 1000;
}

const one = await seconds(1);
const two = await seconds(2);
console.log(`one process at a time: ${one.toFixed(2)} s`);
console.log(`two processes: ${two.toFixed(2)} s`);
console.log(`ratio: ${(two / one).toFixed(2)}`);

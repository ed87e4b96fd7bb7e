// Called by cpu.ts and pool.ts in processes of their own.
export function countPrimes(below: number): number {
  let count = 0;
  for (let candidate = 2; candidate < below; candidate += 1) {
    let isPrime = true;
    for (let by = 2; by * by <= candidate; by += 1) if (candidate % by === 0) isPrime = false;
    if (isPrime) count += 1;
  }
  return count;
}

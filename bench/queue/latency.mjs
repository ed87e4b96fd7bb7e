// Medians of single requests in ms, one after the other: node latency.mjs SOCKET queue|lock COUNT. For a queue, as JSON: until
// the put is answered, until its message is here, and until that is acknowledged.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { locks, openQueue } from '../../dist/index.js';

const [socket, what, countText, role] = process.argv.slice(2);
const count = Number(countText);
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (what === 'queue') {
  const queue = await openQueue('round', { socket });
  const took = { put: [], trip: [], done: [] };
  for (let at = 0; at < count; at += 1) {
    const begun = performance.now();
    await queue.put('x');
    took.put.push(performance.now() - begun);
    const [message] = await queue.get();
    took.trip.push(performance.now() - begun);
    await message.ack();
    took.done.push(performance.now() - begun);
  }
  console.log(JSON.stringify({ put: median(took.put), trip: median(took.trip), done: median(took.done) }));
  queue.close();
} else {
  // Two processes take turns: half of each one's wait for the lock is the other's turn.
  const other =
    role === 'other' ? undefined : fork(fileURLToPath(import.meta.url), [socket, what, countText, 'other']);
  let begun = 0;
  for (let at = 0; at < count; at += 1) {
    await locks.request('turns', { socket }, () => undefined);
    if (at === 0) begun = performance.now();
  }
  if (other) {
    console.log((performance.now() - begun) / (2 * count));
    if (other.exitCode === null) await once(other, 'exit');
  }
}

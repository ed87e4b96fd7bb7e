// A queue with few and with a million messages: node waiting.mjs SOCKET QUEUE PID COUNT. Prints JSON.
import { readFileSync } from 'node:fs';
import { openQueue } from '../../dist/index.js';

const BATCH = 500;
const SINGLE = 300;
const [socket, name, pid, countText] = process.argv.slice(2);
const count = Number(countText);
const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1e3;
const queue = await openQueue(name, { socket });
const batch = Array.from({ length: BATCH }, (_, at) => `message number ${at}`);

/** Puts per second, one after the other. */
async function rate() {
  const begun = performance.now();
  for (let at = 0; at < SINGLE; at += 1) await queue.put('x');
  return (SINGLE / (performance.now() - begun)) * 1000;
}

await queue.put('x');
await rate();
const empty = megabytes();
const few = await rate();
for (let put = 0; put < count; put += BATCH) await queue.put(batch);
const many = await rate();
console.log(JSON.stringify({ empty, full: megabytes(), few, many }));
queue.close();

// Messages per second from one process to another: node rate.mjs SOCKET QUEUE COUNT. Batches of 64.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openQueue } from '../../dist/index.js';

const BATCH = 64;
const IN_FLIGHT = 8;
const [socket, name, countText, role] = process.argv.slice(2);
const count = Math.ceil(Number(countText) / BATCH) * BATCH;

if (role === 'produce') {
  const queue = await openQueue(name, { socket });
  const batch = Array.from({ length: BATCH }, (_, at) => `message number ${at}`);
  const sent = [];
  for (let put = 0; put < count; put += BATCH) {
    sent.push(queue.put(batch));
    if (sent.length >= IN_FLIGHT) await sent.shift();
  }
  await Promise.all(sent);
  queue.close();
} else {
  const queue = await openQueue(name, { socket });
  const [empty] = await queue.get();
  if (empty) throw new Error('the queue is not empty');
  const producer = fork(fileURLToPath(import.meta.url), [socket, name, String(count), 'produce']);
  let begun = 0;
  let got = 0;
  const ended = [];
  for await (const message of queue.messages({ count: BATCH })) {
    begun ||= performance.now();
    ended.push(message.ack());
    if (ended.length > 16 * BATCH) await ended.shift();
    if ((got += 1) === count) break;
  }
  await Promise.all(ended);
  console.log((count / (performance.now() - begun)) * 1000);
  if (producer.exitCode === null) await once(producer, 'exit');
  queue.close();
}

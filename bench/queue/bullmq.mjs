// What BullMQ takes: messages per second from one process to another, or single requests in ms as JSON:
// node bullmq.mjs PORT rate|trip COUNT. Batches of 64 by addBulk, eight of them under way; a worker with 64 jobs at once
// that have nothing to do. A finished job is removed, as an acknowledged message is.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';

const BATCH = 64;
const IN_FLIGHT = 8;
const NAME = 'bench';
const TOKEN = 'bench';
const [port, what, countText, role] = process.argv.slice(2);
const count = Math.ceil(Number(countText) / BATCH) * BATCH;
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const opts = { removeOnComplete: true };
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (role === 'produce') {
  const queue = new Queue(NAME, { connection });
  const batch = Array.from({ length: BATCH }, (_, at) => ({ name: 'm', data: `message number ${at}`, opts }));
  const sent = [];
  for (let put = 0; put < count; put += BATCH) {
    sent.push(queue.addBulk(batch));
    if (sent.length >= IN_FLIGHT) await sent.shift();
  }
  await Promise.all(sent);
  await queue.close();
} else if (what === 'rate') {
  let begun = 0;
  let done = 0;
  const worker = new Worker(NAME, async () => void (begun ||= performance.now()), {
    connection,
    concurrency: BATCH,
  });
  await worker.waitUntilReady();
  const over = new Promise((resolve, reject) => {
    worker.on('completed', () => (done += 1) === count && resolve(performance.now()));
    worker.on('failed', (_, error) => reject(error));
    worker.on('error', reject);
  });
  const producer = fork(fileURLToPath(import.meta.url), [port, what, String(count), 'produce']);
  console.log((count / ((await over) - begun)) * 1000);
  if (producer.exitCode === null) await once(producer, 'exit');
  await worker.close();
} else {
  const queue = new Queue(NAME, { connection });
  const worker = new Worker(NAME, null, { connection });
  const took = { put: [], trip: [], done: [] };
  for (let at = 0; at < count; at += 1) {
    const begun = performance.now();
    await queue.add('m', 'x', opts);
    took.put.push(performance.now() - begun);
    const job = await worker.getNextJob(TOKEN);
    took.trip.push(performance.now() - begun);
    await job.moveToCompleted('', TOKEN, false);
    took.done.push(performance.now() - begun);
  }
  console.log(JSON.stringify({ put: median(took.put), trip: median(took.trip), done: median(took.done) }));
  await worker.close();
  await queue.close();
}

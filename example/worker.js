// Takes one order after another from the web server, and waits for new ones.
import { setTimeout as pause } from 'node:timers/promises';

const web = `http://127.0.0.1:${process.env.PROCSUP_WEB_PORT}`;
const WORK_MS = 1500;

for (;;) {
  const order = await take();
  if (order) console.log(`making ${order}`);
  await pause(WORK_MS);
  if (order) console.log(`${order} is done`);
}

async function take() {
  try {
    return await (await fetch(`${web}/orders/take`, { method: 'POST' })).text();
  } catch {
    console.log('the web server is not running yet');
    return '';
  }
}

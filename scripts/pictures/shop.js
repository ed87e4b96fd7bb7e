// A process with something to do, for the picture of `top`: shop.js web, worker or search.
import { createServer } from 'node:http';
import { setInterval } from 'node:timers/promises';

/** What share of a core it uses at most, how long a wave takes, and how many MB it holds at most. */
const WORK = { web: [0.8, 9, 40], worker: [0.5, 14, 90], search: [0.3, 23, 160] };
const SAYS = {
  web: (turn) =>
    `GET /products/${(turn * 37) % 90} ${turn % 7 ? '\x1b[32m200\x1b[0m' : '\x1b[33m304\x1b[0m'} in ${3 + ((turn * 5) % 11)} ms`,
  worker: (turn) => `order ${1200 + turn} is packed`,
  search: (turn) => `indexed ${turn * 40} products`,
};
const STEP_MS = 100;
const STEPS_PER_LINE = 7;

const [kind] = process.argv.slice(2);
const [share, seconds, megabytes] = WORK[kind];
if (kind === 'web') createServer().listen(Number(process.env.PORT), '127.0.0.1');
const shift = Number(process.env.PROCSUP_INSTANCE) * 4;
let held = [];
let step = 0;
for await (const _ of setInterval(STEP_MS)) {
  step += 1;
  const wave = (1 - Math.cos((2 * Math.PI * (shift + (step * STEP_MS) / 1000)) / seconds)) / 2;
  for (const end = performance.now() + STEP_MS * share * wave; performance.now() < end;);
  const blocks = Math.round(megabytes * wave);
  held = Array.from({ length: blocks }, (_, i) => held[i] ?? Buffer.alloc(1e6, 1));
  if (step % STEPS_PER_LINE === 0) console.log(SAYS[kind](step / STEPS_PER_LINE));
}

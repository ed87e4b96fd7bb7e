// writer.c for machines without a C compiler: the same arguments, marks and lines. Its own start takes the time
// of a Node start, and it cannot see whether the runner has read all it wrote.
import { appendFileSync, openSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const LINE = 80;
const LINES = 4096;
const LIFE_MS = 180_000;

const [dir = '', mode, number = '0', ...rest] = process.argv.slice(2);
const [first = 0, seconds = 0, most = 0] = rest.map(Number);
const now = () => process.hrtime.bigint();

const mark = (kind, at, lines = 0) =>
  appendFileSync(join(dir, 'marks'), `${kind} ${number} ${process.pid} ${at} ${lines}\n`);

function waitForGate() {
  mark('ready', now());
  openSync(join(dir, 'gate'), 'r');
}

const nap = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function writeAll(bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.errno !== -constants.errno.EAGAIN) process.exit(4);
      nap(1);
    }
  }
}

const lineOf = (letter, digits, count) =>
  `@${letter}${number.padStart(3, '0')}:${String(count).padStart(digits, '0')}:`.padEnd(LINE - 1, 'x') + '\n';

function flood(block) {
  waitForGate();
  const deadline = now() + BigInt(Math.round(seconds * 1e9));
  const step = Math.max(block, LINE * 16);
  let lines = Buffer.alloc(0);
  let written = 0;
  for (let sequence = 0, at = 0; written < most && now() < deadline;) {
    if (at >= lines.length) {
      lines = Buffer.from(Array.from({ length: LINES }, () => lineOf('L', 10, sequence++)).join(''));
      at = 0;
    }
    for (const end = at + step; at < end; at += block, written += block)
      writeAll(lines.subarray(at, at + block));
  }
  if (written % LINE) {
    const at = written % lines.length;
    const end = Math.ceil(written / LINE) * LINE;
    writeAll(lines.subarray(at, at + end - written));
    written = end;
  }
  mark('done', now(), written / LINE);
}

function pour(block) {
  const bytes = Buffer.alloc(131_072);
  const deadline = now() + BigInt(Math.round(seconds * 1e9));
  let written = 0;
  mark('start', now());
  for (; now() < deadline; written += bytes.length)
    for (let step = 0; step < bytes.length; step += block) writeAll(bytes.subarray(0, block));
  mark('done', now(), written);
  process.exit(0);
}

function tick(every) {
  waitForGate();
  let before = now();
  let due = before;
  const next = () => {
    writeAll(Buffer.from(lineOf('T', 20, before > due ? due : now())));
    before = now();
    due += BigInt(every * 1e6);
    setTimeout(next, Math.max(0, Number(due - before) / 1e6));
  };
  next();
}

setTimeout(() => process.exit(5), LIFE_MS);
if (mode === 'flood') flood(first);
if (mode === 'tick') tick(first);
if (mode === 'pour') pour(first);
if (mode === 'idle' || mode === 'once' || mode === 'die') mark('start', now());
if (mode === 'once') process.exit(0);
if (mode === 'die') {
  nap(first);
  mark('death', now());
  process.exit(1);
}

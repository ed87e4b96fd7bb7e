#!/bin/sh
# What process pools of npm do after one of their worker processes was killed (SIGKILL, as the OOM killer sends it).
#
# Guessed before: the task of the dead worker is rejected, another process takes its place, and every other task runs.
#
# Seen with Node 20, one worker process. Task `a` runs in the worker that is killed, `b` waits in the queue at that moment
# (or there is no `b`), the others are given to the pool 3 seconds later. "pending" has not settled 5 seconds after that.
#
#   tinypool 2.2.0 (child_process)   as guessed
#   workerpool 10.0.3 (process)      as guessed
#   jest-worker 30.5.1 (processes)   as guessed if nothing waits in the queue; else `b` and every later task stay pending,
#                                    without an error or an event: the pool is stuck
#
# For a pool of ours: what waits has to be handed out after the successor is there, and never to the process that has just
# died; tests give tasks before and after the kill.
set -eu
command -v npm >/dev/null || { echo 'skipped: npm is missing'; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' >package.json
npm i --silent --no-fund --no-audit --save-exact workerpool@10.0.3 jest-worker@30.5.1 tinypool@2.2.0

cat >work.js <<'JS'
const { appendFileSync } = require('node:fs');
exports.work = async (ms) => {
  appendFileSync('begun', `${process.pid}\n`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return 'done';
};
JS
echo "require('workerpool').worker(require('./work.js'));" >workerpool.js
echo "import { work } from './work.js'; export default work;" >tinypool.mjs

cat >try.js <<'JS'
const { existsSync, readFileSync } = require('node:fs');
const [name, isQueued] = [process.argv[2], process.argv[3] === 'queued'];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function open() {
  if (name === 'workerpool') {
    const pool = require('workerpool').pool('./workerpool.js', { workerType: 'process', maxWorkers: 1 });
    return (ms) => pool.exec('work', [ms]);
  }
  if (name === 'jest-worker') {
    const { Worker } = require('jest-worker');
    const pool = new Worker(require.resolve('./work.js'), { numWorkers: 1, exposedMethods: ['work'] });
    return (ms) => pool.work(ms);
  }
  const { Tinypool } = await import('tinypool');
  const filename = require.resolve('./tinypool.mjs');
  const pool = new Tinypool({ filename, runtime: 'child_process', minThreads: 1, maxThreads: 1 });
  return (ms) => pool.run(ms);
}

const pids = () => readFileSync('begun', 'utf8').trim().split('\n');

async function main() {
  const run = await open();
  const states = {};
  const give = (task, ms) => {
    states[task] = 'pending';
    Promise.resolve(run(ms)).then(
      () => (states[task] = 'resolved'),
      () => (states[task] = 'rejected'),
    );
  };
  give('a', 60_000);
  if (isQueued) give('b', 10);
  while (!existsSync('begun')) await sleep(20);
  process.kill(Number(pids()[0]), 'SIGKILL');
  await sleep(3000);
  for (const task of ['c', 'd', 'e']) give(task, 10);
  await sleep(5000);
  const settled = Object.entries(states).map(([task, state]) => `${task} ${state}`);
  console.log(settled.join(', '));
  process.exit(0);
}
main();
JS

status=0
# $1: the pool. $2: whether a task waits in the queue. $3: what was seen.
check() {
  rm -f begun
  seen=$(node try.js "$1" "$2" 2>/dev/null) || seen="$seen (failed)"
  echo "$1, $2: $seen"
  [ "$seen" = "$3" ] || { echo "  expected: $3"; status=1; }
}
for pool in tinypool workerpool jest-worker; do
  check $pool alone 'a rejected, c resolved, d resolved, e resolved'
done
check tinypool queued 'a rejected, b resolved, c resolved, d resolved, e resolved'
check workerpool queued 'a rejected, b resolved, c resolved, d resolved, e resolved'
check jest-worker queued 'a rejected, b pending, c pending, d pending, e pending'
exit $status

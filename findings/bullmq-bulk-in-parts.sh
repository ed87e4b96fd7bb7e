#!/bin/sh
# What BullMQ's addBulk has stored when it rejects because Redis has reached its maxmemory (policy noeviction).
#
# Guessed before: nothing. The guide of BullMQ says of addBulk that all or none of the jobs will be added.
#
# Seen with bullmq 6.7.0, ioredis 6.0.0 and redis-server 7.0 (about 650 of 1,000 jobs of 10 KB were there): some. The call rejects
# with the error of the first job that Redis refused, those before it stand in the queue, and nothing says which they are.
#
# For a queue of ours on BullMQ: a `put` of several messages that is refused may have stored some of them, which its
# documentation has to say; whoever repeats it needs a key for each message.
set -eu
for tool in npm redis-server; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is missing"; exit 0; }
done
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' >package.json
npm i --silent --no-fund --no-audit --ignore-scripts --save-exact bullmq@6.7.0 ioredis@6.0.0

redis-server --port 0 --unixsocket "$dir/redis.sock" --save '' --maxmemory 8mb --maxmemory-policy noeviction \
  --logfile "$dir/redis.log" --daemonize no &
server=$!
for try in $(seq 100); do [ -S redis.sock ] && break; sleep 0.1; done

cat >try.js <<'JS'
const { Queue } = require('bullmq');
const connection = { path: './redis.sock', maxRetriesPerRequest: null };

async function main() {
  const queue = new Queue('mail', { connection });
  await queue.waitUntilReady();
  const jobs = Array.from({ length: 1000 }, (_, at) => ({
    name: 'send',
    data: 'x'.repeat(10_000),
    opts: { jobId: `m-${at}` },
  }));
  const end = await queue.addBulk(jobs).then(
    () => 'resolved',
    (error) => `rejected: ${/OOM/.test(error.message) ? 'OOM' : error.message}`,
  );
  const { waiting } = await queue.getJobCounts('waiting');
  const stored = waiting === 0 ? 'none' : waiting === jobs.length ? 'all' : 'some';
  console.log(`addBulk of ${jobs.length} jobs ${end}; stored: ${stored}`);
  console.error(`(${waiting} of them waiting)`);
  await queue.disconnect();
  process.exit(0);
}
main();
JS
seen=$(node try.js)
echo "$seen"
[ "$seen" = 'addBulk of 1000 jobs rejected: OOM; stored: some' ] || { echo 'this has changed' >&2; exit 1; }

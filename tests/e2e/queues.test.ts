/** Queues as users have them: the command, processes that are killed, a supervisor that is killed, another language. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openQueue } from '../../src/library/queue/queue.ts';
import { gone, project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { nodeWithSqlite, pathWith } from '../helpers/node-with-sqlite.ts';
import { launch } from '../helpers/procsup.ts';

const IDLE = 'web: exec sleep infinity';

interface Info {
  readonly name: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  readonly readers: number;
}

async function infoOf(app: Project, name: string): Promise<Info | undefined> {
  const all = await app.json<readonly Info[]>('queue', 'ls', '--json');
  return all.find((one) => one.name === name);
}

/** Asks again and again. */
async function becomesSo(app: Project, name: string, wanted: Partial<Info>): Promise<void> {
  for (const deadline = Date.now() + 120_000; ;) {
    const info = await infoOf(app, name);
    if (Object.entries(wanted).every(([key, value]) => info?.[key as 'ready'] === value)) return;
    if (Date.now() > deadline) expect(info).toMatchObject(wanted);
  }
}

const lines = ({ stdout }: { readonly stdout: string }): readonly string[] => stdout.trimEnd().split('\n');

describe('the command queue', () => {
  test('gives what was put, in order, once', async () => {
    const app = project(IDLE);
    await app.up();
    const ids = lines(await app.run('queue', 'put', 'mail', 'a b', '{}', ''));
    expect(new Set(ids).size).toBe(3);
    expect((await app.run('queue', 'get', 'mail', '-n', '2')).stdout).toBe('a b\n{}\n');
    expect(await app.run('queue', 'get', 'mail')).toMatchObject({ status: 0, stdout: '\n' });
    expect(await app.run('queue', 'get', 'mail')).toMatchObject({ status: 1, stdout: '' });
  });

  test('with a lease the message waits for its ack, and is given back by nack', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'set', 'mail', '--backoff', '0', '--attempts', '2');
    await app.run('queue', 'put', 'mail', 'x');
    const [lease = ''] = (await app.run('queue', 'get', 'mail', '--lease', '1h')).stdout.split('\t');
    expect(lease).toMatch(/^[a-z0-9]+-1\.1$/);
    expect(await infoOf(app, 'mail')).toMatchObject({ ready: 0, leased: 1 });
    expect(await app.run('queue', 'nack', 'mail', lease, '--reason', 'no mood')).toMatchObject({ status: 0 });
    const [second = ''] = (await app.run('queue', 'get', 'mail', '--lease', '1h')).stdout.split('\t');
    expect(second).toMatch(/\.2$/);
    // The first reader is too late.
    expect(await app.run('queue', 'ack', 'mail', lease)).toMatchObject({
      status: 2,
      stderr: `procsup: ${lease} is unknown, finished or given to another reader\n`,
    });
    await app.run('queue', 'nack', 'mail', second);
    const dead = await app.run('queue', 'dead', 'mail');
    expect(dead.stdout).toMatch(/dead {2}2 attempts {2}x\n.*no mood\n.*the reader gave it back\n$/);
    expect((await app.run('queue', 'retry', 'mail')).stdout).toBe('retrying 1 message\n');
    expect((await app.run('queue', 'get', 'mail')).stdout).toBe('x\n');
  });

  test('what is wrong is told', async () => {
    const app = project(IDLE);
    await app.up();
    const stderrOf = async (...words: readonly string[]) => (await app.run('queue', ...words)).stderr;
    expect(await stderrOf('gett', 'mail')).toContain(
      "unknown verb 'gett' of 'procsup queue'\n  help: did you mean 'get'?",
    );
    expect(await stderrOf('put')).toContain("missing queue name after 'put'");
    expect(await stderrOf('put', '-', 'x')).toContain("invalid queue name '-'");
    expect(await stderrOf('peek', 'mail')).toContain("unknown queue 'mail'");
    expect(await stderrOf('work', 'mail')).toContain('missing command');
    await app.run('queue', 'set', 'mail', '--maxsize', '1');
    await app.run('queue', 'put', 'mail', 'x');
    expect(await stderrOf('put', 'mail', 'x', '--no-wait')).toContain('the queue is full');
  });

  test('without a supervisor it says how to start one', async () => {
    const app = project(IDLE);
    expect(await app.run('queue', 'put', 'mail', 'x')).toMatchObject({ status: 3 });
  });
});

test('messages of 16 MiB: by stdin, HTTP and the library, and what is larger is told', async () => {
  const app = project(IDLE);
  await app.up();
  const size = 16 * 1024 * 1024;
  const socket = app.owner()?.socket ?? '';
  const put = () => {
    const putting = app.begin('queue', 'put', 'mail');
    // In one request they would be too long: each character takes two.
    putting.type(`${'"'.repeat(1_000_000)}\n${'"'.repeat(size)}\nlast\n`);
    putting.hangUp();
    return putting.ended;
  };
  expect(await put()).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      /message too large \(16777216 bytes; the limit of queue 'mail' is 1MiB\)\n.*queue set mail --max-message 16MiB/,
    ) as string,
  });
  await app.run('queue', 'drain', 'mail');
  expect((await app.run('queue', 'set', 'mail', '--max-message', '17MiB')).stderr).toContain('max_message');
  expect(await app.run('queue', 'set', 'mail', '--max-message', '16MiB')).toMatchObject({ status: 0 });
  expect((await app.run('queue', 'ls')).stdout).toContain('messages up to 16MiB');
  expect(lines(await put())).toHaveLength(3);
  const queue = await openQueue('mail', { socket });
  // Each takes two characters as JSON; bytes take four for three.
  await queue.put('"'.repeat(size));
  await queue.put(Buffer.alloc(size, 0xff));
  await expect(queue.put('x'.repeat(size + 1))).rejects.toThrow('message too large');
  app.write('body', JSON.stringify({ messages: ['\n'.repeat(size)] }));
  const words = ['-sS', '--unix-socket', socket, '--data-binary', '@body'];
  const answer = execFileSync('curl', [...words, 'http://p/v1/queues/mail/put'], { cwd: app.root });
  expect(JSON.parse(answer.toString())).toMatchObject({ new: 1 });
  const sizes: number[] = [];
  const firsts: number[] = [];
  while (sizes.length < 6)
    for (const one of await queue.get({ count: 10 })) {
      sizes.push(one.bytes.length);
      firsts.push(one.bytes[0] ?? -1);
      await one.ack();
    }
  queue.close();
  expect(sizes).toEqual([1_000_000, size, 4, size, size, size]);
  expect(firsts).toEqual([...Buffer.from('""l"'), 0xff, 10]);
});

describe('queue work', () => {
  test('0 acknowledges, 75 gives back, another status fails, with the message on stdin and as {}', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'set', 'jobs', '--backoff', '0', '--attempts', '2');
    await app.run('queue', 'put', 'jobs', 'good', "it's", 'bad', 'later');
    // The second time it is good.
    const later = '[ {} != later ] || [ -e seen ] || { touch seen; exit 75; }';
    const worker = app.begin('queue', 'work', 'jobs', '--', `${later}; echo "got $(cat) "{}; [ {} != bad ]`);
    await worker.says('got later later');
    await becomesSo(app, 'jobs', { ready: 0, delayed: 0, leased: 0, dead: 1 });
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ status: 0 });
    expect(worker.stdout).toContain("got it's it's\n");
    expect(worker.stdout.match(/got bad/g)).toHaveLength(2);
    expect(worker.stderr.match(/the command exited with code 1/g)).toHaveLength(2);
  });

  test('a message that cannot be an argument fails, and its reader goes on', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'set', 'jobs', '--attempts', '1');
    const queue = await openQueue('jobs', { socket: app.owner()?.socket ?? '' });
    await queue.put(['a\0b', 'x'.repeat(300_000), 'good']);
    queue.close();
    const about = 'echo {} $PROCSUP_MESSAGE_ATTEMPT $PROCSUP_MESSAGE_ID';
    const worker = app.begin('queue', 'work', 'jobs', '--', about);
    await worker.says(/^good 1 \w+-3\n$/);
    await becomesSo(app, 'jobs', { ready: 0, leased: 0, dead: 2 });
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ status: 0 });
    expect(worker.stderr.match(/the command could not be started/g)).toHaveLength(2);
  });

  test('stdin holds the whole message, also one larger than a pipe, for a command that outlives its worker', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'set', 'jobs', '--backoff', '0');
    const queue = await openQueue('jobs', { socket: app.owner()?.socket ?? '' });
    await queue.put('x'.repeat(900_000));
    queue.close();
    // It reads when nobody could write any more; without the mark it is not stopped with its worker.
    const slow = 'trap "" TERM; echo begun; while [ ! -e killed ]; do sleep 0.05; done; wc -c >size';
    const worker = app.begin(
      'queue',
      'work',
      'jobs',
      '--',
      `exec setsid env -u PROCSUP_RUN_ID sh -c '${slow}'`,
    );
    await worker.says('begun');
    process.kill(worker.pid, 'SIGKILL');
    await gone([worker.pid]);
    app.write('killed', '');
    await until(
      () => existsSync(join(app.root, 'size')) && readFileSync(join(app.root, 'size'), 'utf8') !== '',
      'the size',
    );
    expect(readFileSync(join(app.root, 'size'), 'utf8').trim()).toBe('900000');
  });

  test('a worker that is killed gives its message to another one', async () => {
    const app = project(IDLE);
    await app.up();
    await app.run('queue', 'set', 'jobs', '--backoff', '0');
    // A child of its own is found too, and one that left its group.
    const command = 'sleep infinity & a=$!; setsid sleep infinity & echo "first $$ $a $!"; wait';
    const first = app.begin('queue', 'work', 'jobs', '--', command);
    await becomesSo(app, 'jobs', { readers: 1 });
    await app.run('queue', 'put', 'jobs', 'x');
    await first.says('first');
    const started = first.stdout.trim().split(' ').slice(1).map(Number);
    process.kill(first.pid, 'SIGKILL');
    await gone(started);
    const second = app.begin('queue', 'work', 'jobs', '--', 'echo second {}');
    await second.says('second x');
    second.kill('SIGTERM');
    await second.ended;
  });
});

const NODE = nodeWithSqlite();

describe.skipIf(NODE === undefined)('a durable queue', () => {
  const durable = () => project(IDLE, { env: { PATH: pathWith(NODE ?? '') } });

  test('outlives kill -9 of its supervisor, with its attempts, order and delays', async () => {
    const app = durable();
    const daemon = await app.up();
    await app.run('queue', 'set', 'mail', '--backoff', '0', '--attempts', '2');
    await app.run('queue', 'put', 'mail', 'one', 'two', 'three');
    await app.run('queue', 'put', 'mail', 'urgent', '--priority', '5');
    await app.run('queue', 'put', 'mail', 'late', '--delay', '1h');
    await app.run('queue', 'put', 'mail', 'keyed', '--key', 'k');
    expect((await app.run('queue', 'get', 'mail', '--lease', '1h')).stdout).toMatch(/\.1\turgent\n/);
    expect((await app.run('queue', 'get', 'mail')).stdout).toBe('one\n');
    process.kill(daemon, 'SIGKILL');
    await gone([daemon]);
    await app.up();
    expect(await infoOf(app, 'mail')).toMatchObject({ ready: 4, delayed: 1, leased: 0, attempts: 2 });
    expect((await app.run('queue', 'put', 'mail', 'other', '--key', 'k', '--json')).stdout).toContain('-6');
    expect((await app.run('queue', 'get', 'mail', '--lease', '1h')).stdout).toMatch(/\.2\turgent\n/);
    expect((await app.run('queue', 'get', 'mail', '-n', '9')).stdout).toBe('two\nthree\nkeyed\n');
  });

  test('every put that was answered is there after kill -9 under load', async () => {
    const app = durable();
    const daemon = await app.up();
    const queue = await openQueue('load', { socket: app.owner()?.socket ?? '' });
    const answered: string[] = [];
    let put = 0;
    const producer = async (): Promise<void> => {
      for (;;) {
        const values = Array.from({ length: 20 }, () => String((put += 1)));
        await queue.put(values);
        answered.push(...values);
      }
    };
    const producers = Promise.allSettled(Array.from({ length: 4 }, producer));
    await until(() => answered.length > 2000, 'messages');
    process.kill(daemon, 'SIGKILL');
    const ends = await producers;
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
    await app.up();
    const after = await openQueue('load', { socket: app.owner()?.socket ?? '' });
    const found = new Set<string>();
    for (;;) {
      const messages = await after.get({ count: 1000 });
      if (messages.length === 0) break;
      for (const one of messages) found.add(one.text);
      await messages[0]?.ack();
    }
    expect(answered.filter((value) => !found.has(value))).toEqual([]);
    after.close();
  });

  test('python speaks the protocol, in front of the same cases', async () => {
    const app = durable();
    await app.up();
    await pythonPasses(app);
  });
});

test('in memory the same cases pass, and it is said that nothing is kept', async () => {
  const app = project(IDLE);
  await app.up();
  await pythonPasses(app);
  const { stderr } = await app.run('queue', 'ls');
  if (Number(process.versions.node.split('.')[0]) < 22)
    expect(stderr).toContain('queues are kept in memory only');
});

const CLIENT = join(import.meta.dirname, '../fixtures/queue_client.py');

async function pythonPasses(app: Project): Promise<void> {
  execFileSync('python3', ['--version'], { stdio: 'ignore' });
  const { ended } = launch('python3', [CLIENT, app.owner()?.socket ?? ''], { cwd: app.root });
  expect(await ended).toMatchObject({ stdout: 'ok\n', stderr: '', status: 0 });
}

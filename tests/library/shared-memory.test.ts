/** SharedMemory of the built package: several real processes on the same pages. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { scratch } from '../helpers/scratch.ts';
import { DIST, library, supervise } from '../helpers/supervised.ts';

const run = promisify(execFile);

async function setUp(processes: Readonly<Record<string, string>> = { idle: 'exec sleep infinity' }) {
  vi.stubEnv('XDG_STATE_HOME', join(scratch(), 'state'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const { supervisor } = await supervise({ root: scratch(), control: true, processes, restart: 'never' });
  const { SharedMemory } = await library();
  return { supervisor, SharedMemory, socket: supervisor.socket };
}

/** A program that has `memory`, the shared memory `a`. */
async function program(socket: string | undefined, script: string): Promise<string> {
  const source = `
    import { SharedMemory } from '${DIST}';
    const memory = await SharedMemory.open('a');
    ${script}`;
  const main = join(scratch({ 'main.mjs': source }), 'main.mjs');
  const { stdout } = await run(process.execPath, [main], {
    env: { ...process.env, PROCSUP_SOCKET: socket },
  });
  return stdout;
}

test('no increment of two processes is lost', async () => {
  const { SharedMemory, socket } = await setUp();
  const memory = await SharedMemory.create('a', 24, { socket });
  const adding = `
    const ints = new Int32Array(memory.buffer);
    const longs = new BigInt64Array(memory.buffer, 8);
    // Both begin together, so that they really meet.
    Atomics.add(ints, 1, 1);
    while (Atomics.load(ints, 1) < 2);
    for (let n = 0; n < 500_000; n += 1) Atomics.add(ints, 0, 1);
    for (let n = 0; n < 100_000; n += 1) Atomics.add(longs, 0, 1n);
    for (let n = 0; n < 100_000; n += 1) {
      let old;
      do old = Atomics.load(ints, 4);
      while (Atomics.compareExchange(ints, 4, old, old + 1) !== old);
    }`;
  await Promise.all([program(socket, adding), program(socket, adding)]);
  const ints = new Int32Array(memory.buffer);
  expect([ints[0], ints[4]]).toEqual([1_000_000, 200_000]);
  expect(new BigInt64Array(memory.buffer, 8)[0]).toBe(200_000n);
  memory.close();
});

test('it outlives those that had it open, and ends with the supervisor', async () => {
  const { supervisor, SharedMemory, socket } = await setUp();
  const memory = await SharedMemory.create('a', 4096, { socket });
  await program(socket, `new Uint8Array(memory.buffer)[0] = 7;`);
  await expect(program(socket, `process.kill(process.pid, 'SIGKILL');`)).rejects.toThrow();
  expect(new Uint8Array(memory.buffer)[0]).toBe(7);
  expect(await program(socket, `console.log(new Uint8Array(memory.buffer)[0])`)).toBe('7\n');
  await supervisor.close();
  expect(existsSync(memory.path)).toBe(false);
  // The pages are still those of this process.
  expect(new Uint8Array(memory.buffer)[0]).toBe(7);
  memory.close();
});

test('a process of the supervisor finds it without asking, and asks where it was made anew', async () => {
  const source = `
    import { SharedMemory } from '${DIST}';
    const bytes = new Uint8Array((await SharedMemory.open('a')).buffer);
    console.log(bytes[0], process.env.PROCSUP_SHM_A);
    process.stdin.once('data', async () => console.log(new Uint8Array((await SharedMemory.open('a')).buffer)[0]));`;
  const main = join(scratch({ 'main.mjs': source }), 'main.mjs');
  const { supervisor, SharedMemory, socket } = await setUp({
    reader: `exec '${process.execPath}' '${main}'`,
  });
  const first = await SharedMemory.create('a', 1, { socket });
  new Uint8Array(first.buffer)[0] = 1;
  const logs = supervisor.logs();
  await supervisor.start();
  expect((await logs.next()).value).toMatchObject({ text: `1 ${first.path}` });
  await first.remove();
  const second = await SharedMemory.create('a', 2, { socket });
  new Uint8Array(second.buffer)[0] = 2;
  await supervisor.write('reader.1', '\n');
  // Its path is the same, its file is not.
  expect((await logs.next()).value).toMatchObject({ text: '2' });
  expect(new Uint8Array(first.buffer)[0]).toBe(1);
});

test('what is closed is safe to touch, and is closed for this process alone', async () => {
  const { SharedMemory, socket } = await setUp();
  const memory = await SharedMemory.create('a', 8, { socket });
  const other = await SharedMemory.open('a', { socket });
  const bytes = new Uint8Array(memory.buffer);
  bytes[0] = 3;
  memory.close();
  memory.close();
  expect(() => memory.buffer).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  // Detached where Node can do that, and zero where it cannot; never the pages of others, and never a SIGSEGV.
  expect([undefined, 0]).toContain(bytes[0]);
  bytes[0] = 9;
  expect(new Uint8Array(other.buffer)[0]).toBe(3);
  other.close();
});

test('an opened one is closed at each turn of a loop, as often as one likes', async () => {
  const { SharedMemory, socket } = await setUp();
  const memory = await SharedMemory.create('a', 4, { socket });
  vi.stubEnv('PROCSUP_SHM_A', memory.path);
  for (let n = 0; n < 2000; n += 1) {
    const again = await SharedMemory.open('a');
    Atomics.add(new Int32Array(again.buffer), 0, 1);
    again.close();
  }
  expect(new Int32Array(memory.buffer)[0]).toBe(2000);
});

test('errors have codes', async () => {
  const { SharedMemory, socket } = await setUp();
  const coded = (code: string) => expect.objectContaining({ name: 'SharedMemoryError', code }) as unknown;
  await SharedMemory.create('a', 1, { socket });
  await expect(SharedMemory.create('a', 1, { socket })).rejects.toEqual(coded('EXISTS'));
  await expect(SharedMemory.create('b', 0, { socket })).rejects.toEqual(coded('REFUSED'));
  await expect(SharedMemory.create('b', 2 ** 50, { socket })).rejects.toEqual(coded('NO_ROOM'));
  await expect(SharedMemory.create('b', 1.5, { socket })).rejects.toThrow(TypeError);
  await expect(SharedMemory.open('b', { socket })).rejects.toEqual(coded('MISSING'));
  await expect(SharedMemory.open('b', { socket: '/nowhere' })).rejects.toEqual(coded('UNREACHABLE'));
  vi.stubEnv('PROCSUP_SOCKET', undefined);
  await expect(SharedMemory.open('b')).rejects.toEqual(coded('NO_SUPERVISOR'));
});

test('without koffi the error says what is missing', async () => {
  const source = `
    process.dlopen = () => { throw new Error('no'); };
    const { SharedMemory } = await import('${DIST}');
    await SharedMemory.open('a').catch((error) => console.log(error.code, error.message));`;
  const main = join(scratch({ 'main.mjs': source }), 'main.mjs');
  const { stdout } = await run(process.execPath, [main]);
  expect(stdout).toMatch(/^NO_KOFFI cannot map shared memory: the optional package koffi is not installed/);
});

test('without a socket the supervisor of the working directory is asked', async () => {
  vi.stubEnv('XDG_STATE_HOME', join(scratch(), 'state'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const root = scratch();
  const processes = { idle: 'exec sleep infinity' };
  const { supervisor } = await supervise({ root, control: true, processes, restart: 'never' });
  const { SharedMemory } = await library();
  const memory = await SharedMemory.create('a', 4096, { socket: supervisor.socket });
  const source = `
    import { SharedMemory } from '${DIST}';
    const memory = await SharedMemory.open('a');
    new Uint8Array(memory.buffer)[0] = 7;`;
  const main = join(scratch({ 'main.mjs': source }), 'main.mjs');
  const env = { ...process.env, PROCSUP_SOCKET: undefined };
  await run(process.execPath, [main], { cwd: root, env });
  expect(new Uint8Array(memory.buffer)[0]).toBe(7);
  await expect(run(process.execPath, [main], { cwd: scratch(), env })).rejects.toThrow(
    /NO_SUPERVISOR|no supervisor is running/,
  );
  memory.close();
});

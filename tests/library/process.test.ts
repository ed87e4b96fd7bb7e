/** A process as an object: its life, its errors, and that nothing of it is left. */
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { activeChildren, Process, ProcessError, type ProcessOptions } from '../../src/index.ts';
import { inTime, until } from '../helpers/eventually.ts';
import { isAlive, stateOf } from '../helpers/proc.ts';
import { openTheatre, PUPPET } from '../helpers/puppets.ts';
import { scratch } from '../helpers/scratch.ts';

const FUNCTIONS = resolve(import.meta.dirname, '../fixtures/functions.mjs');

function made(options: ProcessOptions): Process {
  const child = new Process(options);
  onTestFinished(() => child[Symbol.asyncDispose]());
  return child;
}

const calling = (name: string, ...args: readonly unknown[]): Process =>
  made({ module: { file: FUNCTIONS, export: name }, args });

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof ProcessError ? thrown.code : String(thrown);
const refusal = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(() => 'none', codeOf);
const thrownBy = (deed: () => unknown): string | undefined => {
  try {
    deed();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
};

/** A child that does as the test says. */
async function puppet(options: Partial<ProcessOptions> = {}) {
  const socket = join(scratch(), 'puppets');
  const theatre = openTheatre(socket);
  onTestFinished(() => theatre.close());
  const child = made({
    ...(options as object),
    command: `exec ${PUPPET}`,
    env: { PUPPET_SOCKET: socket, PS: 'it' },
  });
  await child.start();
  return { child, puppet: await inTime(theatre.puppet('it'), 'the puppet enters') };
}

describe('a life', () => {
  test('before, during and after', async () => {
    const { child, puppet: it } = await puppet();
    expect(child).toMatchObject({ alive: true, pid: it.pid, exit: null, exitcode: null });
    expect(activeChildren()).toContain(child);
    expect(await child.wait({ timeoutMs: 1 })).toBeNull();
    it.exit(7);
    expect(await child.wait()).toEqual({ code: 7 });
    expect(child).toMatchObject({ alive: false, pid: it.pid, exit: { code: 7 }, exitcode: 7 });
    expect(activeChildren()).not.toContain(child);
    expect(await child.wait()).toEqual({ code: 7 });
  });

  test('one that has not begun has nothing', () => {
    const child = made({ command: ['true'] });
    expect(child).toMatchObject({ alive: false, pid: null, exit: null, exitcode: null, stdout: null });
    expect(activeChildren()).not.toContain(child);
  });

  test('ended by a signal it has a negative exit code, as in Python', async () => {
    const { child, puppet: it } = await puppet();
    await it.listen('SIGUSR1');
    child.signal('SIGUSR1');
    await it.hears('SIGUSR1');
    child.signal('SIGTERM');
    expect(await child.wait()).toEqual({ signal: 'SIGTERM' });
    expect(child.exitcode).toBe(-15);
  });

  test('a wait ends with its signal, and the child is unharmed', async () => {
    const { child } = await puppet();
    const abort = new AbortController();
    const waiting = child.wait({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(child.wait({ signal: abort.signal })).rejects.toThrow('enough');
    expect(child.alive).toBe(true);
  });

  test.each<[string, ProcessOptions, number]>([
    ['a shell line', { command: 'exit 3' }, 3],
    ['a shell line with arguments', { command: 'exit "$1"', args: ['4'] }, 4],
    ['a program', { command: ['sh', '-c', 'exit 5'] }, 5],
    ['a program with further arguments', { command: ['sh', '-c'], args: ['exit 6'] }, 6],
    ['variables', { command: 'exit "$STATUS"', env: { STATUS: '8' } }, 8],
    ['a variable taken away', { command: '[ -z "${HOME+x}" ]', env: { HOME: undefined } }, 0],
    ['a directory', { command: '[ "$PWD" = / ]', cwd: '/' }, 0],
  ])('%s', async (_what, options, status) => {
    const child = await made(options).start();
    expect(await child.wait()).toEqual({ code: status });
  });
});

describe('mistakes are typed errors, and the first child is unharmed', () => {
  test('start twice', async () => {
    const { child, puppet: it } = await puppet();
    expect(await refusal(child.start())).toBe('ALREADY_STARTED');
    expect(child).toMatchObject({ alive: true, pid: it.pid });
    it.exit(0);
    await child.wait();
    expect(await refusal(child.start())).toBe('ALREADY_STARTED');
  });

  test('start twice at once', async () => {
    const child = made({ command: ['sleep', '1000'] });
    const [first, second] = await Promise.all([refusal(child.start()), refusal(child.start())]);
    expect([first, second, child.alive]).toEqual(['none', 'ALREADY_STARTED', true]);
  });

  test('close while alive', async () => {
    const { child, puppet: it } = await puppet();
    expect(thrownBy(() => child.close())).toBe('ALIVE');
    it.exit(0);
    await child.wait();
    child.close();
    child.close();
    expect(await refusal(child.start())).toBe('CLOSED');
  });

  test('before the start', async () => {
    const child = made({ command: ['true'] });
    expect(await refusal(child.wait())).toBe('NOT_STARTED');
    expect(await refusal(child.stop())).toBe('NOT_STARTED');
    expect(await refusal(child.communicate())).toBe('NOT_STARTED');
    expect(thrownBy(() => child.signal('SIGTERM'))).toBe('NOT_STARTED');
    child.close();
    expect(await refusal(child.start())).toBe('CLOSED');
  });

  test('a signal after the exit', async () => {
    const child = await made({ command: ['true'] }).start();
    await child.wait();
    expect(thrownBy(() => child.signal('SIGTERM'))).toBe('NOT_RUNNING');
  });

  test.each<[string, ProcessOptions, string]>([
    [
      'program',
      { command: ['no-such-program'], name: 'it' },
      "cannot start it: program 'no-such-program' not found",
    ],
    [
      'directory',
      { command: 'true', cwd: '/no/such', name: 'it' },
      'cannot start it: the working directory /no/such does not exist',
    ],
  ])('a missing %s: it may be started again', async (_what, options, message) => {
    const child = made(options);
    for (let n = 0; n < 2; n += 1) {
      const error: unknown = await child.start().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ProcessError', code: 'REFUSED', message });
    }
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'must be an object'],
    ['no program', {}, "one of 'command' and 'module'"],
    ['both', { command: 'a', module: { file: 'b' } }, 'cannot be combined'],
    ['an unknown key', { command: 'a', demon: true }, "unknown key 'demon'"],
    ['an empty command', { command: [] }, "'command' must be"],
    ['a NUL byte', { command: 'a\0b' }, 'NUL'],
    ['a number as argument', { command: 'a', args: [1] }, "'args[0]' must be a string"],
    ['no list of arguments', { module: { file: 'b' }, args: 1 }, "'args' must be an array"],
    ['a URL elsewhere', { module: { file: new URL('https://a/b') } }, 'file: URL'],
    ['stdio', { command: 'a', stdio: ['pipes'] }, "'stdio[0]' must be"],
  ])('wrong options: %s', (_what, options, message) => {
    expect(() => new Process(options as ProcessOptions)).toThrow(TypeError);
    expect(() => new Process(options as ProcessOptions)).toThrow(message);
  });
});

describe('a stop ends the whole tree', () => {
  test.each([
    ['politely', { apart: false }],
    ['also what has left its session', { apart: true }],
  ])('%s', async (_how, how) => {
    const { child, puppet: it } = await puppet();
    const grandchild = await it.start('exec sleep 1000', how);
    await it.listen('SIGTERM');
    const stopped = child.stop();
    await it.hears('SIGTERM');
    it.exit(9);
    expect(await stopped).toEqual({ code: 9 });
    expect(isAlive(grandchild)).toBe(false);
  });

  test('after the grace period by SIGKILL', async () => {
    const { child, puppet: it } = await puppet();
    await it.listen('SIGTERM');
    const grandchild = await it.start('trap "" TERM; while :; do sleep 1000; done', { apart: true });
    expect(await child.stop({ graceMs: 50 })).toEqual({ signal: 'SIGKILL' });
    expect(it.heard).toEqual(['SIGTERM']);
    expect(isAlive(grandchild)).toBe(false);
  });

  test('kill is not polite', async () => {
    const { child, puppet: it } = await puppet();
    await it.listen('SIGTERM');
    const grandchild = await it.start('exec sleep 1000', { apart: true });
    expect(await child.kill()).toEqual({ signal: 'SIGKILL' });
    expect([it.heard, isAlive(grandchild)]).toEqual([[], false]);
  });

  test('one that is paused', async () => {
    const { child, puppet: it } = await puppet();
    void it.pause().catch(() => undefined);
    await until(() => stateOf(it.pid) === 'T', 'it is paused');
    expect(await child.stop()).toEqual({ signal: 'SIGTERM' });
  });

  test('what one that has exited has left behind', async () => {
    const { child, puppet: it } = await puppet();
    const grandchild = await it.start('exec sleep 1000', { apart: true });
    it.exit(0);
    await child.wait();
    expect(isAlive(grandchild)).toBe(true);
    expect(await child.stop()).toEqual({ code: 0 });
    expect(isAlive(grandchild)).toBe(false);
  });

  test('at the end of a block, and others are left alone', async () => {
    const other = await puppet();
    const { child, puppet: it } = await puppet();
    await child[Symbol.asyncDispose]();
    expect([isAlive(it.pid), other.child.alive]).toEqual([false, true]);
  });
});

describe('streams', () => {
  test('of a conversation', async () => {
    const child = await made({ command: ['cat'], stdio: 'pipe' }).start();
    child.stdout?.setEncoding('utf8');
    const answered = new Promise((settle) => child.stdout?.once('data', settle));
    child.stdin?.write('hello\n');
    expect(await inTime(answered, 'cat answers')).toBe('hello\n');
    expect(await refusal(child.communicate())).toBe('NOT_PIPED');
    child.stdin?.end();
    expect(await child.wait()).toEqual({ code: 0 });
  });

  test.each([0, 1, 65_536, 20_000_000])('communicate with %i bytes in all directions', async (size) => {
    const child = await made({ command: 'tee /dev/stderr', stdio: 'pipe' }).start();
    const { stdout, stderr, exit } = await child.communicate(Buffer.alloc(size, 'x'));
    expect([stdout.length, stderr.length, exit]).toEqual([size, size, { code: 0 }]);
  });

  test('communicate with a program that reads nothing, and writes much', async () => {
    const child = await made({ command: 'head -c 5000000 /dev/zero', stdio: 'pipe' }).start();
    const { stdout } = await child.communicate('x'.repeat(5_000_000));
    expect(stdout.length).toBe(5_000_000);
  });

  test('communicate stops what writes too much', async () => {
    const child = await made({ command: ['yes'], stdio: 'pipe' }).start();
    expect(await refusal(child.communicate('', { maxBufferBytes: 1000 }))).toBe('TOO_MUCH_OUTPUT');
    expect(child.alive).toBe(false);
  });

  test('without pipes it cannot', async () => {
    const child = await made({ command: ['true'], stdio: 'ignore' }).start();
    expect(await refusal(child.communicate())).toBe('NOT_PIPED');
  });

  test('a listening socket is passed on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((settle) => server.once('listening', settle));
    const { port } = server.address() as AddressInfo;
    const program = `require('node:http').createServer((_, answer) => answer.end('from ' + process.pid)).listen({ fd: 3 })`;
    const child = await made({
      command: ['node', '-e', program],
      stdio: ['ignore', 'inherit', 'inherit', server],
    }).start();
    server.close();
    const answer = await fetch(`http://127.0.0.1:${port}`);
    expect(await answer.text()).toBe(`from ${String(child.pid)}`);
  });
});

describe('a function of a module', () => {
  test.each<[string, readonly unknown[], unknown]>([
    ['add', [1, 2], 3],
    ['later', [new Map([['a', new Date(5)]])], new Map([['a', new Date(5)]])],
    ['same', [undefined], undefined],
  ])('%s%j', async (name, args, result) => {
    const child = await calling(name, ...args).start();
    expect(await child.result()).toEqual(result);
    expect(await child.wait()).toEqual({ code: 0 });
  });

  test('a large result is whole', async () => {
    const child = await calling('large', 20_000_000).start();
    expect((await child.result()) as string).toHaveLength(20_000_000);
  });

  test.each([
    ['fail', 'RangeError', 'E_TEST'],
    ['failLater', 'RangeError', 'E_TEST'],
  ])('what %s throws is the cause, with its stack', async (name, kind, code) => {
    const child = await calling(name, 'no').start();
    const error = (await child.result().catch((thrown: unknown) => thrown)) as ProcessError;
    expect(error).toMatchObject({ code: 'THREW', cause: { name: kind, message: 'no', code } });
    expect((error.cause as Error).stack).toContain(FUNCTIONS);
    expect(await child.wait()).toEqual({ code: 1 });
  });

  test.each<[string, readonly unknown[], string]>([
    ['failText', [], 'threw Error: a text'],
    ['returnFunction', [], 'could not be cloned'],
    ['missing', [], "exports no function 'missing'"],
  ])('%s', async (name, args, message) => {
    const child = await calling(name, ...args).start();
    await expect(child.result()).rejects.toThrow(message);
  });

  test('a module that is missing', async () => {
    const child = await made({ module: { file: '/no/such.mjs' } }).start();
    await expect(child.result()).rejects.toThrow('Cannot find module');
  });

  test('an argument without a structured clone starts nothing', async () => {
    const child = calling('same', () => 1);
    expect(await refusal(child.start())).toBe('UNSERIALIZABLE');
    expect(child.pid).toBeNull();
  });

  test.each<[how: string, exit: object]>([
    ['exit 0', { code: 0 }],
    ['exit 3', { code: 3 }],
    ['SIGKILL', { signal: 'SIGKILL' }],
    ['dies after a part of its result', { signal: 'SIGKILL' }],
  ])('without a result: %s', async (how, exit) => {
    const child = await calling('act', { how }).start();
    await expect(child.result()).rejects.toMatchObject({ code: 'DIED', exit });
  });

  test('is stopped with all that it has started', async () => {
    const path = join(scratch({ told: '' }), 'told');
    const child = await calling('settle', path).start();
    const told = (): readonly number[] => readFileSync(path, 'utf8').split(' ').map(Number);
    await until(() => told().length === 2, 'it has begun');
    const pids = told();
    expect(await child.stop()).toEqual({ signal: 'SIGTERM' });
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('a program has no result', async () => {
    const child = await made({ command: ['true'] }).start();
    await expect(child.result()).rejects.toThrow(TypeError);
  });
});

/** `createSupervisor()` of the built package, and a real application. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SupervisorError, SupervisorEvent, SupervisorLogLine } from '../../src/index.ts';
import { inTime, until } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { scratch } from '../helpers/scratch.ts';
import { library, supervise } from '../helpers/supervised.ts';
import { loadFastKoffiIoctl } from '../../src/os/pipes/koffi-addon.ts';

const hasTerminals = (await loadFastKoffiIoctl()) !== undefined;

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error as SupervisorError).code,
  );

/** Reads until one fits. */
async function next<T>(iterator: AsyncIterator<T>, isMeant: (value: T) => boolean): Promise<T> {
  for (;;) {
    const found = await inTime(iterator.next(), 'the iterator goes on');
    if (found.done === true) return expect.fail('it has ended');
    if (isMeant(found.value)) return found.value;
  }
}

test('an application from its start to its end', async () => {
  const { supervisor, puppet } = await supervise({ processes: { web: PUPPET, worker: PUPPET } });
  const [events, logs] = [supervisor.events(), supervisor.logs({ names: 'web' })];
  expect((await supervisor.ps()).map(({ name, state }) => [name, state])).toEqual([
    ['web.1', 'stopped'],
    ['worker.1', 'stopped'],
  ]);

  const started = await supervisor.start();
  const [web, worker] = [await puppet('web.1'), await puppet('worker.1')];
  expect(started).toEqual([
    { name: 'web.1', outcome: 'running', before: null, pid: web.pid, exit: null },
    { name: 'worker.1', outcome: 'running', before: null, pid: worker.pid, exit: null },
  ]);
  expect(await supervisor.ps('worker')).toMatchObject([
    {
      name: 'worker.1',
      process: 'worker',
      instance: 1,
      state: 'running',
      pid: worker.pid,
      port: 5100,
      restarts: 0,
    },
  ]);

  await worker.print('not asked for\n');
  await web.print('hello\n');
  expect(await next(logs, () => true)).toMatchObject({ name: 'web.1', text: 'hello' });

  const [restarted] = await supervisor.restart('web');
  const again = await puppet('web.1');
  expect(restarted).toMatchObject({ name: 'web.1', outcome: 'running', before: web.pid, pid: again.pid });
  await again.listen('SIGUSR2');
  expect(supervisor.signal('web.1', 'SIGUSR2')).toEqual(['web.1']);
  await again.hears('SIGUSR2');

  expect(await supervisor.stop('worker')).toMatchObject([
    { name: 'worker.1', outcome: 'stopped', exit: { signal: 'SIGTERM' } },
  ]);
  expect(isAlive(worker.pid)).toBe(false);
  expect(await supervisor.close()).toEqual({ status: 0, reason: 'closed' });
  expect(isAlive(again.pid)).toBe(false);

  const told: SupervisorEvent[] = [];
  for await (const event of events) told.push(event);
  // What has lived for a second is ready: here that depends on how busy the machine is.
  const others = told.filter(({ event }) => event !== 'ready');
  expect(others.map(({ event, name }) => `${event} ${name ?? ''}`.trim())).toEqual([
    ...['requested', 'started web.1', 'started worker.1', 'requested', 'exited web.1', 'started web.1'],
    ...['signalled', 'requested', 'exited worker.1', 'closing', 'exited web.1'],
  ]);
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, at) => at + 1));
  expect((await logs.next()).done).toBe(true);
  expect(await supervisor.ended).toBe(await supervisor.close());
});

test('a process that fails comes back, by its own policy if it has one', async () => {
  const { supervisor, puppet } = await supervise({
    processes: { web: PUPPET, once: { command: PUPPET, restart: 'never' } },
    restart: 'on-failure',
    restartDelayMs: 0,
  });
  const events = supervisor.events({ names: 'web' });
  await supervisor.start();
  (await puppet('web.1')).exit(3);
  (await puppet('once.1')).exit(4);
  const again = await puppet('web.1');
  expect(await next(events, ({ event }) => event === 'exited')).toMatchObject({
    name: 'web.1',
    exit: { code: 3 },
  });
  await supervisor.wait('web', 'running');
  expect(await supervisor.wait('once', 'exited')).toEqual([
    { name: 'once.1', outcome: 'reached', pid: null, exit: { code: 4 } },
  ]);
  expect(await supervisor.ps()).toMatchObject([
    { name: 'web.1', state: 'running', pid: again.pid, restarts: 1 },
    { name: 'once.1', state: 'exited', restarts: 0, exit: { code: 4 } },
  ]);
});

test.runIf(hasTerminals)('a process with tty has a terminal, to which write types', async () => {
  const script = 'test -t 0 -a -t 1 -a -t 2 && echo "all three, $TERM"; read line; echo "got $line"; tty';
  const { supervisor } = await supervise({
    processes: { web: { command: script, tty: true }, other: { command: 'test -t 1 || echo none' } },
    restart: 'never',
  });
  const [logs, others] = [supervisor.logs({ names: 'web' }), supervisor.logs({ names: 'other' })];
  await supervisor.start();
  expect(await next(logs, () => true)).toMatchObject({ name: 'web.1', text: 'all three, xterm-256color' });
  await supervisor.write('web.1', 'hello\n');
  await next(logs, ({ text }) => text === 'got hello');
  await next(logs, ({ text }) => text.startsWith('/dev/pts/'));
  expect(await next(others, () => true)).toMatchObject({ name: 'other.1', text: 'none' });
});

test('a process has its environment, its arguments as they are, and as many instances as asked for', async () => {
  const { supervisor, puppet } = await supervise({
    processes: {
      web: { command: PUPPET, env: { OWN: 'its own', COMMON: undefined }, instances: 2 },
      worker: PUPPET,
      args: ['printf', '%s|', 'a b', '$HOME', "it's"],
    },
    env: { COMMON: 'of all' },
    formation: { worker: 0 },
    port: 7000,
    restart: 'never',
  });
  const logs = supervisor.logs({ names: 'args' });
  await supervisor.start();
  const environment = await (await puppet('web.2')).environment();
  expect(environment).toMatchObject({ OWN: 'its own', PORT: '7001', PS: 'web.2' });
  expect(environment).not.toHaveProperty('COMMON');
  expect(await next(logs, () => true)).toMatchObject({ text: "a b|$HOME|it's|" });

  expect(await supervisor.scale({ web: 1, worker: 1 })).toMatchObject({
    added: ['worker.1'],
    removed: ['web.2'],
  });
  expect(await (await puppet('worker.1')).environment()).toMatchObject({ COMMON: 'of all', PORT: '7100' });
  expect((await supervisor.ps()).map(({ name }) => name)).toEqual(['web.1', 'worker.1', 'args.1']);
  expect(await codeOf(supervisor.scale({ wbe: 1 }))).toBe('IMPOSSIBLE');
});

test('the files of a project are read, and read again', async () => {
  const root = scratch({ Procfile: `web: ${PUPPET}\nold: ${PUPPET}\n`, '.env': 'A=1\n' });
  const { supervisor, puppet } = await supervise({ root });
  await supervisor.start();
  expect(await (await puppet('web.1')).environment()).toMatchObject({ A: '1' });
  writeFileSync(join(root, '.env'), 'A=2\n');
  writeFileSync(join(root, 'Procfile'), `web: ${PUPPET}\nnew: ${PUPPET}\n`);
  expect(await supervisor.reload()).toMatchObject({
    added: ['new.1'],
    removed: ['old.1'],
    changed: ['web.1'],
  });
  expect(await (await puppet('web.1')).environment()).toMatchObject({ A: '2' });
  rmSync(join(root, 'Procfile'));
  expect(await codeOf(supervisor.reload())).toBe('IMPOSSIBLE');
  expect((await supervisor.ps()).map(({ name, state }) => [name, state])).toEqual([
    ['web.1', 'running'],
    ['new.1', 'running'],
  ]);
});

test('what is typed to a process, it reads', async () => {
  const { supervisor, puppet } = await supervise({ processes: { web: PUPPET } });
  const logs = supervisor.logs();
  await supervisor.start();
  const web = await puppet('web.1');
  await supervisor.write('web.1', 'one\ntwo\n', { end: true });
  expect(await web.relay(3)).toBe(2);
  expect(await next(logs, ({ text }) => text === 'two')).toMatchObject({ name: 'web.1' });
  await supervisor.stop();
  expect(await codeOf(supervisor.write('web.1', 'three\n'))).toBe('NOT_WRITTEN');
});

describe('a reader that is slow', () => {
  test('misses lines, and is told how many; no process waits for it', async () => {
    const { supervisor, puppet } = await supervise({ processes: { web: PUPPET } });
    await supervisor.start();
    const web = await puppet('web.1');
    const logs = supervisor.logs();
    await web.print('first\n');
    expect(await next(logs, () => true)).toMatchObject({ text: 'first' });
    const line = `${'x'.repeat(999)}\n`;
    for (let piece = 0; piece < 40; piece += 1) await web.print(line.repeat(100));
    await supervisor.close();
    let [read, missed] = [0, 0];
    for await (const one of logs) {
      if (one.missed === undefined) read += 1;
      else missed += one.missed;
    }
    expect(missed).toBeGreaterThan(1000);
    expect(read + missed).toBe(4000);
  });

  test('misses events, and is told how many', async () => {
    const { supervisor, puppet } = await supervise({ processes: { web: PUPPET } });
    await supervisor.start();
    await puppet('web.1');
    const events = supervisor.events();
    for (let sent = 0; sent < 1500; sent += 1) supervisor.signal('web', 'SIGWINCH');
    expect(await next(events, () => true)).toMatchObject({ event: 'missed', missed: 500 });
    expect(await next(events, () => true)).toMatchObject({ event: 'signalled' });
    expect(await next(supervisor.events({ after: 0 }), () => true)).toMatchObject({ event: 'missed' });
  });
});

test('a reader may come late, and leave at any time', async () => {
  const { supervisor, puppet } = await supervise({ processes: { web: PUPPET } });
  await supervisor.start();
  const web = await puppet('web.1');
  await web.print('1\n2\n3\n');
  const past: SupervisorLogLine[] = [];
  await until(() => isAlive(web.pid), 'it lives');
  for await (const line of supervisor.logs({ lines: 10 })) {
    past.push(line);
    if (line.text === '3') break;
  }
  expect(past.map(({ text }) => text)).toEqual(['1', '2', '3']);
  const some: string[] = [];
  for await (const { text } of supervisor.logs({ lines: 2, follow: false })) some.push(text);
  expect(some).toEqual(['2', '3']);

  const waiting = [supervisor.logs(), supervisor.events()];
  const asked = waiting.map((iterator) => iterator.next());
  for (const iterator of waiting) await iterator.return?.();
  expect(await inTime(Promise.all(asked), 'both end')).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('with onExit stop the end of one ends all', async () => {
  const { supervisor, puppet } = await supervise({
    processes: { web: PUPPET, worker: PUPPET },
    ...{ onExit: 'stop', restart: 'never' },
  });
  await supervisor.start();
  await puppet('web.1');
  (await puppet('worker.1')).exit(7);
  expect(await inTime(supervisor.ended, 'it ends')).toEqual({
    ...{ status: 7, reason: 'exit', name: 'worker.1', exit: { code: 7 } },
  });
  expect(await codeOf(supervisor.start())).toBe('ENDED');
  expect(await supervisor.ps()).toMatchObject([{ state: 'stopped' }, { state: 'exited', exit: { code: 7 } }]);
});

test('what does not go is killed when its time is over', async () => {
  const { supervisor, puppet } = await supervise({ processes: { web: PUPPET }, timeoutMs: 50 });
  await supervisor.start();
  const web = await puppet('web.1');
  await web.listen('SIGTERM');
  expect(await supervisor.close()).toEqual({ status: 137, reason: 'closed' });
  expect(isAlive(web.pid)).toBe(false);
});

test('await using', async () => {
  const { createSupervisor } = await library();
  let pid = 0;
  {
    await using supervisor = await createSupervisor({ processes: { web: 'exec sleep 1000' } });
    const [started] = await supervisor.start();
    pid = started?.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
  }
  expect(isAlive(pid)).toBe(false);
});

test('an aborted signal closes it, or keeps it from beginning', async () => {
  const aborting = new AbortController();
  const { supervisor, puppet } = await supervise({ processes: { web: PUPPET }, signal: aborting.signal });
  await supervisor.start();
  const web = await puppet('web.1');
  await expect(
    supervisor.wait('web', 'exited', { signal: AbortSignal.abort(new Error('enough')) }),
  ).rejects.toThrow('enough');
  const waiting = supervisor.wait('web', 'exited');
  aborting.abort();
  expect(await waiting).toMatchObject([{ name: 'web.1', outcome: 'reached' }]);
  expect(await supervisor.ended).toEqual({ status: 0, reason: 'closed' });
  expect(isAlive(web.pid)).toBe(false);
  const { createSupervisor } = await library();
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(createSupervisor({ processes: { web: 'true' }, signal })).rejects.toThrow('too late');
});

test('twenty side by side, and nothing of them is left', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  const names = [...process.eventNames(), 'exit', 'SIGINT'];
  const listeners = () => names.map((name) => process.listenerCount(name));
  const before = listeners();

  const all = await Promise.all(
    Array.from({ length: 20 }, () => supervise({ processes: { web: PUPPET }, signals: true })),
  );
  const puppets = await Promise.all(
    all.map(async ({ supervisor, puppet }) => {
      await supervisor.start();
      return puppet('web.1');
    }),
  );
  expect(new Set(puppets.map(({ pid }) => pid)).size).toBe(20);
  const [one, ...others] = all;
  await one?.supervisor.close();
  const states = await Promise.all(all.map(async ({ supervisor }) => (await supervisor.ps())[0]?.state));
  expect(states).toEqual(['stopped', ...others.map(() => 'running')]);
  await Promise.all(others.map(({ supervisor }) => supervisor.close()));
  expect(puppets.filter(({ pid }) => isAlive(pid))).toEqual([]);
  expect(listeners()).toEqual(before);
  expect(warnings).toEqual([]);
});

test('a stop with a time of its own', async () => {
  const { supervisor, puppet } = await supervise({ processes: { deaf: PUPPET }, timeoutMs: 3_600_000 });
  await supervisor.start();
  const first = await puppet('deaf.1');
  await first.listen('SIGTERM');
  expect(await supervisor.restart('deaf', { timeoutMs: 100 })).toMatchObject([{ killed: true }]);
  expect(first.heard).toEqual(['SIGTERM']);
  const second = await puppet('deaf.1');
  await second.listen('SIGTERM');
  expect(await supervisor.stop('deaf', { timeoutMs: 0 })).toMatchObject([{ exit: { signal: 'SIGKILL' } }]);
  expect(second.heard).toEqual([]);
  for (const timeoutMs of [-1, NaN, 1e12, '5' as unknown as number]) {
    await expect(supervisor.stop('deaf', { timeoutMs })).rejects.toThrow(TypeError);
    await expect(supervisor.close({ timeoutMs })).rejects.toThrow(TypeError);
  }
});

test('a name that is none', async () => {
  const { supervisor } = await supervise({ processes: { web: PUPPET } });
  for (const asked of [supervisor.start('wbe'), supervisor.ps(['web', 'x']), supervisor.wait('y')]) {
    expect(await codeOf(asked)).toBe('UNKNOWN_NAME');
  }
  for (const ask of [
    () => supervisor.logs({ names: 'wbe' }),
    () => supervisor.events({ names: ['wbe.1'] }),
  ]) {
    expect(ask).toThrow("unknown process 'wbe'");
  }
  expect(supervisor.logs({ names: 'web.7' })).toBeDefined();
  expect(() => supervisor.signal('web', 'SIGNOTHING' as 'SIGTERM')).toThrow(TypeError);
  await expect(supervisor.stop('wbe')).rejects.toThrow("unknown process 'wbe': did you mean 'web'?");
});

test('all that is wrong is told at once, and nothing is started', async () => {
  const { ConfigError, createSupervisor } = await library();
  const root = scratch({ Procfile: 'web: true\nweb: false\n' });
  const wrong = {
    ...{ root, restrat: 'never', restart: 'nevr', timeoutMs: -1, control: 'yes', env: { 'A=B': 'x' } },
    ...{ formation: { wbe: 1, web: 1.5 }, envFiles: ['missing.env'], signal: 5, stdin: null },
  } as unknown as Parameters<typeof createSupervisor>[0];
  const error = await createSupervisor(wrong).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  const { problems, message } = error as InstanceType<typeof ConfigError>;
  expect(problems.map(({ code }) => code).sort()).toEqual([
    ...['config-choice', 'config-choice', 'config-type', 'config-type', 'config-type', 'config-type'],
    ...['config-unknown-key', 'config-variable', 'env-file-unreadable', 'formation-unknown-name'],
    'procfile-duplicate-name',
  ]);
  expect(message).toContain("unknown key 'restrat'\n  help: did you mean 'restart'?");

  for (const [config, code] of [
    [5, 'config-type'],
    [{ processes: {} }, 'config-empty'],
    [{ processes: { 'a b': 'true' } }, 'config-name'],
    [{ processes: { web: { comand: 'true' } } }, 'config-unknown-key'],
    [{ processes: { web: [] } }, 'config-type'],
    [{ processes: { web: { command: 'true', tty: 'yes' } } }, 'config-type'],
    [{ processes: { web: 'a\0b' } }, 'config-nul'],
    [{ processes: { web: 'true' }, file: 'Procfile' }, 'config-conflict'],
    [{ root: join(root, 'missing') }, 'root-not-directory'],
  ] as const) {
    const thrown = await createSupervisor(config as never).catch((found: unknown) => found);
    expect((thrown as InstanceType<typeof ConfigError>).problems.map((problem) => problem.code)).toContain(
      code,
    );
  }
});

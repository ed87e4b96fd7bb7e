/** What the machines of readiness and health rely on in a `Prober`, tried on that of the tests and on the real one. */
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/core/check/answer.ts';
import { becomes, until } from '../helpers/eventually.ts';
import { createFakeCheckWorld } from '../helpers/fake-prober.ts';
import { answerTo, openCheckWorld, type CheckWorld } from '../helpers/subject.ts';

const LOG = { kind: 'log', pattern: String.raw`^ready in \d+ ms` } as const;

/** All answers from now on. */
function listen(world: CheckWorld, check: Parameters<CheckWorld['prober']['ask']>[0]) {
  const answers: Answer[] = [];
  const stop = world.prober.ask(check, world.subject, (answer) => answers.push(answer));
  return { answers, stop };
}

describe.each([
  ['fake', () => Promise.resolve(createFakeCheckWorld())],
  ['real', openCheckWorld],
])('the %s prober', (_kind, createWorld) => {
  test('tells the sockets that it listens on, and when they change', async () => {
    const world = await createWorld();
    let changes = 0;
    const stop = world.prober.watch(world.subject, () => (changes += 1));
    expect(await answerTo(world, { kind: 'listening' })).toEqual({ is: 'listens', sockets: [] });
    const port = await world.listen('http');
    await until(() => changes > 0, 'the change is told');
    expect(await answerTo(world, { kind: 'listening' })).toMatchObject({
      sockets: [{ port, address: '127.0.0.1' }],
    });
    const before = changes;
    await world.close();
    await until(() => changes > before, 'the second change is told');
    expect(await answerTo(world, { kind: 'listening' })).toEqual({ is: 'listens', sockets: [] });
    stop();
  });

  test('connects to what it listens on itself', async () => {
    const world = await createWorld();
    expect(await answerTo(world, { kind: 'tcp', port: 4000 })).toEqual({
      is: 'no',
      words: 'not listening on 4000',
    });
    const port = await world.listen('http');
    expect(await answerTo(world, { kind: 'tcp', port })).toEqual({ is: 'yes' });
  });

  test('asks by HTTP what it listens on itself', async () => {
    const world = await createWorld();
    expect(await answerTo(world, { kind: 'http', target: '/' })).toEqual({
      is: 'no',
      words: 'http /: not listening on 1',
    });
    await world.listen('http');
    expect(await answerTo(world, { kind: 'http', target: '/' })).toEqual({ is: 'yes' });
    expect(await answerTo(world, { kind: 'http', target: '/busy' })).toEqual({
      is: 'no',
      words: 'http /busy: 503',
      againMs: 250,
    });
    expect(await answerTo(world, { kind: 'http', target: '/', status: [204] })).toMatchObject({
      is: 'no',
      words: 'http /: 200',
    });
  });

  test('runs a command', async () => {
    const world = await createWorld();
    expect(await answerTo(world, { kind: 'exec', command: 'true' })).toEqual({ is: 'yes' });
    const command = 'echo asked; echo sorry >&2; exit 1';
    expect(await answerTo(world, { kind: 'exec', command })).toEqual({
      is: 'no',
      words: `\`${command}\`: sorry`,
    });
  });

  test('hears lines of both streams without their colours', async () => {
    const world = await createWorld();
    const [first, second] = [listen(world, LOG), listen(world, LOG)];
    await world.print('not ready in 5 ms\n');
    expect(first.answers).toEqual([]);
    await world.print('\x1b[32mready\x1b[39m in \x1b[1m5\x1b[22m ms\n');
    await until(() => first.answers.length > 0, 'the line is heard');
    expect(first.answers).toEqual([{ is: 'yes', line: 'ready in 5 ms' }]);
    second.stop();
    const third = listen(world, LOG);
    await world.complain('ready in 6 ms\n');
    await until(() => third.answers.length > 0, 'the other stream is heard');
    expect(third.answers).toEqual([{ is: 'yes', line: 'ready in 6 ms' }]);
  });

  test('hears a message and a newline, each by its own way', async () => {
    const world = await createWorld();
    const [notify, fd] = [listen(world, { kind: 'notify' }), listen(world, { kind: 'fd', fd: 3 })];
    await world.notify('MAINPID=1\nREADY=1\n');
    await until(() => notify.answers.length > 0, 'the message is heard');
    expect([notify.answers, fd.answers]).toEqual([[{ is: 'yes' }], []]);
    await world.newline();
    await until(() => fd.answers.length > 0, 'the newline is heard');
    expect([notify.answers, fd.answers]).toEqual([[{ is: 'yes' }], [{ is: 'yes' }]]);
  });

  test('answers nobody who has stopped to ask', async () => {
    const world = await createWorld();
    await world.listen('http');
    const asked = (['listening', 'tcp', 'http', 'exec', 'log', 'notify', 'fd'] as const).map((kind) =>
      listen(world, { kind, port: 4000, target: '/', command: 'true', pattern: 'ready', fd: 3 }),
    );
    for (const { stop } of asked) stop();
    await world.print('ready in 5 ms\n');
    await world.notify('READY=1');
    await world.newline();
    await answerTo(world, { kind: 'exec', command: 'true' });
    expect(await becomes(() => asked.some(({ answers }) => answers.length > 0), 100)).toBe(false);
  });
});

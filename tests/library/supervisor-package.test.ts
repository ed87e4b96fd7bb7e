/** A supervisor in a program of its own: how that ends, how it is loaded, what of it other terminals see. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { inTime, until } from '../helpers/eventually.ts';
import { signalIfAlive, withCommand, withEnvironment } from '../helpers/proc.ts';
import { ownPlaces, PROCSUP } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';
import { DIST } from '../helpers/supervised.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

let count = 0;

/** A program around the library, that ends when it likes. */
function begin(program: string, name = 'main.mjs') {
  const temporary = scratch();
  const root = scratch({ [name]: program.replace("'procsup'", `'${DIST}'`) });
  const places = ownPlaces();
  const mark = `TEST_MARK=${String(process.pid)}-${String((count += 1))}-${String(Date.now())};`;
  const env = {
    ...{ PATH: process.env['PATH'], TMPDIR: temporary, ...places.env },
    TEST_MARK: mark.slice('TEST_MARK='.length),
  };
  const child = spawn(process.execPath, [join(root, name)], { cwd: root, env });
  const pid = child.pid ?? 0;
  let complaints = '';
  child.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const listener of listeners) listener();
  });
  const ended = new Promise<{ status: number | null; signal: NodeJS.Signals | null }>((settle) => {
    child.once('close', (status, signal) => settle({ status, signal }));
  });
  const guardian = new RegExp(`procsup-guardian ${pid.toString(36)}-`);
  const guardians = () => withCommand(guardian);
  const left = () => [...withEnvironment(mark), ...guardians()];
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await until(() => left().length === 0, 'nothing is left');
    expect(readdirSync(temporary)).toEqual([]);
  });
  return {
    pid,
    root,
    env,
    places,
    lines,
    guardians,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    get stderr() {
      return complaints;
    },
    ended: inTime(ended, 'the program ends', () => complaints),
    /** Waits for a line. */
    says(text: string): Promise<void> {
      const said = new Promise<void>((settle) => {
        const look = (): void => {
          if (lines.includes(text)) settle();
        };
        listeners.add(look);
        look();
      });
      return inTime(said, `the program says ${text}`, () => complaints);
    },
  };
}

/** One that ends when asked to, one that does not, and one that has left its group and its session. */
const APPLICATION = `
  import { createSupervisor } from 'procsup';
  const supervisor = await createSupervisor({
    processes: {
      web: 'exec sleep 1000',
      stubborn: 'trap "" TERM; while :; do sleep 1000; done',
      stray: ['node', '-e', 'require("node:child_process").spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref(); setInterval(() => {}, 1000)'],
    },
  });
  await supervisor.start();
  console.log('up');
`;

test('one that is killed with SIGKILL leaves nothing', async () => {
  const program = begin(`${APPLICATION} await supervisor.ended;`);
  await program.says('up');
  program.kill('SIGKILL');
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL' });
});

test.each([
  ['calls process.exit', 'process.exit(5);', 5],
  [
    'throws what nobody catches',
    'setTimeout(() => { throw new Error("ours"); }); await supervisor.ended;',
    1,
  ],
])('one that %s leaves nothing', async (_how, end, status) => {
  const program = begin(APPLICATION + end);
  expect(await program.ended).toEqual({ status, signal: null });
});

test('one whose guardian is gone for good leaves nothing when it exits', async () => {
  const program = begin(`${APPLICATION}
    for await (const { event } of supervisor.events({ after: 0 })) if (event === 'guardian-lost') process.exit(6);
  `);
  await program.says('up');
  let isOver = false;
  const ended = program.ended.finally(() => (isOver = true));
  const killGuardian = (): boolean => {
    for (const { pid } of program.guardians()) signalIfAlive(pid, 'SIGKILL');
    return isOver;
  };
  await until(killGuardian, 'the program hears of it');
  expect(await ended).toEqual({ status: 6, signal: null });
});

test('one that is ended by a signal, to which no supervisor listens', async () => {
  const program = begin(`${APPLICATION} await supervisor.ended;`);
  await program.says('up');
  program.kill('SIGINT');
  expect(await program.ended).toEqual({ status: null, signal: 'SIGINT' });
});

test('with signals the supervisor is closed by one, and the program goes on', async () => {
  const program = begin(`
    import { createSupervisor } from 'procsup';
    const supervisor = await createSupervisor({ processes: { web: 'exec sleep 1000' }, signals: true });
    await supervisor.start();
    console.log('up');
    console.log(JSON.stringify(await supervisor.ended));
    console.log(process.listenerCount('SIGTERM'));
  `);
  await program.says('up');
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ status: 0, signal: null });
  expect(program.lines.slice(1)).toEqual(['{"status":0,"reason":"signal","signal":"SIGTERM"}', '0']);
});

test('a program in which nothing runs any more ends, closed or not, and has touched no state', async () => {
  const program = begin(`
    import { createSupervisor } from 'procsup';
    const idle = await createSupervisor({ processes: { web: 'exec sleep 1000' } });
    await runTask(await createSupervisor({ processes: { task: 'true' } }));
    async function runTask(supervisor) {
      await supervisor.start();
      await supervisor.wait('task', 'exited');
      await supervisor.close();
    }
    // Not even a timer keeps it from ending.
    console.log(process.getActiveResourcesInfo().includes('Timeout'));
  `);
  expect(await program.ended).toEqual({ status: 0, signal: null });
  expect(program.lines).toEqual(['false']);
  expect(program.stderr).toBe('');
  expect(
    [program.env.XDG_STATE_HOME, program.env.XDG_RUNTIME_DIR].flatMap((path) => readdirSync(path)),
  ).toEqual([]);
});

test('what the program has inherited stays open', () => {
  const root = scratch({
    'main.mjs': `
      import { fstatSync } from 'node:fs';
      import { createSupervisor } from '${DIST}';
      const supervisor = await createSupervisor({ processes: { web: 'true' } });
      fstatSync(40);
      await supervisor.close();
    `,
  });
  const fd = openSync(join(root, 'main.mjs'), 'r');
  onTestFinished(() => closeSync(fd));
  // Behind a gap, so that it is not marked close-on-exec by Node.
  const stdio = Array.from({ length: 41 }, (_, at) => (at === 40 ? fd : at === 2 ? 'pipe' : 'ignore'));
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'main.mjs')], {
    stdio,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('with control other terminals see it, and only one has the project', async () => {
  const program = begin(`
    import { createSupervisor } from 'procsup';
    const config = { processes: { web: 'exec sleep 1000' }, control: true, env: { XDG_STATE_HOME: '/nowhere' } };
    const supervisor = await createSupervisor(config);
    await supervisor.start();
    console.log(await createSupervisor(config).catch((error) => error.code));
    console.log('up');
    console.log(JSON.stringify(await supervisor.ended));
    console.log((await supervisor.ps())[0].state);
  `);
  await program.says('up');
  const terminal = { cwd: program.root, env: program.env };
  const ps = await run(PROCSUP, ['ps', '--json'], terminal);
  expect(JSON.parse(ps.stdout)).toMatchObject([
    { name: 'web.1', state: 'running', command: 'exec sleep 1000' },
  ]);
  expect(JSON.parse((await run(PROCSUP, ['ls', '--json'], terminal)).stdout)).toMatchObject([
    { mode: 'library' },
  ]);
  await run(PROCSUP, ['down'], terminal);
  expect(await program.ended).toEqual({ status: 0, signal: null });
  expect(program.lines).toEqual(['BUSY', 'up', '{"status":0,"reason":"closed"}', 'stopped']);
  expect(program.places.files().filter((path) => /claim|owner|sock/.test(path))).toEqual([]);
});

test('it can be required, and says nothing about it', async () => {
  const program = begin(
    `const { createSupervisor } = require('procsup');
     createSupervisor({ processes: { web: 'exec sleep 1000' } }).then(async (supervisor) => {
       const [{ outcome }] = await supervisor.start();
       console.log(outcome);
       await supervisor.close();
     });`,
    'main.cjs',
  );
  expect(await program.ended).toEqual({ status: 0, signal: null });
  expect([program.lines, program.stderr]).toEqual([['running'], '']);
});

test('the example of the documentation works', async () => {
  const [, example = ''] =
    /```js\n([\s\S]*?)```/.exec(readFileSync(join(PROJECT, 'docs/library.md'), 'utf8')) ?? [];
  expect(example).toContain("from 'procsup'");
  const program = begin(example);
  expect(await program.ended).toEqual({ status: 0, signal: null });
  expect(program.stderr).toBe('');
  expect(program.lines).toEqual(
    expect.arrayContaining([
      ...['web.1: listening on 5000', 'web.1 was restarted: running'],
      ...['web.1 running 5000', 'worker.1 running 5100', 'worker.2 running 5101'],
    ]),
  );
});

test('nothing of it is made for CommonJS only, and who calls pipe loads no supervisor', () => {
  const chunks = readdirSync(join(PROJECT, 'dist/library'));
  const texts = ['index.js', ...chunks.map((name) => `library/${name}`)].map((name) =>
    readFileSync(join(PROJECT, 'dist', name), 'utf8'),
  );
  expect(texts.filter((text) => /\b__dirname\b|\b__filename\b|\brequire\(/.test(text))).toEqual([]);
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(
      /^(?:import|export)[^;]*?from "(\.[^"]+)";|^import "(\.[^"]+)";/gm,
    )) {
      if (name !== '') load(resolve(path, '..', name));
    }
  };
  load(DIST);
  const all = [...loaded].map((path) => readFileSync(path, 'utf8')).join('');
  expect(all).toContain('function pipe(');
  expect(all).not.toMatch(/function runSupervisor\(|from "(?:zod|yaml|dotenv|signal-exit|pidusage)/);
});

/** The compiler takes as long as a busy machine lets it. */

/** As users have it: the built module in a program of their own. */
import { execFile } from 'node:child_process';
import { copyFileSync, cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { koffiAddon } from '../../src/os/pipes/koffi-addon.ts';
import { scratch } from '../helpers/scratch.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const DIST = join(PROJECT, 'dist/index.js');
const run = promisify(execFile);

/** What a program prints, as JSON. `limit`: of its descriptors. */
async function told(program: string, { library = DIST, limit = 1000 } = {}): Promise<unknown> {
  const main = join(scratch({ 'main.mjs': program.replace("'procsup'", `'${library}'`) }), 'main.mjs');
  const script = `ulimit -n ${limit}; exec "$0" "$@"`;
  const { stdout, stderr } = await run('/bin/sh', ['-c', script, process.execPath, main]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown;
}

/** All that a call could leave behind. */
const INVENTORY = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { pipe } from 'procsup';
  const children = () => readdirSync('/proc').filter((pid) => {
    try { return readFileSync('/proc/' + pid + '/stat', 'latin1').split(') ').pop().split(' ')[1] === String(process.pid); }
    catch { return false; }
  });
  const inventory = () => ({
    descriptors: readdirSync('/proc/self/fd').length,
    children: children(),
    resources: process.getActiveResourcesInfo().sort(),
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  });
`;

test('two hundred pipelines leave nothing behind', async () => {
  const program = `${INVENTORY}
    const signal = new AbortController().signal;
    await pipe(['true'], ['true'], { stderr: 'buffer', input: 'x', signal });
    const before = inventory();
    let failed = 0;
    for (let n = 0; n < 200; n += 1) if ((await pipe(['true'], ['true'], { signal, timeoutMs: 100000 })).status !== 0) failed += 1;
    console.log(JSON.stringify({ failed, before, after: inventory() }));
  `;
  const { failed, before, after } = (await told(program)) as Record<string, unknown>;
  expect(failed).toBe(0);
  expect(after).toEqual(before);
  expect(before).toMatchObject({ children: [] });
});

test('nor does one that was stopped, or could not begin', async () => {
  const program = `${INVENTORY}
    const failures = [];
    const fail = async (...args) => failures.push(await pipe(...args).then(() => 'none', (error) => error.code ?? error.name));
    await fail(['true'], { input: 'x', stderr: 'buffer' });
    const before = inventory();
    await fail(['yes'], ['cat'], { maxBufferBytes: 10 });
    await fail(['sleep', '1000'], ['cat'], { timeoutMs: 20, stderr: 'buffer' });
    await fail(['cat'], { signal: AbortSignal.abort(), input: 'x' });
    await fail(['true'], { nothing: 1 });
    await fail(['cat'], { input: (async function* () { throw new Error('dry'); })() });
    console.log(JSON.stringify({ failures, before, after: inventory() }));
  `;
  const { failures, before, after } = (await told(program)) as Record<string, unknown>;
  // 20 is ABORT_ERR, the old code of a DOMException.
  expect(failures).toEqual(['none', 'PIPE_MAX_BUFFER', 'PIPE_TIMEOUT', 20, 'TypeError', 'PIPE_INPUT']);
  expect(after).toEqual(before);
});

test('without descriptors it is refused, says so, and works when there are some again', async () => {
  const program = `${INVENTORY}
    import { closeSync, openSync } from 'node:fs';
    await pipe(['true'], ['true']);
    const { resources } = inventory();
    const held = [];
    for (;;) try { held.push(openSync('/dev/null', 'r')); } catch { break; }
    const outcomes = [];
    for (let free = 0; free <= 8; free += 1) {
      const { stages, status } = await pipe(['true'], ['true'], { input: 'x' });
      outcomes.push([status, ...stages.map(({ exit }) => exit.error ?? exit.code ?? exit.signal)]);
      if (free < 8) closeSync(held.pop());
    }
    for (const fd of held) closeSync(fd);
    const before = inventory().descriptors;
    const { status } = await pipe(['true'], ['true']);
    console.log(JSON.stringify({ outcomes, status, leaked: inventory().descriptors - before, more: inventory().resources.length - resources.length }));
  `;
  const { outcomes, ...rest } = (await told(program, { limit: 200 })) as { outcomes: readonly unknown[] };
  expect(outcomes[0]).toEqual([125, 'EMFILE', 'EMFILE']);
  expect(rest).toEqual({ status: 0, leaked: 0, more: 0 });
});

/** Where it is imported as an ES module, Node 20 and 22 refuse it, and Node 24 and 26 print a warning. */
test.skipIf(koffiAddon() === undefined)('the native module of koffi is required, alone', async () => {
  const program = `
    import { createRequire } from 'node:module';
    import { pipe } from 'procsup';
    await pipe(['true'], ['true']);
    const required = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify(required.filter((path) => path.includes('koffi'))));
  `;
  expect(await told(program)).toEqual([expect.stringMatching(/koffi\.node$/)]);
});

test('it works where koffi is not installed', async () => {
  const root = scratch({ 'package.json': '{"type":"module"}' });
  copyFileSync(DIST, join(root, 'index.js'));
  cpSync(join(PROJECT, 'dist/library'), join(root, 'library'), { recursive: true });
  const program = `import { pipe } from 'procsup';
    const { stdout, status } = await pipe(['cat', '/dev/stdin'], ['tr', 'a-z', 'A-Z'], 'cat > /dev/stdout', { input: 'koffi' });
    console.log(JSON.stringify([status, stdout.toString()]));
  `;
  expect(await told(program, { library: join(root, 'index.js') })).toEqual([0, 'KOFFI']);
});

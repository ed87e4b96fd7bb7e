import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { host } from '../../helpers/host.ts';
import { scratch } from '../../helpers/scratch.ts';

async function setUp() {
  const witness = join(scratch(), 'cleaned');
  const { does, kill, ended } = host('os/process/exit-hook.ts');
  const hook = `it.onLastExit(() => require('node:fs').writeFileSync('${witness}', ''))`;
  await does(`void (globalThis.takeAway = ${hook})`);
  return { does, kill, ended, wasCalled: () => existsSync(witness) };
}

test.each([
  ['process.exit(3)', 'setImmediate(() => process.exit(3)), 1'],
  ['an exception', 'setImmediate(() => { throw new Error("ours, for the test") }), 1'],
])('is called at the end by %s', async (_how, ending) => {
  const { does, ended, wasCalled } = await setUp();
  await does(ending);
  await ended;
  expect(wasCalled()).toBe(true);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGABRT'] as const)('is called at the end by %s', async (signal) => {
  const { kill, ended, wasCalled } = await setUp();
  kill(signal);
  await ended;
  expect(wasCalled()).toBe(true);
});

test('what throws in it changes neither the status nor the end of the others', async () => {
  const { does, ended } = host('os/process/exit-hook.ts');
  const witness = join(scratch(), 'status');
  await does(
    `void process.on('exit', (code) => require('node:fs').writeFileSync('${witness}', String(code)))`,
  );
  await does(`void it.onLastExit(() => { throw new Error('ours, for the test') })`);
  await does('setImmediate(() => process.exit(125)), 1');
  await ended;
  expect(readFileSync(witness, 'utf8')).toBe('125');
});

test('is not called after it was taken away', async () => {
  const { does, ended, wasCalled } = await setUp();
  await does('takeAway()');
  await does('setImmediate(() => process.exit(0)), 1');
  await ended;
  expect(wasCalled()).toBe(false);
});

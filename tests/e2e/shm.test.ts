/** Shared memory, as programs in several languages map it, and what becomes of it when things are killed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { project, type Project } from '../helpers/daemon.ts';
import { until } from '../helpers/eventually.ts';
import { isAlive, read } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { DIST } from '../helpers/supervised.ts';

const runs = (program: string, ...words: readonly string[]) => spawnSync(program, words).status === 0;
const HAS_PYTHON = runs('python3', '-c', 'import mmap');
const HAS_NUMPY = runs('python3', '-c', 'import numpy');
const HAS_CC = runs('cc', '--version');
const HAS_NAMESPACES = runs('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/dev/shm');

const create = async (app: Project, ...words: readonly string[]): Promise<string> => {
  const made = await app.run('shm', 'create', ...words);
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return made.stdout.trim();
};

test('is made, listed, found by processes that start later, and removed', async () => {
  const app = project(`web: ${PUPPET}`);
  expect(await app.run('shm', 'create', 'frames', '1MiB')).toMatchObject({ status: 3 });
  await app.up();
  expect((await app.run('shm', 'ls')).stderr).toContain('no shared memory exists');
  const path = await create(app, 'my-frames', '1MiB');
  expect(statSync(path)).toMatchObject({ size: 1024 * 1024 });
  expect(await app.json('shm', 'ls', '--json')).toMatchObject([
    { name: 'my-frames', path, bytes: 1024 * 1024, variable: 'PROCSUP_SHM_MY_FRAMES' },
  ]);
  expect((await app.run('shm', 'ls')).stdout).toMatch(/^NAME +SIZE +SINCE +PATH\nmy-frames +1MiB /);
  expect((await app.run('shm', 'path', 'my-frames')).stdout).toBe(`${path}\n`);
  await app.run('restart', 'web');
  const environment = read(`/proc/${String(await app.pidOf('web'))}/environ`).split('\0');
  expect(environment).toContain(`PROCSUP_SHM_MY_FRAMES=${path}`);
  expect(environment).toContain(`PROCSUP_SOCKET=${app.owner()?.socket ?? ''}`);
  expect(await app.run('shm', 'rm', 'my-frames')).toMatchObject({
    status: 0,
    stdout: 'removed shared memory my-frames\n',
  });
  expect(existsSync(path)).toBe(false);
  const events = (await app.run('events', '--no-follow')).stdout;
  expect(events).toContain("created shared memory 'my-frames' of 1MiB (by `procsup shm create");
  expect(events).toContain("removed shared memory 'my-frames' (by `procsup shm rm my-frames`");
});

test.each([
  [['create', 'taken', '1'], "shared memory 'taken' already exists"],
  [['create', 'none', '0'], 'of 0 bytes'],
  [['create', 'huge', '1000TiB'], / has [\d.]+ [GMK]iB free of [\d.]+ [GMK]iB/],
  [['create', 'x'], 'missing SIZE'],
  [['create', 'x', '12monkeys'], "invalid size '12monkeys'"],
  [['create', 'a b', '1'], "invalid name of shared memory 'a b'"],
  [['create', 'x', '--from', 'missing'], /cannot read '.*missing': no such file/],
  [['rm', 'takn'], "unknown shared memory 'takn'"],
  [['path', 'takn'], "did you mean 'taken'?"],
  [['crate', 'x'], "did you mean 'create'?"],
])('%o is refused', async (words, message) => {
  const app = project(`web: ${PUPPET}`);
  await app.up();
  await create(app, 'taken', '1KiB');
  const { status, stdout, stderr } = await app.run('shm', ...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

test('begins with a file, relative to the working directory', async () => {
  const app = project(`web: ${PUPPET}`, { files: { 'model.bin': 'abc' } });
  await app.up();
  expect(readFileSync(await create(app, 'a', '--from', 'model.bin'), 'utf8')).toBe('abc');
  expect(readFileSync(await create(app, 'b', '5', '--from', 'model.bin'), 'utf8')).toBe('abc\0\0');
});

test('is removed by down', async () => {
  const app = project(`web: ${PUPPET}`);
  await app.up();
  const path = await create(app, 'a', '1KiB');
  await app.run('down');
  expect(existsSync(dirname(path))).toBe(false);
});

test('kill -9 of the supervisor: its guardian removes it', async () => {
  const app = project(`web: ${PUPPET}`);
  const daemon = await app.up();
  const path = await create(app, 'a', '1KiB');
  process.kill(daemon, 'SIGKILL');
  await until(() => !existsSync(dirname(path)), 'it is removed');
  // It clears the socket away.
  await app.up();
});

test('kill -9 of supervisor and guardian: the next start removes it', async () => {
  const app = project(`web: ${PUPPET}`, { mayLeavePipes: true });
  const daemon = await app.up();
  const path = await create(app, 'a', '1KiB');
  process.kill(daemon, 'SIGSTOP');
  for (const { pid } of app.guardians()) process.kill(pid, 'SIGKILL');
  process.kill(daemon, 'SIGKILL');
  await until(() => app.guardians().length === 0 && !isAlive(daemon), 'both are gone');
  expect(existsSync(path)).toBe(true);
  await app.run('start', '-d');
  expect(existsSync(dirname(path))).toBe(false);
});

test.runIf(HAS_NAMESPACES)(
  'a full /dev/shm is told with its sizes, and others keep what they have',
  async () => {
    const app = project(`web: ${PUPPET}`);
    const script = `
    mount -t tmpfs -o size=4m tmpfs /dev/shm && procsup() { "$PROCSUP" "$@"; }
    procsup start -d >/dev/null && procsup shm create a 3MiB && procsup shm create b 2MiB
    echo "status $?"; procsup shm ls; ls "$(dirname "$(procsup shm path a)")"; procsup down >/dev/null; ls -A /dev/shm
  `;
    const { PROCSUP } = await import('../helpers/procsup.ts');
    const command = ['-m', 'env', `PROCSUP=${PROCSUP}`, 'sh', '-c', script];
    const { stdout, stderr } = await app.beginProgram('unshare', ...command).ended;
    expect(stderr).toContain("cannot create shared memory 'b' of 2MiB: /dev/shm has 1 MiB free of 4 MiB");
    expect(stdout).toMatch(/^\/dev\/shm\/procsup-shm-[^/]+\/a\nstatus 2\nNAME.*\na +3MiB .*\na\n$/);
  },
);

const C_PROGRAM = `
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
int main(void) {
  int fd = open(getenv("PROCSUP_SHM_SUMS"), O_RDWR);
  int *sums = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (sums == MAP_FAILED) return 1;
  __atomic_add_fetch(&sums[0], 1000, __ATOMIC_SEQ_CST);
  printf("C reads %d\\n", sums[0]);
}`;

const PYTHON = `
import mmap, os, struct
with open(os.environ['PROCSUP_SHM_SUMS'], 'r+b') as file:
    memory = mmap.mmap(file.fileno(), 0)
value = struct.unpack_from('i', memory, 0)[0] + 100
struct.pack_into('i', memory, 0, value)
print('Python reads', value)`;

const NUMPY = `
import numpy, os
sums = numpy.memmap(os.environ['PROCSUP_SHM_SUMS'], dtype='int32', mode='r+')
sums[0] += 10
print('numpy reads', sums[0])`;

const NODE = `
import { SharedMemory } from '${DIST}';
const sums = new Int32Array((await SharedMemory.open('sums')).buffer);
console.log('Node reads', Atomics.add(sums, 0, 1) + 1);`;

test('programs in other languages map the same pages, and their ends leave it to the others', async () => {
  const app = project(`web: ${PUPPET}`, {
    files: { 'a.c': C_PROGRAM, 'a.py': PYTHON, 'n.py': NUMPY, 'a.mjs': NODE },
    env: { PYTHONPATH: process.env['PYTHONPATH'] ?? '' },
  });
  await app.up();
  const path = await create(app, 'sums', '4KiB');
  writeFileSync(path, Buffer.from(Int32Array.of(5).buffer), { flag: 'r+' });
  const run = async (name: string, program: string, ...words: readonly string[]): Promise<number> => {
    const command = ['-c', 'export PROCSUP_SHM_SUMS="$0"; exec "$@"', path, program, ...words];
    const { status, stdout, stderr } = await app.beginProgram('sh', ...command).ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return Number(new RegExp(`^${name} reads (\\d+)\\n$`).exec(stdout)?.[1]);
  };
  let sum = 5;
  if (HAS_CC) {
    const { status } = spawnSync('cc', ['-o', join(app.root, 'a.out'), join(app.root, 'a.c')]);
    expect(status).toBe(0);
    expect(await run('C', join(app.root, 'a.out'))).toBe((sum += 1000));
  }
  if (HAS_PYTHON) expect(await run('Python', 'python3', 'a.py')).toBe((sum += 100));
  if (HAS_NUMPY) expect(await run('numpy', 'python3', 'n.py')).toBe((sum += 10));
  expect(await run('Node', process.execPath, 'a.mjs')).toBe((sum += 1));
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path).readInt32LE(0)).toBe(sum);
});

test('a command of run has the variables of the supervisor, and without one it runs all the same', async () => {
  const app = project('web: exec sleep infinity');
  const told = ['run', 'sh', '-c', 'echo "$PROCSUP_SHM_FRAMES|$PROCSUP_SOCKET"'];
  expect(await app.run(...told)).toMatchObject({ status: 0, stdout: '|\n' });
  await app.up();
  const { stdout } = await app.run('shm', 'create', 'frames', '64KiB');
  expect(await app.run(...told)).toMatchObject({
    status: 0,
    stdout: `${stdout.trimEnd()}|${app.owner()?.socket ?? 'none'}\n`,
  });
  await app.run('down');
  expect(await app.run(...told)).toMatchObject({ status: 0, stdout: '|\n' });
});

/** With real control groups, wherever one can be made; no controller is needed to make them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openGroups } from '../../../src/os/cgroup/groups.ts';
import { pidsIn, readOwnGroup } from '../../../src/os/cgroup/own-group.ts';
import { createSystemdTools } from '../../../src/os/cgroup/systemd.ts';
import { until } from '../../helpers/eventually.ts';

const OWN = await readOwnGroup(createSystemdTools());
const TAG = `${process.pid.toString(36)}-aaaaaa-a:`;
const BASE = TAG.replace(':', '');

describe.skipIf(OWN?.isOurs !== true)('control groups', () => {
  test('leave one for what was there, and bring it back at the end', async () => {
    const { own, pid } = await groupWithProcess();
    const groups = await openGroups(own, TAG);
    const supervisor = join(own.directory, `procsup.${BASE}`, 'supervisor');
    expect(pidsIn(own.directory)).toEqual([]);
    expect(pidsIn(supervisor)).toEqual([pid]);
    const run = groups.make('web.1.1', []);
    expect(existsSync(run)).toBe(true);
    writeFileSync(join(run, 'cgroup.procs'), String(pid));
    groups.remove(run);
    expect(existsSync(run)).toBe(true);
    writeFileSync(join(supervisor, 'cgroup.procs'), String(pid));
    groups.removeEmpty();
    expect(existsSync(run)).toBe(false);
    await groups.close();
    expect(pidsIn(own.directory)).toEqual([pid]);
    expect(directoriesIn(own.directory)).toEqual([]);
  });

  test('of a supervisor that was killed with its cleaner are removed by the next one', async () => {
    const { own, pid } = await groupWithProcess();
    const dead = spawn('true');
    await once(dead, 'exit');
    const left = join(own.directory, `procsup.${Number(dead.pid).toString(36)}-aaaaaa-a`);
    for (const directory of [left, join(left, 'supervisor'), join(left, 'web.1.1')]) mkdirSync(directory);
    writeFileSync(join(left, 'supervisor', 'cgroup.procs'), String(pid));
    const groups = await openGroups(own, TAG);
    expect(directoriesIn(own.directory)).toEqual([`procsup.${BASE}`]);
    await groups.close();
    expect(pidsIn(own.directory)).toEqual([pid]);
    expect(directoriesIn(own.directory)).toEqual([]);
  });
});

async function groupWithProcess() {
  const directory = join(OWN?.directory ?? '', `procsup-test-${String(process.pid)}-${String((count += 1))}`);
  mkdirSync(directory);
  const child = spawn('sleep', ['100000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await until(() => pidsIn(directory).length === 0, 'the group is empty');
    rmdirSync(directory);
  });
  writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  const own = { directory, controllers: [], isOurs: true, isRoot: false, hasStrangers: false };
  return { own, pid };
}

let count = 0;

const directoriesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));

import { expect, test } from 'vitest';
import { directoryOf } from '../../../src/os/cgroup/own-group.ts';
import { unitOf } from '../../../src/os/cgroup/systemd.ts';

const mount = (root: string, place: string, type = 'cgroup2'): string =>
  `41 31 0:38 ${root} ${place} rw,relatime - ${type} cgroup rw\n`;
const OTHERS = '22 27 0:21 / /proc rw - proc proc rw\n' + mount('/', '/sys/fs/cgroup/memory', 'cgroup');

test.each<[title: string, path: string, mountinfo: string, directory: string | undefined]>([
  ['of a machine', '/user.slice/a.scope', mount('/', '/sys/fs/cgroup'), '/sys/fs/cgroup/user.slice/a.scope'],
  ['at the root', '/', mount('/', '/sys/fs/cgroup'), '/sys/fs/cgroup'],
  ['beside cgroup v1', '/x', mount('/', '/sys/fs/cgroup/unified'), '/sys/fs/cgroup/unified/x'],
  ['of a part that is mounted', '/a/b/c', mount('/a/b', '/mnt'), '/mnt/c'],
  ['of exactly that part', '/a/b', mount('/a/b', '/mnt'), '/mnt'],
  ['outside of that part', '/a/bc', mount('/a/b', '/mnt'), undefined],
  ['above the root of our namespace', '/../x', mount('/', '/mnt'), undefined],
  ['at a place with a blank', '/x', mount('/', '/mnt/my\\040groups'), '/mnt/my groups/x'],
  ['without cgroup v2', '/x', '', undefined],
])('the directory of a group %s', (_title, path, mountinfo, directory) => {
  expect(directoryOf(path, OTHERS + mountinfo)).toBe(directory);
});

test.each<[path: string, unit: ReturnType<typeof unitOf>]>([
  ['/system.slice/app.service', { name: 'app.service', manager: [] }],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope',
    { name: 'run-1.scope', manager: ['--user'] },
  ],
  ['/user.slice/user-1000.slice/user@1000.service', { name: 'user@1000.service', manager: [] }],
  ['/system.slice/app.service/supervisor', undefined],
  ['/', undefined],
])('the unit of %s', (path, unit) => {
  expect(unitOf(path)).toEqual(unit);
});

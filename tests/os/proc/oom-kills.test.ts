import { describe, expect, test } from 'vitest';
import { filesOf, oomKillIn, readOomKills } from '../../../src/os/proc/oom-kills.ts';

describe('the file of a control group', () => {
  const cases: readonly (readonly [cgroups: string, files: readonly string[]])[] = [
    ['0::/user.slice/app.scope\n', ['/sys/fs/cgroup/user.slice/app.scope/memory.events']],
    ['9:pids:/\n4:memory:/a/b\n', ['/sys/fs/cgroup/memory/a/b/memory.oom_control']],
    [
      '4:cpu,memory:/a\n0::/\n',
      ['/sys/fs/cgroup//memory.events', '/sys/fs/cgroup/memory/a/memory.oom_control'],
    ],
    ['', []],
  ];
  test.each(cases)('%j', (cgroups, files) => {
    expect(filesOf(cgroups)).toEqual(files);
  });
});

test('the count is that of kills, not of times when memory was short', () => {
  expect(oomKillIn('low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\noom_group_kill 0\n')).toBe(1);
  expect(oomKillIn('oom_kill_disable 0\nunder_oom 0\noom_kill 4\n')).toBe(4);
  expect(oomKillIn('oom_kill_disable 0\n')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('a real kernel counts', () => {
  expect(readOomKills()?.count).toBeGreaterThanOrEqual(0);
});

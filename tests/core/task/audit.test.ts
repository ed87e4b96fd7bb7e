import { describe, expect, it } from 'vitest';
import { accessesIn, undeclaredOf } from '../../../src/core/task/audit.ts';
import { taskOf } from '../../helpers/tasks.ts';

/** As strace -xx writes names. */
const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
/** `"name"` and `<path>` of a line in plain words become those of strace. */
const traced = (line: string): string =>
  line
    .replace(/"([^"]*)"/g, (_, name: string) => `"${hex(name)}"`)
    .replace(/<(\/[^>]*)>/g, (_, path: string) => `<${hex(path)}>`);

function accesses(...lines: readonly string[]) {
  const { reads, writes } = accessesIn(lines.map(traced), '/app');
  return { reads: [...reads], writes: [...writes] };
}

describe('what a command has read and written', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['7 openat(AT_FDCWD</app>, "src/a", O_RDONLY|O_CLOEXEC) = 3</app/src/a>', ['/app/src/a'], []],
    ['7 openat(AT_FDCWD</app>, "s/a", O_RDONLY) = 3</app/src/a>', ['/app/src/a'], []],
    ['7 open("src/a", O_RDONLY) = 3', ['/app/src/a'], []],
    ['7 openat(AT_FDCWD</app>, "no", O_RDONLY) = -1 ENOENT (No such file or directory)', [], []],
    ['7 openat(AT_FDCWD</app>, "src", O_RDONLY|O_DIRECTORY) = 3</app/src>', [], []],
    ['7 openat(AT_FDCWD</app>, "b", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</app/b>', [], ['/app/b']],
    ['7 openat(AT_FDCWD</app>, "b", O_RDWR) = 3</app/b>', [], ['/app/b']],
    ['7 openat(5</app/dir>, "b", O_RDONLY) = 3</app/dir/b>', ['/app/dir/b'], []],
    ['7 execve("./run.sh", ["./run.sh"], 0x7ffd /* 30 vars */) = 0', ['/app/run.sh'], []],
    ['7 symlinkat("a", AT_FDCWD</app/x>, "l") = 0', [], ['/app/x/l']],
    ['7 symlink("a", "l") = 0', [], ['/app/l']],
    ['7 unlink("old") = 0', [], ['/app/old']],
    ['7 newfstatat(AT_FDCWD</app>, "a", {st_mode=S_IFREG|0644, st_size=4, ...}, 0) = 0', [], []],
    ['7 openat(AT_FDCWD</app>, "a, \\"b\\" c", O_RDONLY) = 3</app/é ü>', ['/app/é ü'], []],
    ['7 +++ exited with 0 +++', [], []],
    ['', [], []],
  ])('%s', (line, reads, writes) => {
    expect(accesses(line)).toEqual({ reads, writes });
  });

  it('what it has made and removed again is nothing', () => {
    expect(
      accesses(
        '7 openat(AT_FDCWD</app>, "tmp", O_WRONLY|O_CREAT, 0666) = 3</app/tmp>',
        '7 openat(AT_FDCWD</app>, "tmp", O_RDONLY) = 3</app/tmp>',
        '7 unlink("tmp") = 0',
      ),
    ).toEqual({ reads: [], writes: [] });
  });

  it('a file that is renamed is written under its new name', () => {
    expect(
      accesses(
        '7 openat(AT_FDCWD</app>, "b.tmp", O_WRONLY|O_CREAT, 0666) = 3</app/b.tmp>',
        '7 rename("b.tmp", "b") = 0',
        '7 renameat2(AT_FDCWD</app>, "mine", AT_FDCWD</app/x>, "yours", RENAME_NOREPLACE) = 0',
      ),
    ).toEqual({ reads: [], writes: ['/app/b', '/app/mine', '/app/x/yours'] });
  });

  it('each process has a working directory', () => {
    expect(
      accesses(
        '7 chdir("/app/src") = 0',
        '7 open("a", O_RDONLY) = 3',
        '8 openat(AT_FDCWD</app/lib>, "/etc/ld.so", O_RDONLY) = 3',
        '8 open("../b", O_RDONLY) = 3',
        '9 open("c", O_RDONLY) = 3',
      ).reads,
    ).toEqual(['/app/src/a', '/etc/ld.so', '/app/b', '/app/c']);
  });

  it('a call that others interrupt is put together', () => {
    expect(
      accesses(
        '7 openat(AT_FDCWD</app>, "a", O_RDONLY <unfinished ...>',
        '8 openat(AT_FDCWD</app>, "b", O_RDONLY) = 3</app/b>',
        '7 <... openat resumed>)             = 3</app/a>',
      ).reads,
    ).toEqual(['/app/b', '/app/a']);
  });
});

it('undeclared is what lies in the project and is neither input nor output, nor made by what it needs', () => {
  const told = undeclaredOf(
    {
      reads: new Set(
        ['src/a', 'secret', 'dist/x', 'lib/made', 'node_modules/x/i.js', '.git/HEAD']
          .map((name) => `/app/${name}`)
          .concat('/etc/passwd'),
      ),
      writes: new Set(['/app/dist/a', '/app/report.txt', '/app/src/gen', '/tmp/x']),
    },
    {
      task: taskOf({ inputs: ['src'], outputs: ['dist'] }),
      needed: [taskOf({ name: 'lib', outputs: ['lib'] })],
      root: '/app',
    },
  );
  expect(told).toEqual({ reads: ['secret'], writes: ['report.txt', 'src/gen'] });
});

import { describe, expect, test } from 'vitest';
import { basesOf, scopeAt, wants, watchRules } from '../../../src/core/watch/scope.ts';
import { topsOf } from '../../../src/core/watch/tops.ts';

const ROOT = '/p/app';
const rules = (paths: readonly string[], ignore: readonly string[] = [], excluded: readonly string[] = []) =>
  watchRules({ paths, ignore }, ROOT, excluded);

describe('a pattern with a slash is a path, one without is a name at any depth', () => {
  test.each([
    [['src'], 'src/a.ts', true],
    [['src'], 'src/x/y/a.ts', true],
    [['src'], 'srcs/a.ts', false],
    [['.'], 'a.ts', true],
    [['./src/'], 'src/a.ts', true],
    [['../lib'], '../lib/a.ts', true],
    [['/etc/x'], '/etc/x/y', true],
    [['config/*.json'], 'config/a.json', true],
    [['config/*.json'], 'config/x/a.json', false],
    [['*.js'], 'a.js', true],
    [['*.js'], 'x/a.js', false],
    [['src/**/*.ts'], 'src/a.ts', true],
    [['src/**/*.ts'], 'src/x/y/a.ts', true],
    [['src/**/*.ts'], 'src/x/a.js', false],
    [['**/*.py'], 'x/y.py', true],
    [['src/**'], 'src/x/y', true],
    [['packages/*/src'], 'packages/a/src/x/b.ts', true],
    [['packages/*/src'], 'packages/a/test/b.ts', false],
    [['src/{a,b}/x.ts'], 'src/b/x.ts', true],
    [['src/{a,b}/x.ts'], 'src/c/x.ts', false],
    [['src/{a'], 'src/{a/x', true],
    [['app/[id]/page.tsx'], 'app/[id]/page.tsx', true],
    [['app/[id]/page.tsx'], 'app/i/page.tsx', false],
    [['package.json'], 'package.json', true],
    [['package.json'], 'x/package.json', false],
    [['src/x?.ts'], 'src/x1.ts', true],
  ] as const)('%j: %s is %s', (paths, path, isWanted) => {
    expect(wants(rules(paths), absolute(path))).toBe(isWanted);
  });

  test.each([
    [['gen'], 'src/gen/a.ts', false],
    [['*.test.ts'], 'src/x/a.test.ts', false],
    [['src/gen'], 'src/gen/a.ts', false],
    [['src/gen'], 'src/x/src/gen/a.ts', true],
    [['src/gen/'], 'src/gen/a.ts', false],
    [['src/**/gen'], 'src/x/gen/a.ts', false],
    [['!*.tmp'], 'src/a.tmp', true],
    [['gen', '!gen'], 'src/gen/a.ts', true],
    [['!node_modules'], 'src/node_modules/a.js', true],
    [['/p/app/src/x.ts'], 'src/x.ts', false],
  ] as const)('ignoring %j: %s is %s', (ignore, path, isWanted) => {
    expect(wants(rules(['src'], ignore), absolute(path))).toBe(isWanted);
  });
});

const absolute = (path: string): string =>
  path.startsWith('/') ? path : path.startsWith('../') ? `/p/${path.slice(3)}` : `${ROOT}/${path}`;

test.each([
  ...[
    '.git/index',
    'node_modules/x/y.js',
    'src/node_modules/y.js',
    'x/__pycache__/a.pyc',
    '.next/x',
    'coverage/x',
  ],
  ...[
    '4913',
    'src/a.ts~',
    'src/.a.ts.swp',
    'src/.a.ts.swx',
    'x.swp',
    'src/.#a.ts',
    '#a.ts#',
    'sedAbC123',
    'a.tmp',
  ],
  ...[
    'a.log',
    'run/a.pid',
    'pytest-cache-files-abc/x',
    'vite.config.ts.timestamp-1-a.mjs',
    'app-go-tmp-umask',
  ],
  ...['a.pyc', 'tsconfig.tsbuildinfo', '.goutputstream-AB12', '.DS_Store'],
])('%s is ignored by default', (path) => {
  expect(wants(rules(['.']), absolute(path))).toBe(false);
});

test.each(['dist/a.js', 'build/a', 'target/a', '.env', 'package-lock.json', 'sedate.ts', '.gitignore'])(
  '%s is not',
  (path) => {
    expect(wants(rules(['.']), absolute(path))).toBe(true);
  },
);

test('what is named wins over the ignore list', () => {
  expect(wants(rules(['node_modules/mine']), absolute('node_modules/mine/a.js'))).toBe(true);
  expect(wants(rules(['node_modules/mine']), absolute('node_modules/other/a.js'))).toBe(false);
  expect(wants(rules(['node_modules/mine']), absolute('node_modules/mine/node_modules/a.js'))).toBe(false);
  expect(wants(rules(['debug.log']), absolute('debug.log'))).toBe(true);
  expect(wants(rules(['logs/*.log']), absolute('logs/a.log'))).toBe(true);
  expect(wants(rules(['src/**/*']), absolute('src/x/a.log'))).toBe(false);
  expect(wants(rules(['debug.log'], ['*.log']), absolute('debug.log'))).toBe(true);
});

test('the logs and the state of procsup are never watched', () => {
  expect(wants(rules(['.'], ['!state'], [`${ROOT}/state`]), absolute('state/daemon.json'))).toBe(false);
});

test('an ignored directory is not watched at all', () => {
  const scope = scopeAt([rules(['src'])], `${ROOT}/src`);
  expect(scope?.below('node_modules')).toBeUndefined();
  expect(scope?.below('x')).toBe(scope);
  expect(scopeAt([rules(['src'])], ROOT)?.below('lib')).toBeUndefined();
  expect(scopeAt([rules(['config/*.json'])], `${ROOT}/config`)?.below('x')).toBeUndefined();
  expect(scopeAt([rules(['src', 'src/node_modules/x'])], `${ROOT}/src`)?.below('node_modules')).toBeDefined();
});

test('what any process wants is wanted', () => {
  const all = [rules(['src']), rules(['lib/*.ts'])];
  expect(scopeAt(all, `${ROOT}/src`)?.wantsFile('a.js')).toBe(true);
  expect(scopeAt(all, `${ROOT}/lib`)?.wantsFile('a.js')).toBe(false);
  expect(scopeAt(all, `${ROOT}/lib`)?.wantsFile('a.ts')).toBe(true);
});

test('links that lead to what is watched are followed, others are not', () => {
  const scope = scopeAt([rules(['current/src'])], ROOT);
  expect(scope?.leads('current')).toBe(true);
  expect(scope?.below('current')?.leads('src')).toBe(true);
  expect(scope?.below('current')?.below('src')?.leads('x')).toBe(false);
  expect(scope?.leads('other')).toBe(false);
});

test('each base stands once, and none within another', () => {
  expect(basesOf([rules(['src', 'src/x', 'src/*.ts']), rules(['lib'])])).toEqual([
    `${ROOT}/lib`,
    `${ROOT}/src`,
  ]);
});

test('watching begins above what is watched', () => {
  const tops = (...paths: string[]) => topsOf([rules(paths)], ROOT);
  expect(tops('src', 'lib/x')).toEqual([ROOT]);
  expect(tops('.')).toEqual(['/p']);
  expect(tops('.', 'src')).toEqual(['/p']);
  expect(tops('src', '/etc/x')).toEqual(['/etc', ROOT]);
  expect(tops('/x')).toEqual(['/']);
});

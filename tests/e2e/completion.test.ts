/** Completion by real shells, and the names that they ask for. Shells that are not installed are skipped. */
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/table/commands.ts';
import { SHELLS } from '../../src/cli/completion/model.ts';
import { namesOf } from '../../src/cli/table/options.ts';
import { complete, hasShell } from '../helpers/complete.ts';
import { project } from '../helpers/daemon.ts';
import { ownPlaces, procsup } from '../helpers/procsup.ts';
import { scratch } from '../helpers/scratch.ts';

const LIVE = 'exec sleep infinity';
const PROCFILE = `web: ${LIVE}\nworker: ${LIVE}\nclock: ${LIVE}`;
/** Nothing is started there. */
const idle = (files: Readonly<Record<string, string>> = { Procfile: PROCFILE }) => ({
  cwd: scratch(files),
  env: ownPlaces().env,
});
const VERBS = [...COMMANDS.flatMap(namesOf), 'help'];

describe.each(SHELLS)('%s', (shell) => {
  const there = test.skipIf(!hasShell(shell));

  there.each([
    ['commands', ['procsup', ''], [...VERBS].sort()],
    ['the rest of a command', ['procsup', 'resta'], ['restart']],
    ['names', ['procsup', 'restart', 'w'], ['web', 'worker']],
    ['names after an option', ['procsup', 'logs', '-f', 's'], ['system']],
    ['names in a list', ['procsup', 'start', '--tty', 'cl'], ['clock']],
    ['choices', ['procsup', 'start', '--restart', 'on'], ['on-failure']],
    ['shells', ['procsup', 'completion', ''], ['bash', 'fish', 'zsh']],
    ['signals', ['procsup', 'kill', '-s', 'HU'], ['HUP']],
    ['topics', ['procsup', 'help', 'relo'], ['reload']],
    ['nothing for a wrong command', ['procsup', 'nonsense', 'w'], []],
  ])('completes %s', (_, words, expected) => {
    expect(complete(shell, words, idle())).toEqual(expected);
  });

  there('completes the options of a command, and those of all', () => {
    const found = complete(shell, ['procsup', 'stats', '--'], idle());
    const plain = found.map((word) => word.replace(/=$/, ''));
    expect(plain).toEqual(
      expect.arrayContaining(['--json', '--interval', '--root', '--file', '--color', '--help']),
    );
    expect(plain).not.toContain('--restart');
  });

  there('finds the names of another project, where its options come first', () => {
    const { cwd, env } = idle();
    expect(complete(shell, ['procsup', '-C', cwd, 'stop', 'wo'], { cwd: '/', env })).toEqual(['worker']);
  });

  there('offers a name with its = to scale', () => {
    const [found] = complete(shell, ['procsup', 'scale', 'wo'], idle());
    expect(found?.replace(/=$/, '')).toBe('worker');
  });

  there('says nothing where there is no project', () => {
    expect(complete(shell, ['procsup', 'restart', 'w'], idle({}))).toEqual([]);
  });
});

test.skipIf(!hasShell('bash')).each([
  ['--restart = on', ['on-failure']],
  ['--restart =', ['always', 'never', 'on-failure']],
  ['--tty web,wo', ['web,worker']],
  ['-m web', ['web=']],
])('bash parts words at =, and goes on in a list: %s', (words, expected) => {
  expect(complete('bash', ['procsup', 'start', ...words.split(' ')], idle())).toEqual(expected);
});

describe('the names', () => {
  const names = async (app: ReturnType<typeof project>, ...words: readonly string[]) => {
    const { status, stdout, stderr } = await procsup(['completion', '--names', ...words], {
      cwd: app.root,
      env: app.env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').slice(0, -1);
  };

  test('are those of the running supervisor, with instances where there are several', async () => {
    const app = project(PROCFILE);
    await app.up('-m', 'web=2');
    app.write('Procfile', 'other: true\n');
    expect(await names(app, 'restart')).toEqual(['web', 'web.1', 'web.2', 'worker', 'clock']);
    expect(await names(app, 'scale')).toEqual(['web', 'worker', 'clock', 'other']);
    expect(await names(app, 'logs', '-f')).toContain('system');
  });

  test('are those of the files while nothing runs, also with pipelines', async () => {
    const app = project('web: true', { files: { 'procsup.yaml': 'pipelines:\n  ingest: [cat, wc]\n' } });
    expect(await names(app, 'start')).toEqual(['web', 'ingest']);
    app.write('Other', 'api: true\n');
    expect(await names(app, '-f', 'Other', 'run')).toEqual(['api', 'ingest']);
    app.write('.env', 'PROCFILE=Other\n');
    expect(await names(app, 'run')).toEqual(['api', 'ingest']);
    expect(await names(app, '--root', '=', '/nonexistent', 'run')).toEqual([]);
  });

  test('are those of the files when the supervisor hangs, and nothing is said', async () => {
    const app = project(PROCFILE);
    const pid = await app.up();
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await names(app, 'restart')).toEqual(['web', 'worker', 'clock']);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('never are what a shell would take for something else', async () => {
    const app = project('good: true\n$(touch x): true\na b: true');
    app.write('procsup.yaml', 'pipelines:\n  "$(touch x)": [a, b]\n  : broken');
    expect(await names(app, 'start')).toEqual(['good']);
  });
});

import { setTimeout as pass } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { listensOnTcp, stateOf } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { start, startWith } from '../helpers/start.ts';

/** Two SIGINTs that are closer than this come from one key. */
const ONE_KEYPRESS_MS = 250;

/** A child that hears everything and dies of nothing, under a procsup that never loses its patience. */
async function withListener() {
  const app = start(`web: ${PUPPET}`, '-t', '1h');
  const web = await app.puppet('web.1');
  await web.listen('SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT', 'SIGALRM', 'SIGXCPU');
  return { app, web };
}

describe('a stop', () => {
  test.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGHUP', 'SIGTERM'],
    ['SIGQUIT', 'SIGTERM'],
    ['SIGALRM', 'SIGTERM'],
    ['SIGXCPU', 'SIGTERM'],
    ['SIGABRT', 'SIGTERM'],
  ] as const)('by %s reaches the children as %s, once', async (sent, heard) => {
    const { app, web } = await withListener();
    app.kill(sent);
    await web.hears(heard);
    await app.says(`${sent}: stopping`);
    await web.print('bye\n');
    await app.says(/\| bye$/);
    expect(web.heard).toEqual([heard]);
    web.exit(0);
    expect(await app.ended).toEqual({ status: 0, signal: null });
  });

  test('reaches the whole process group', async () => {
    const app = start(`web: ${PUPPET} & wait; true`);
    const web = await app.puppet('web.1');
    expect(web.pid).not.toBe(await app.pidOf('web.1'));
    await web.listen('SIGTERM');
    app.kill('SIGTERM');
    await web.hears('SIGTERM');
    web.exit(0);
    expect((await app.ended).status).toBe(0);
  });

  test('reaches one that was stopped by SIGSTOP', async () => {
    const app = start(`web: ${PUPPET}`, '-t', '1h');
    const web = await app.puppet('web.1');
    await web.pause();
    await until(() => stateOf(web.pid) === 'T', 'the child is stopped');
    app.kill('SIGTERM');
    await app.says('web.1 was terminated by SIGTERM (status 143)');
    expect(await app.ended).toEqual({ status: 0, signal: null });
  });

  test('comes in time for a program that ignores SIGINT and SIGTERM: SIGKILL, 137', async () => {
    const app = start('web: trap "" INT TERM; echo deaf; while :; do sleep 1000; done', '-t', '200ms');
    await app.says('deaf');
    app.kill('SIGINT');
    await app.says('web.1 has not stopped; killing it');
    expect(await app.ended).toEqual({ status: 137, signal: null });
  });
});

describe('Ctrl-C', () => {
  test('twice kills at once: 130', async () => {
    const { app, web } = await withListener();
    app.kill('SIGINT');
    await web.hears('SIGINT');
    await app.says('Ctrl-C again kills');
    await pass(ONE_KEYPRESS_MS + 50);
    app.kill('SIGINT');
    await app.says('killing everything');
    await app.says('web.1 was terminated by SIGKILL');
    expect(await app.ended).toEqual({ status: 130, signal: null });
    expect(web.heard).toEqual(['SIGINT']);
  });

  test('twice says of what was to be stopped later only that it is killed', async () => {
    const app = startWith({
      files: {
        Procfile: `db: ${PUPPET}\nweb: ${PUPPET}\n`,
        'procsup.yaml': 'processes: { web: { depends_on: { db: started } } }\n',
      },
      args: ['start', '-t', '1h'],
    });
    const db = await app.puppet('db.1');
    const web = await app.puppet('web.1');
    await web.listen('SIGINT');
    app.kill('SIGINT');
    await web.hears('SIGINT');
    await pass(ONE_KEYPRESS_MS + 50);
    app.kill('SIGINT');
    expect(await app.ended).toEqual({ status: 130, signal: null });
    expect(app.stdout).toContain('web.1 has not stopped; killing it');
    expect(app.stdout).toContain('killing db.1');
    expect(app.stdout).not.toContain('db.1 has not stopped');
    expect(db.heard).toEqual([]);
  });

  test('twice within a moment counts as once', async () => {
    const { app, web } = await withListener();
    app.kill('SIGINT');
    app.kill('SIGINT');
    await web.hears('SIGINT');
    web.exit(0);
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect(web.heard).toEqual(['SIGINT']);
  });

  test('after a SIGTERM is a first one', async () => {
    const { app, web } = await withListener();
    app.kill('SIGTERM');
    await web.hears('SIGTERM');
    app.kill('SIGINT');
    await app.says('waiting for web.1; Ctrl-C again kills');
    await pass(ONE_KEYPRESS_MS + 50);
    app.kill('SIGINT');
    expect(await app.ended).toEqual({ status: 130, signal: null });
  });
});

describe.each(['SIGUSR1', 'SIGUSR2'] as const)('%s', (signal) => {
  test('is passed on to every child, and opens no port', async () => {
    const app = start(`a: ${PUPPET}\nb: ${PUPPET}`);
    const puppets = [await app.puppet('a.1'), await app.puppet('b.1')];
    for (const puppet of puppets) await puppet.listen(signal);
    app.kill(signal);
    for (const puppet of puppets) await puppet.hears(signal);
    expect(listensOnTcp(app.pid)).toBe(false);
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
    expect(app.stderr).toBe('');
  });
});

/** As after `nohup`, and as in the background jobs of a script. */
const IGNORING = `trap '' HUP INT; exec "$@"`;

describe('signals that were ignored when procsup was started stay ignored', () => {
  test('by start', async () => {
    const app = startWith({ files: { Procfile: `web: ${PUPPET}` }, through: IGNORING });
    const web = await app.puppet('web.1');
    await web.listen('SIGINT', 'SIGTERM', 'SIGUSR1');
    app.kill('SIGHUP');
    app.kill('SIGINT');
    // Sent later and heard at the same place: the others have been heard before.
    app.kill('SIGUSR1');
    await web.hears('SIGUSR1');
    expect(web.heard).toEqual(['SIGUSR1']);
    app.kill('SIGTERM');
    await web.hears('SIGTERM');
    web.exit(0);
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect(app.stdout).not.toMatch(/SIGHUP|SIGINT/);
  });

  test.each([
    ['run', ['run', 'sh', '-c']],
    ['pipe', ['pipe', '--', 'sh', '-c']],
  ])('by %s, and by its program', async (_name, words) => {
    const script = `kill -HUP $PPID $$; kill -INT $PPID $$; sleep 0.1; grep SigIgn /proc/self/status; exit 5`;
    const args = [...words, script];
    const app = startWith({ args, through: IGNORING });
    expect(await app.ended).toEqual({ status: 5, signal: null });
    expect(app.stdout).toMatch(/^SigIgn:\s0+3$/m);
  });
});

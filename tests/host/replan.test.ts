/** Scaling and reloading with a real supervisor, in a world of fakes, and what of it can be seen from outside. */
import { NO_CHECKS } from '../helpers/no-checks.ts';
import { NO_POOLS } from '../helpers/no-pools.ts';
import { NO_TERMINALS } from '../helpers/no-terminals.ts';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createApi } from '../../src/host/api.ts';
import { fleetOf } from '../../src/host/fleet-of.ts';
import { loadApp } from '../../src/config/load-app.ts';
import type { Project } from '../../src/host/project.ts';
import { createReplanner } from '../../src/host/replan.ts';
import type { HostOptions } from '../../src/host/options.ts';
import { createLazySockets } from '../../src/host/lazy/sockets.ts';
import { createLazyExchange } from '../../src/host/lazy/exchange.ts';
import type { Running } from '../../src/host/wire.ts';
import type { Impossible, Replanned } from '../../src/control/api.ts';
import { createRouter } from '../../src/control/router.ts';
import { ROUTES } from '../../src/control/routes.ts';
import { allInstances } from '../../src/core/plan/app-spec.ts';
import { createLogBook } from '../../src/logs/book.ts';
import { createJournal } from '../../src/runtime/journal.ts';
import { createStopSignals } from '../../src/runtime/stop-signals.ts';
import { createSupervisor } from '../../src/runtime/supervisor.ts';
import { createFakeSampler } from '../helpers/fake-sampler.ts';
import { createFakeLinks } from '../helpers/fake-links.ts';
import { createFakeWorld } from '../helpers/fake-world.ts';
import { scratch } from '../helpers/scratch.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const SECRET = 'hunter2-do-not-tell';
const PROCFILE = 'web: serve\nworker: work\n';

interface SetUp {
  readonly names?: readonly string[];
  readonly formation?: string;
  /** Beside the Procfile and .env. */
  readonly files?: Readonly<Record<string, string>>;
}

async function setUp({ names = [], formation, files = {} }: SetUp = {}) {
  const root = scratch({ Procfile: PROCFILE, '.env': `PASSWORD=${SECRET}\n`, ...files });
  const write = (name: string, text: string): void => writeFileSync(join(root, name), text);
  const options = { root, names, formation };
  const { value: app, input } = await loadApp(options, { HOME: '/root', TOKEN: SECRET }, root);
  if (app === undefined || input === undefined) return expect.fail('no application');
  const settings = {
    timeoutMs: 5000,
    restart: 'never',
    restartDelayMs: 0,
    onExit: 'keep',
    resident: true,
  } as unknown as HostOptions;
  const clock = createVirtualClock();
  const world = createFakeWorld();
  const journal = createJournal(() => clock.wallNow());
  const supervisor = createSupervisor({
    ...{ spec: fleetOf(app, settings), instances: allInstances(app), root, runTag: 'M:' },
    ...{
      launcher: world.launcher,
      processGroups: world.processGroups,
      stopSignals: createStopSignals(world.processGroups),
      guard: world.guard,
      clock,
      random: () => 0,
    },
    inputs: { attach: () => () => undefined },
    terminals: NO_TERMINALS,
    checks: NO_CHECKS,
    pools: NO_POOLS,
    links: createFakeLinks(),
    output: {
      attach: () => ({ finish: (done) => done(true) }),
      attachHook: () => ({ finish: (done) => done(true) }),
    },
    on: {
      record: (event) => journal.add(event),
      finished: () => undefined,
    },
  });
  const book = createLogBook({ clock, instances: 2, directory: null });
  const inputs = {
    attach: () => undefined,
    close: () => undefined,
    closeAll: () => undefined,
    write: () => Promise.resolve({ taken: true }),
  };
  const running = {
    supervisor,
    journal,
    announcer: { say: () => undefined },
    book,
    inputs,
    onChange: () => () => undefined,
    checks: NO_CHECKS,
    pools: NO_POOLS,
    exchange: createLazyExchange({ root, stateDirectory: undefined }),
    sockets: createLazySockets({} as unknown as Parameters<typeof createLazySockets>[0]),
    schedules: { nextOf: () => undefined, close: () => undefined },
  } as unknown as Running;
  const project = {
    ...{ settings, options, env: { HOME: '/root', TOKEN: SECRET }, cwd: root, app, input, previous: [] },
    places: { root },
    owner: { mode: 'daemon', version: '1', socket: '/run/s', since: '2026-01-02T03:04:05.000Z' },
  } as unknown as Project;
  /** Lets the world turn until it is done. */
  const done = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { isDone: false };
    const settled = promise.finally(() => (state.isDone = true));
    // Whoever fails is told of below.
    settled.catch(() => undefined);
    // Many: meanwhile modules are loaded and files read, which takes as many turns as the machine is busy.
    for (let turns = 0; turns < 1_000_000 && !state.isDone; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      world.turn();
      clock.advance(1);
    }
    return state.isDone ? settled : expect.fail('it never ends');
  };
  const living = (): readonly string[] =>
    world.programs
      .filter(({ isAlive }) => isAlive)
      .map(({ request }) => `${request.env['PS'] ?? '?'}: ${request.script}`);
  await done(
    supervisor.ask(
      'start',
      app.instances.map(({ name }) => name),
      { by: 'start' },
    ),
  );
  const replanner = createReplanner(running, project);
  return {
    root,
    write,
    world,
    journal,
    supervisor,
    running,
    project,
    replanner: {
      get processes() {
        return replanner.app.processes;
      },
      scale: (counts: Readonly<Record<string, number>>) => replanner.scale(counts, true, ASKER),
      reload: () => replanner.reload(ASKER),
    },
    done,
    living,
  };
}

const ASKER = { by: 'request', client: { command: 'procsup up', pid: 4711 } } as const;

const namesIn = (outcome: Replanned | Impossible) => {
  if ('impossible' in outcome) return outcome;
  const { added, removed, changed, results } = outcome;
  return { added, removed, changed, results: results.map(({ name, outcome: what }) => `${name} ${what}`) };
};

describe('scale', () => {
  test('up, down, and to nothing', async () => {
    const { replanner, done, living } = await setUp();
    expect(namesIn(await done(replanner.scale({ web: 3 })))).toEqual({
      ...{ added: ['web.2', 'web.3'], removed: [], changed: [] },
      results: ['web.2 running', 'web.3 running'],
    });
    expect(living()).toHaveLength(4);
    expect(namesIn(await done(replanner.scale({ web: 1, worker: 0 })))).toEqual({
      ...{ added: [], removed: ['web.2', 'web.3', 'worker.1'], changed: [] },
      results: ['worker.1 stopped', 'web.3 stopped', 'web.2 stopped'],
    });
    expect(living()).toEqual(['web.1: exec serve']);
    await done(replanner.scale({ web: 0 }));
    expect(living()).toEqual([]);
    expect(replanner.processes).toEqual(['web', 'worker']);
    await done(replanner.scale({ worker: 1 }));
    expect(living()).toEqual(['worker.1: exec work']);
  });

  test('by a pattern, which matches no pipeline', async () => {
    const { replanner, done, living, journal } = await setUp({
      files: { 'procsup.yaml': 'pipelines: { wash: [a, b] }\n' },
    });
    expect(namesIn(await done(replanner.scale({ 'w*': 2, worker: 0 })))).toMatchObject({
      ...{ added: ['web.2'], removed: ['worker.1'] },
    });
    expect(living().filter((one) => one.startsWith('we'))).toHaveLength(2);
    const scaled = journal.after(0).find(({ event }) => event.type === 'scaled');
    expect(scaled?.event).toMatchObject({ counts: { web: 2, worker: 0 } });
    expect(await done(replanner.scale({ 'was*': 2 }))).toEqual({
      impossible: [{ message: "no process matches 'was*'", remedy: 'known processes: web, worker' }],
    });
  });

  test('a name that is none: nothing is done', async () => {
    const { replanner, done, living, journal } = await setUp();
    const before = journal.lastSeq;
    expect(await done(replanner.scale({ wbe: 2, web: 2, __proto_: 1 }))).toEqual({
      impossible: [
        { message: "unknown process 'wbe'", remedy: "did you mean 'web'?" },
        { message: "unknown process '__proto_'", remedy: 'known processes: web, worker' },
      ],
    });
    expect([living().length, journal.lastSeq]).toEqual([2, before]);
  });

  test('more than there are ports: nothing is done, and it is not remembered', async () => {
    const { replanner, done, living } = await setUp();
    expect(await done(replanner.scale({ web: 70_000 }))).toHaveProperty('impossible');
    expect(living()).toHaveLength(2);
    expect(namesIn(await done(replanner.reload()))).toEqual({
      added: [],
      removed: [],
      changed: [],
      results: [],
    });
  });

  test('two at once are done one after the other', async () => {
    const { replanner, done, living } = await setUp();
    const [first, second] = await done(
      Promise.all([replanner.scale({ web: 3 }), replanner.scale({ web: 1 })]),
    );
    expect(namesIn(first)).toMatchObject({
      added: ['web.2', 'web.3'],
      results: ['web.2 running', 'web.3 running'],
    });
    expect(namesIn(second)).toMatchObject({
      removed: ['web.2', 'web.3'],
      results: ['web.3 stopped', 'web.2 stopped'],
    });
    expect(living()).toHaveLength(2);
  });

  test('what is not running is started by it', async () => {
    const { replanner, done, supervisor, living } = await setUp();
    await done(supervisor.ask('stop', ['web.1'], ASKER));
    expect(namesIn(await done(replanner.scale({ web: 1 })))).toMatchObject({
      added: [],
      results: ['web.1 running'],
    });
    expect(living()).toHaveLength(2);
  });
});

describe('reload', () => {
  test('adds, removes, renews what has changed, and leaves the rest alone', async () => {
    const { replanner, done, write, living, world, journal } = await setUp();
    write('Procfile', 'web: serve --better\nclock: tick\n');
    const replanned = await done(replanner.reload());
    expect(namesIn(replanned)).toEqual({
      ...{ added: ['clock.1'], removed: ['worker.1'], changed: ['web.1'] },
      results: ['worker.1 stopped', 'web.1 running', 'clock.1 running'],
    });
    expect(living()).toEqual(['web.1: exec serve --better', 'clock.1: exec tick']);
    const [web] = world.programs;
    expect('results' in replanned && replanned.results[1]).toMatchObject({ before: web?.pid });
    const cause = { by: 'reload', asker: ASKER };
    const told = journal.after(0).flatMap(({ event }) => ('cause' in event ? [event] : []));
    expect(told.slice(1)).toEqual([
      {
        ...{ type: 'reloaded', added: ['clock.1'], removed: ['worker.1'], changed: ['web.1'] },
        cause: ASKER,
      },
      { type: 'requested', verb: 'stop', names: ['worker.1', 'web.1'], cause },
      { type: 'requested', verb: 'start', names: ['web.1', 'clock.1'], cause },
    ]);
  });

  test('files as they were: nothing happens', async () => {
    const { replanner, done, world } = await setUp();
    expect(namesIn(await done(replanner.reload()))).toEqual({
      added: [],
      removed: [],
      changed: [],
      results: [],
    });
    expect(world.programs).toHaveLength(2);
  });

  test('another policy of a stage is taken over while the stage runs on', async () => {
    const yaml = (restart: string) => `pipelines:\n  ingest: {stages: [read], restart: ${restart}}\n`;
    const files = { 'procsup.yaml': yaml('never') };
    const { replanner, done, write, world, supervisor } = await setUp({ files });
    const policy = () => supervisor.state.spec.byName.get('ingest/1')?.restart.mode;
    expect([policy(), world.programs.length]).toEqual(['never', 3]);
    write('procsup.yaml', yaml('always'));
    expect(namesIn(await done(replanner.reload()))).toEqual({
      ...{ added: [], removed: [], changed: [], results: [] },
    });
    expect([policy(), world.programs.length]).toEqual(['always', 3]);
  });

  test('a changed environment renews everybody', async () => {
    const { replanner, done, write, world } = await setUp();
    write('.env', 'PASSWORD=another\n');
    expect(namesIn(await done(replanner.reload()))).toMatchObject({ changed: ['web.1', 'worker.1'] });
    expect(world.programs.slice(2).map(({ request }) => request.env['PASSWORD'])).toEqual([
      'another',
      'another',
    ]);
  });

  test('what was stopped stays so, changed or not', async () => {
    const { replanner, done, write, supervisor, living } = await setUp();
    await done(supervisor.ask('stop', ['web.1'], ASKER));
    write('Procfile', PROCFILE.replace('serve', 'serve --better'));
    expect(namesIn(await done(replanner.reload()))).toEqual({
      added: [],
      removed: [],
      changed: ['web.1'],
      results: [],
    });
    expect(living()).toEqual(['worker.1: exec work']);
    await done(supervisor.ask('start', ['web.1'], ASKER));
    expect(living()).toContain('web.1: exec serve --better');
  });

  test.each([
    ['web: serve\nweb: work\n', /^.*Procfile:2:1: /],
    ['', /Procfile/],
    [null, /cannot read the Procfile/],
  ])('a Procfile that is broken, %j: nothing happens, and it is said why', async (text, why) => {
    const { replanner, done, write, root, world } = await setUp();
    if (text === null) rmSync(join(root, 'Procfile'));
    else write('Procfile', text);
    const outcome = await done(replanner.reload());
    expect('impossible' in outcome && outcome.impossible[0]?.message).toMatch(why);
    expect(world.programs.filter(({ isAlive }) => isAlive)).toHaveLength(2);
    write('Procfile', PROCFILE);
    expect(namesIn(await done(replanner.reload()))).toEqual({
      added: [],
      removed: [],
      changed: [],
      results: [],
    });
  });

  test('warnings are told, with their places', async () => {
    const { replanner, done, write } = await setUp();
    write('Procfile', `${PROCFILE}web_x: a\nweb-x: b\n`);
    const replanned = await done(replanner.reload());
    expect('warnings' in replanned && replanned.warnings).toEqual([
      expect.stringContaining('share the variable'),
    ]);
  });

  test('counts that were asked for outlast it, as long as there is such a process', async () => {
    const { replanner, done, write, living } = await setUp({ formation: 'web=2' });
    await done(replanner.scale({ web: 3 }));
    write('Procfile', `${PROCFILE}clock: tick\n`);
    expect(namesIn(await done(replanner.reload()))).toMatchObject({ added: ['clock.1'], removed: [] });
    expect(living().filter((one) => one.startsWith('web.'))).toHaveLength(3);
  });

  test('what was not selected at the start is not started', async () => {
    const { replanner, done, write, living } = await setUp({ names: ['web'] });
    expect(living()).toEqual(['web.1: exec serve']);
    write('Procfile', 'web: serve\nworker: work harder\nclock: tick\n');
    expect(namesIn(await done(replanner.reload()))).toEqual({
      ...{ added: ['clock.1'], removed: [], changed: ['worker.1'], results: [] },
    });
    expect(living()).toEqual(['web.1: exec serve']);
    expect(namesIn(await done(replanner.scale({ worker: 1 })))).toMatchObject({
      results: ['worker.1 running'],
    });
  });
});

describe('kill', () => {
  test('is told with those that were sent the signal', async () => {
    const { running, project, journal } = await setUp();
    const api = createApi(running, project, createFakeSampler());
    const before = journal.lastSeq;
    expect(api.signal(['web.1'], 'SIGHUP', ASKER)).toEqual(['web.1']);
    expect(journal.after(before).map(({ event }) => event)).toEqual([
      { type: 'signalled', signal: 'SIGHUP', names: ['web.1'], cause: ASKER },
    ]);
    api.close();
  });

  test('of what is not running is no event', async () => {
    const { running, project, journal, supervisor, done } = await setUp();
    const api = createApi(running, project, createFakeSampler());
    await done(supervisor.ask('stop', ['web.1'], ASKER));
    const before = journal.lastSeq;
    expect(api.signal(['web.1'], 'SIGHUP', ASKER)).toEqual([]);
    expect(journal.lastSeq).toBe(before);
    api.close();
  });
});

test('why: the request that has stopped it, and by which client', async () => {
  const { running, project, supervisor, done } = await setUp();
  const api = createApi(running, project, createFakeSampler());
  const router = createRouter(api, ROUTES);
  const why = async (name: string): Promise<unknown> => {
    const asked = {
      verb: 'GET',
      target: `/v1/why?name=${name}`,
      body: '',
      gone: AbortSignal.timeout(60_000),
    };
    const reply = await done(router(asked));
    return 'body' in reply && (reply.body as { readonly reason: unknown }).reason;
  };
  await done(supervisor.ask('stop', ['web.1'], ASKER));
  expect(await why('web.1')).toMatchObject({
    event: 'requested',
    text: 'stop requested by `procsup up` (pid 4711)',
  });
  expect(await why('worker.1')).toMatchObject({ text: 'started with the supervisor' });
  api.close();
});

test('no value of an environment is told, whatever is asked and whatever goes wrong', async () => {
  const { running, project, done, write, world, journal } = await setUp();
  expect(world.programs[0]?.request.env).toMatchObject({ PASSWORD: SECRET, TOKEN: SECRET });
  const api = createApi(running, project, createFakeSampler());
  const router = createRouter(api, ROUTES);
  const told: string[] = [];
  const ask = async (verb: string, target: string, body = ''): Promise<void> => {
    const reply = await done(router({ verb, target, body, gone: AbortSignal.timeout(60_000) }));
    if (!('stream' in reply)) return void told.push(JSON.stringify(reply));
    const write = (line: unknown): boolean => told.push(JSON.stringify(line)) > 0;
    await done(reply.stream({ write, ready: () => Promise.resolve() }));
  };
  for (const target of [
    'supervisor',
    'processes?details',
    'events',
    'logs',
    'why?name=web',
    'openapi.json',
    'wait?for=running',
  ]) {
    await ask('GET', `/v1/${target}`);
  }
  await ask('POST', '/v1/restart', '{}');
  await ask('POST', '/v1/kill', '{"names":["worker"],"signal":"SIGKILL"}');
  await ask('POST', '/v1/scale', '{"counts":{"web":2}}');
  world.refuse({ by: 'refusal', error: 'E2BIG', message: 'the environment is too large' });
  await ask('POST', '/v1/restart', '{"names":["web"]}');
  world.refuse(null);
  write('.env', `PASSWORD=${SECRET}-new\nthis is '${SECRET} no line\nX="${SECRET}\n`);
  await ask('POST', '/v1/reload');
  write('.env', `PASSWORD=${SECRET}-new\n`);
  await ask('POST', '/v1/reload');
  await ask('GET', '/v1/events');
  expect(told.length).toBeGreaterThan(30);
  expect(told.filter((one) => one.includes(SECRET))).toEqual([]);
  expect(JSON.stringify(journal.after(0))).not.toContain(SECRET);
  api.close();
});

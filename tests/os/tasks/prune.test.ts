import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTaskCache } from '../../../src/os/tasks/cache.ts';
import { entriesOf, pruneNow, USUAL_BOUNDS, type CacheBounds } from '../../../src/os/tasks/prune.ts';
import { openStore } from '../../../src/os/tasks/store.ts';
import { scratch } from '../../helpers/scratch.ts';
import { taskOf } from '../../helpers/tasks.ts';

const DAY_MS = 86_400_000;

interface Rig {
  readonly directory: string;
  /** Runs a task of this name that makes so many bytes. */
  make(name: string, bytes: number, now?: () => number): Promise<void>;
  names(): readonly string[];
  prune(bounds?: Partial<CacheBounds>): ReturnType<typeof pruneNow>;
  age(name: string, days: number): void;
}

function rig(bounds?: CacheBounds): Rig {
  const directory = join(scratch(), 'tasks');
  const root = scratch();
  const entries = () => entriesOf({ directory });
  return {
    directory,
    async make(name, bytes, now = Date.now) {
      const cache = openTaskCache({ directory, now, ...(bounds && { bounds }) });
      const task = taskOf({ name, workingDir: root, inputs: [], outputs: [name] });
      const fingerprint = await cache.fingerprint(task, {
        args: [],
        environment: {},
        dependencies: new Map(),
      });
      const signal = new AbortController().signal;
      const claim = await cache.claim(task, fingerprint, { force: false, signal });
      if (claim.type !== 'run') throw new Error(`it is ${claim.type}`);
      writeFileSync(join(root, name), name.repeat(Math.ceil(bytes / name.length)).slice(0, bytes));
      expect(await claim.recording.keep(1)).toEqual({});
      await cache.close();
    },
    names: () => entries().map(({ task }) => task),
    prune: (more) => pruneNow(openStore(directory), { ...USUAL_BOUNDS, ...more, nowMs: Date.now() }),
    age(name, days) {
      const entry = entries().find(({ task }) => task === name);
      const time = new Date(Date.now() - days * DAY_MS);
      utimesSync(join(directory, 'results', entry?.key ?? ''), time, time);
    },
  };
}

const objectsIn = (directory: string): number =>
  readdirSync(join(directory, 'objects')).flatMap((pair) => readdirSync(join(directory, 'objects', pair)))
    .length;

describe('pruning', () => {
  it('removes what was not used for long, with its objects', async () => {
    const own = rig();
    for (const name of ['old', 'new']) await own.make(name, 10_000);
    own.age('old', 31);
    expect(own.prune()).toMatchObject({ results: 1 });
    expect(own.names()).toEqual(['new']);
    // Its output, and that it has printed nothing.
    expect(objectsIn(own.directory)).toBe(2);
    expect(readdirSync(join(own.directory, 'parts'))).toHaveLength(2);
  });

  it('removes what was used least recently when there is too much', async () => {
    const own = rig();
    for (const name of ['a', 'b', 'c', 'd']) await own.make(name, 10_000);
    for (const [days, name] of ['c', 'a', 'd', 'b'].entries()) own.age(name, days);
    own.prune({ maxBytes: 30_000 });
    expect(own.names()).toEqual(['c', 'a']);
  });

  it('counts objects that several results share once', async () => {
    const own = rig();
    await own.make('aa', 10_000);
    await own.make('aaaa', 10_000);
    own.prune({ maxBytes: 15_000 });
    expect(own.names()).toHaveLength(2);
  });

  it('removes what killed runs have left', async () => {
    const own = rig();
    await own.make('a', 10);
    mkdirSync(join(own.directory, 'running/key'), { recursive: true });
    for (const name of ['partial/left', 'running/key/claim.left'])
      writeFileSync(join(own.directory, name), 'left');
    own.prune();
    expect(readdirSync(join(own.directory, 'partial'))).toEqual([]);
    expect(readdirSync(join(own.directory, 'running'))).toEqual([]);
    expect(own.names()).toEqual(['a']);
  });

  it('removes everything when it is told so', async () => {
    const own = rig();
    await own.make('a', 10);
    expect(own.prune({ maxAgeMs: -1 })).toMatchObject({ results: 1 });
    expect(own.names()).toEqual([]);
    expect(objectsIn(own.directory)).toBe(0);
    for (const name of ['parts', 'last', 'stats']) expect(readdirSync(join(own.directory, name))).toEqual([]);
  });

  it('removes nothing while a run uses the cache', async () => {
    const own = rig();
    await own.make('a', 10);
    const cache = openTaskCache({ directory: own.directory });
    const task = taskOf({ name: 'a', workingDir: scratch(), inputs: [], outputs: ['a'] });
    const fingerprint = await cache.fingerprint(task, { args: [], environment: {}, dependencies: new Map() });
    const kept = await cache.find(task, fingerprint);
    expect(own.prune({ maxAgeMs: -1 })).toEqual({ usedBy: [process.pid] });
    expect(await kept?.restore()).toEqual({ restored: 1, removed: 0 });
    await cache.close();
    expect(own.prune({ maxAgeMs: -1 })).toMatchObject({ results: 1 });
  });
});

describe('the end of a run prunes', () => {
  it('when more has come than the cache may hold', async () => {
    const own = rig({ maxBytes: 25_000, maxAgeMs: 30 * DAY_MS });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await own.make(name, 10_000);
      expect(own.names().length).toBeLessThanOrEqual(3);
    }
    expect(own.names(), 'the last one is kept').toContain('f');
  });

  it('once a day', async () => {
    const own = rig();
    await own.make('old', 10);
    own.age('old', 40);
    await own.make('new', 10);
    expect(own.names(), 'on the same day').toContain('old');
    await own.make('tomorrow', 10, () => Date.now() + 2 * DAY_MS);
    expect(own.names()).not.toContain('old');
  });
});

it('a result that was found counts as used now', async () => {
  const own = rig();
  await own.make('a', 10);
  own.age('a', 31);
  const store = openStore(own.directory);
  const [entry] = entriesOf(store);
  expect(store.find(entry?.key ?? '')).toBeDefined();
  own.prune();
  expect(own.names()).toEqual(['a']);
});

it('a run is not failed where there can be no cache', async () => {
  const task = taskOf({ workingDir: scratch(), inputs: [], outputs: [] });
  const file = join(scratch({ file: '' }), 'file');
  for (const place of [file, join(file, 'below')]) {
    const cache = openTaskCache({ directory: place });
    const fingerprint = await cache.fingerprint(task, { args: [], environment: {}, dependencies: new Map() });
    const claim = await cache.claim(task, fingerprint, {
      force: false,
      signal: new AbortController().signal,
    });
    expect(claim.type === 'run' && (await claim.recording.keep(1)).notKept).toBeTruthy();
    await cache.close();
  }
  expect(readFileSync(file, 'utf8')).toBe('');
});

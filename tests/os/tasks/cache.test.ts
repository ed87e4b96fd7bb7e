import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/core/task/task.ts';
import { missText } from '../../../src/core/task/key.ts';
import { openTaskCache } from '../../../src/os/tasks/cache.ts';
import type { Claim, KeptResult, RecordedOutput, TaskCache } from '../../../src/ports/task-cache.ts';
import { scratch } from '../../helpers/scratch.ts';
import { taskOf } from '../../helpers/tasks.ts';

const never = new AbortController().signal;

interface Rig {
  readonly directory: string;
  readonly root: string;
  readonly cache: TaskCache;
  readonly task: Task;
  write(name: string, text: string): void;
  read(name: string): string;
}

/** A project that makes `dist/a.js` of `src/a.ts`. */
function rig(fields: Partial<Task> = {}, { directory = join(scratch(), 'tasks') } = {}): Rig {
  const root = scratch({ 'src/a.ts': 'one' });
  const task = taskOf({ workingDir: root, inputs: ['src'], outputs: ['dist'], ...fields });
  return {
    directory,
    root,
    cache: openTaskCache({ directory }),
    task,
    write(name, text) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    },
    read: (name) => readFileSync(join(root, name), 'utf8'),
  };
}

const context = { args: [], environment: {}, dependencies: new Map<string, string | null>() };
const fingerprintOf = ({ cache, task }: Rig, more: Partial<typeof context> = {}) =>
  cache.fingerprint(task, { ...context, ...more });

async function claim(own: Rig, { force = false } = {}): Promise<Claim> {
  return own.cache.claim(own.task, await fingerprintOf(own), { force, signal: never });
}

async function recordingOf(own: Rig, options?: { readonly force: boolean }) {
  const claimed = await claim(own, options);
  if (claimed.type !== 'run') throw new Error(`it is ${claimed.type}`);
  return claimed.recording;
}

async function keptOf(own: Rig): Promise<KeptResult> {
  const claimed = await claim(own);
  if (claimed.type !== 'kept') throw new Error(`it is ${claimed.type}`);
  return claimed.result;
}

/** Runs it: `make` is what the command does. */
async function run(
  own: Rig,
  make: () => void = () => own.write('dist/a.js', `made of ${own.read('src/a.ts')}`),
) {
  const recording = await recordingOf(own);
  recording.write('stdout', Buffer.from('built\n'));
  make();
  return recording.keep(1500);
}

async function textOf(output: AsyncIterable<RecordedOutput>): Promise<string> {
  let text = '';
  for await (const { stream, bytes } of output) text += `${stream}:${Buffer.from(bytes).toString()}`;
  return text;
}

const objectsIn = (directory: string): readonly string[] =>
  readdirSync(join(directory, 'objects')).flatMap((pair) =>
    readdirSync(join(directory, 'objects', pair)).map((name) => join(directory, 'objects', pair, name)),
  );

describe('a result that is kept', () => {
  it('stands for a run with the same parts: its outputs and its output come back', async () => {
    const own = rig();
    expect(await run(own)).toEqual({});
    rmSync(join(own.root, 'dist'), { recursive: true });

    const kept = await keptOf(own);
    expect(await kept.restore()).toEqual({ restored: 1, removed: 0 });
    expect(own.read('dist/a.js')).toBe('made of one');
    expect(await textOf(kept.output())).toBe('stdout:built\n');
    expect(kept.durationMs).toBe(1500);
  });

  it('is found in another checkout', async () => {
    const own = rig();
    await run(own);
    const other = rig({}, { directory: own.directory });
    await (await keptOf(other)).restore();
    expect(other.read('dist/a.js')).toBe('made of one');
  });

  it('is found by another process', async () => {
    const own = rig();
    await run(own);
    await own.cache.close();
    const cache = openTaskCache({ directory: own.directory });
    expect(await cache.find(own.task, await cache.fingerprint(own.task, context))).toBeDefined();
  });

  it('comes back with modes, links and directories, and without what is stale', async () => {
    const own = rig({ outputs: ['dist', 'bin/*'] });
    await run(own, () => {
      own.write('dist/deep/er/a.js', 'a');
      own.write('bin/tool', '#!/bin/sh\n');
      chmodSync(join(own.root, 'bin/tool'), 0o751);
      symlinkSync('deep/er/a.js', join(own.root, 'dist/link'));
    });
    rmSync(join(own.root, 'dist'), { recursive: true });
    own.write('dist/old/stale.js', 'stale');
    chmodSync(join(own.root, 'bin/tool'), 0o600);

    expect(await (await keptOf(own)).restore()).toEqual({ restored: 3, removed: 1 });
    expect(own.read('dist/deep/er/a.js')).toBe('a');
    expect(readlinkSync(join(own.root, 'dist/link'))).toBe('deep/er/a.js');
    expect(statSync(join(own.root, 'bin/tool')).mode & 0o777).toBe(0o751);
    expect(existsSync(join(own.root, 'dist/old'))).toBe(false);
  });

  it('leaves alone what is in place', async () => {
    const own = rig();
    await run(own);
    const before = statSync(join(own.root, 'dist/a.js'));
    expect(await (await keptOf(own)).restore()).toEqual({ restored: 0, removed: 0 });
    expect(statSync(join(own.root, 'dist/a.js')).ctimeMs).toBe(before.ctimeMs);
  });

  it('replaces an output of the same size that was edited', async () => {
    const own = rig();
    await run(own);
    own.write('dist/a.js', 'MADE OF ONE');
    expect(await (await keptOf(own)).restore()).toEqual({ restored: 1, removed: 0 });
    expect(own.read('dist/a.js')).toBe('made of one');
  });

  it('is not changed by a program that writes into a restored output', async () => {
    const own = rig();
    await run(own);
    rmSync(join(own.root, 'dist'), { recursive: true });
    await (await keptOf(own)).restore();
    appendFileSync(join(own.root, 'dist/a.js'), ' and edited in place');
    expect(lstatSync(join(own.root, 'dist/a.js')).nlink, 'no hard link').toBe(1);
    await (await keptOf(own)).restore();
    expect(own.read('dist/a.js')).toBe('made of one');
  });

  it('of no outputs says only that it has succeeded', async () => {
    const own = rig({ outputs: [] });
    await run(own, () => own.write('dist/a.js', 'not declared'));
    expect(await (await keptOf(own)).restore()).toEqual({ restored: 0, removed: 0 });
    expect(own.read('dist/a.js')).toBe('not declared');
  });

  it('takes files for directories and directories for files, where these are outputs', async () => {
    const own = rig();
    await run(own, () => own.write('dist/x/a.js', 'a'));
    rmSync(join(own.root, 'dist'), { recursive: true });
    own.write('dist/x', 'a file now');
    await (await keptOf(own)).restore();
    expect(own.read('dist/x/a.js')).toBe('a');

    own.write('src/a.ts', 'two');
    rmSync(join(own.root, 'dist'), { recursive: true });
    await run(own, () => own.write('dist/x', 'a file'));
    rmSync(join(own.root, 'dist/x'));
    own.write('dist/x/a.js', 'a directory now');
    await (await keptOf(own)).restore();
    expect(own.read('dist/x')).toBe('a file');
  });

  it('keeps names that are no UTF-8', async () => {
    const own = rig();
    const odd = Buffer.concat([Buffer.from(join(own.root, 'dist/')), Buffer.from([0xff, 0x61])]);
    await run(own, () => {
      mkdirSync(join(own.root, 'dist'));
      writeFileSync(odd, 'odd');
    });
    rmSync(odd);
    await (await keptOf(own)).restore();
    expect(readFileSync(odd, 'utf8')).toBe('odd');
  });
});

describe('nothing is found', () => {
  it.each<[string, (own: Rig) => void]>([
    ['an input has changed', (own) => own.write('src/a.ts', 'two')],
    ['an input is new', (own) => own.write('src/.b', '')],
    ['an input was removed', (own) => rmSync(join(own.root, 'src/a.ts'))],
    ['an input is executable now', (own) => chmodSync(join(own.root, 'src/a.ts'), 0o755)],
    [
      'an input is a link now',
      (own) => {
        renameSync(join(own.root, 'src/a.ts'), join(own.root, 'a.ts'));
        symlinkSync('../a.ts', join(own.root, 'src/a.ts'));
      },
    ],
    [
      'an input of the same size has its old time again',
      (own) => {
        const { atime, mtime } = statSync(join(own.root, 'src/a.ts'));
        own.write('src/a.ts', 'ONE');
        utimesSync(join(own.root, 'src/a.ts'), atime, mtime);
      },
    ],
  ])('when %s', async (_what, change) => {
    const own = rig();
    await run(own);
    change(own);
    expect((await claim(own)).type).toBe('run');
  });

  it.each<[string, Partial<Task>]>([
    ['the command', { command: 'false' }],
    ['the outputs', { outputs: ['dist', 'lib'] }],
    ['the name', { name: 'other' }],
    ['a variable of its own', { environment: { A: 'b' } }],
    ['a tool', { tools: ['echo 1'] }],
  ])('when %s differs', async (_what, fields) => {
    const own = rig();
    await run(own);
    const other = { ...own, task: { ...own.task, ...fields } };
    const environment: Record<string, string> = {};
    for (const [name, value] of Object.entries(other.task.environment))
      if (value !== undefined) environment[name] = value;
    const fingerprint = await own.cache.fingerprint(other.task, { ...context, environment });
    expect(await own.cache.find(other.task, fingerprint)).toBeUndefined();
  });

  it('when arguments, or the key of a task that it needs, differ', async () => {
    const own = rig();
    const plain = await fingerprintOf(own);
    const args = await own.cache.fingerprint(own.task, { ...context, args: ['a b'] });
    const words = await own.cache.fingerprint(own.task, { ...context, args: ['a', 'b'] });
    const needs = await own.cache.fingerprint(own.task, { ...context, dependencies: new Map([['x', '1']]) });
    expect(new Set([plain, args, words, needs].map(({ key }) => key)).size).toBe(4);
  });

  it('after a failed or interrupted run', async () => {
    const own = rig();
    await (await recordingOf(own)).drop(1);
    await (await recordingOf(own)).drop(null);
    expect((await claim(own)).type).toBe('run');
  });

  it('when it is older than max_age', async () => {
    const own = rig({ cache: { enabled: true, maxAgeMs: 1000 } });
    await run(own);
    const later = openTaskCache({ directory: own.directory, now: () => Date.now() + 2000 });
    const fingerprint = await later.fingerprint(own.task, context);
    expect(await later.find(own.task, fingerprint)).toBeUndefined();
    expect(missText(await later.explain(own.task, fingerprint))).toBe('its result is older than max_age');
  });

  it('when a run is forced, though it is kept', async () => {
    const own = rig();
    await run(own);
    expect((await claim(own, { force: true })).type).toBe('run');
  });

  it.each<[string, Partial<Task>, string]>([
    ['no outputs are declared', { outputs: undefined as never }, 'it declares no outputs'],
    ['no inputs are declared', { inputs: undefined as never }, 'it declares no inputs'],
    ['the cache is off', { cache: { enabled: false } }, 'its cache is off'],
    ['it is interactive', { interactive: true }, 'it is interactive'],
  ])('when %s', async (_what, fields, notKept) => {
    const own = rig(fields);
    expect(await run(own)).toEqual({ notKept });
    expect((await claim(own)).type).toBe('run');
    expect(missText(await own.cache.explain(own.task, await fingerprintOf(own)))).toBe(notKept);
  });

  it('when what it needs is not cached', async () => {
    const own = rig();
    const fingerprint = await fingerprintOf(own, { dependencies: new Map([['install', null]]) });
    expect(fingerprint.notKept).toBe('it needs install, which is not cached');
    const claimed = await own.cache.claim(own.task, fingerprint, { force: false, signal: never });
    expect(claimed.type === 'run' && (await claimed.recording.keep(1))).toEqual({
      notKept: fingerprint.notKept,
    });
  });
});

describe('a result is not kept', () => {
  it('when an input has changed while it ran', async () => {
    const own = rig();
    expect(await run(own, () => own.write('src/a.ts', 'edited'))).toEqual({
      notKept: 'src/a.ts has changed while it ran',
    });
  });

  it('when a file is both an input and an output, which restoring would overwrite', async () => {
    const own = rig({ inputs: ['src'], outputs: ['src/*.ts'] });
    expect(await run(own)).toEqual({ notKept: 'src/a.ts is both an input and an output' });
  });

  it('of an output in an input directory, which is no input', async () => {
    const own = rig({ inputs: ['**'] });
    expect(await run(own)).toEqual({});
    own.write('dist/a.js', 'edited');
    expect((await claim(own)).type).toBe('kept');
  });
});

describe('damage', () => {
  it.each<[string, (path: string) => void, Claim['type']]>([
    ['was removed', (path) => rmSync(path), 'run'],
    [
      'is cut short',
      (path) => {
        chmodSync(path, 0o600);
        truncateSync(path, 3);
      },
      'run',
    ],
  ])('an object that %s is a miss', async (_what, damage, type) => {
    const own = rig();
    await run(own);
    for (const path of objectsIn(own.directory)) damage(path);
    expect((await claim(own)).type).toBe(type);
  });

  it('an object with other bytes is told, removed, and nothing of it restored', async () => {
    const own = rig();
    await run(own);
    rmSync(join(own.root, 'dist'), { recursive: true });
    const kept = await keptOf(own);
    for (const path of objectsIn(own.directory).filter((one) =>
      readFileSync(one, 'utf8').startsWith('made'),
    )) {
      chmodSync(path, 0o600);
      writeFileSync(path, 'MADE OF ONE');
    }
    await expect(kept.restore()).rejects.toThrow("the object of 'dist/a.js' is damaged");
    expect(existsSync(join(own.root, 'dist/a.js'))).toBe(false);
    expect(readdirSync(join(own.root, 'dist')), 'no copy is left').toEqual([]);
    expect((await claim(own)).type).toBe('run');
  });

  it('recorded output with other bytes is told before anything is restored', async () => {
    const own = rig();
    await run(own);
    rmSync(join(own.root, 'dist'), { recursive: true });
    for (const path of objectsIn(own.directory).filter(
      (one) => !readFileSync(one, 'utf8').startsWith('made'),
    )) {
      chmodSync(path, 0o600);
      writeFileSync(path, readFileSync(path, 'utf8').replace('built', 'BUILT'));
    }
    await expect((await keptOf(own)).restore()).rejects.toThrow('its recorded output is damaged');
    expect(existsSync(join(own.root, 'dist'))).toBe(false);
  });

  it.each([
    ['of other bytes', (text: string) => text.replace('"mode":', '"mod3":')],
    ['that is empty', () => ''],
    ['that is cut short', (text: string) => text.slice(0, -10)],
  ])('a result %s is a miss', async (_what, change) => {
    const own = rig();
    await run(own);
    const [name = ''] = readdirSync(join(own.directory, 'results'));
    const path = join(own.directory, 'results', name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect((await claim(own)).type).toBe('run');
  });
});

describe('outside of the outputs', () => {
  it('nothing is written through a linked directory', async () => {
    const own = rig({ outputs: ['dist/deep/*.js'] });
    await run(own, () => own.write('dist/deep/a.js', 'a'));
    const elsewhere = scratch({ 'a.js': 'mine', 'b.js': 'mine' });
    rmSync(join(own.root, 'dist'), { recursive: true });
    mkdirSync(join(own.root, 'dist'));
    symlinkSync(elsewhere, join(own.root, 'dist/deep'));
    await expect((await keptOf(own)).restore()).rejects.toThrow("'dist/deep' is a symbolic link");
    expect(readdirSync(elsewhere)).toEqual(['a.js', 'b.js']);
    expect(readFileSync(join(elsewhere, 'a.js'), 'utf8')).toBe('mine');
  });

  it('nothing is kept', async () => {
    const victim = scratch({ 'a.js': 'mine' });
    const own = rig();
    const outside = { ...own, task: { ...own.task, outputs: [join(relative(own.root, victim), '*.js')] } };
    expect(await run(outside, () => undefined)).toEqual({
      notKept: `the output '${join(relative(own.root, victim), 'a.js')}' is outside of the working directory`,
    });
  });

  it.each(['../victim', '/tmp/victim', 'dist/../../victim', 'src/a.ts', ''])(
    'a result that names %j is refused',
    async (path) => {
      const own = rig();
      await run(own);
      const [key = ''] = readdirSync(join(own.directory, 'results'));
      const file = join(own.directory, 'results', key);
      const [, body = ''] = readFileSync(file, 'utf8').split('\n');
      const changed = body.replace('"dist/a.js"', JSON.stringify(path));
      writeFileSync(file, `${createHash('sha256').update(changed).digest('hex')}\n${changed}`);
      await expect((await keptOf(own)).restore()).rejects.toThrow(`'${path}' is not an output`);
      expect(own.read('src/a.ts')).toBe('one');
      expect((await claim(own)).type).toBe('run');
    },
  );
});

describe('why there is no result', () => {
  it('is told from the last run', async () => {
    const own = rig();
    const why = async () => missText(await own.cache.explain(own.task, await fingerprintOf(own)));
    expect(await why()).toBe('it was never run');
    await run(own);
    own.write('src/a.ts', 'two');
    own.write('src/b.ts', 'new');
    expect(await why()).toBe('src/a.ts has changed (and 1 more)');
    own.write('src/a.ts', 'one');
    rmSync(join(own.root, 'src/b.ts'));
    rmSync(join(own.directory, 'results'), { recursive: true });
    expect(await why()).toBe('its result is no longer in the cache');
  });
});

/** What is learned of files, with a clock that makes the disk look slow. */
import { utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isChanged } from '../../../src/core/watch/content.ts';
import type { FileContent } from '../../../src/core/watch/content.ts';
import { scopeAt, watchRules } from '../../../src/core/watch/scope.ts';
import { systemClock } from '../../../src/os/clock.ts';
import type { Directory } from '../../../src/os/watch/directory.ts';
import { createKnowledge } from '../../../src/os/watch/knowledge.ts';
import { homeScratch } from '../../helpers/home-scratch.ts';

test.each([
  ['fast', 0],
  ['slow', 30],
])('the first pass knows all files when the disk is %s', async (_what, msEach) => {
  const names = Array.from({ length: 200 }, (_, at) => String(at));
  const root = homeScratch(Object.fromEntries(names.map((name) => [name, `text ${name}`])));
  const scope = scopeAt([watchRules({ paths: ['.'], ignore: [] }, root)], root);
  if (scope === undefined) throw new Error('nothing is watched');
  const files = new Map<string, FileContent | null>(names.map((name) => [name, null]));
  const watch = undefined;
  const directory: Directory = {
    ...{ path: root, scope, pollMs: undefined, watch, below: new Set(), files, links: undefined },
  };
  let now = 0;
  const clock = {
    ...systemClock,
    now: () => (now += msEach),
    // What has just been made is not known for sure.
    wallNow: () => Date.now() + 60_000,
    after: (_ms: number, then: () => void) => systemClock.after(0, then),
  };
  const knowledge = createKnowledge(new Map([[root, directory]]), clock);
  await knowledge.learnAll();
  expect([...files.values()].filter((content) => content?.hash == null)).toEqual([]);
  const path = `${root}/7`;
  const before = files.get('7') ?? 'missing';
  utimesSync(path, 1, 1);
  const { now: seen } = await knowledge.look([path]);
  expect(isChanged(before, seen.get(path) ?? 'missing')).toBe(false);
});

test('what the first pass does not find any more stays known until its removal is told', async () => {
  const root = homeScratch({});
  const scope = scopeAt([watchRules({ paths: ['.'], ignore: [] }, root)], root);
  if (scope === undefined) throw new Error('nothing is watched');
  const files = new Map<string, FileContent | null>([['gone', null]]);
  const directory: Directory = {
    ...{ path: root, scope, pollMs: undefined, watch: undefined, below: new Set(), files, links: undefined },
  };
  await createKnowledge(new Map([[root, directory]]), systemClock).learnAll();
  expect(files.has('gone')).toBe(true);
});

test('a pass that is closed ends', async () => {
  const root = homeScratch({ a: '1' });
  const knowledge = createKnowledge(new Map(), systemClock);
  knowledge.close();
  await knowledge.learnAll();
  expect(knowledge.isThere(root)).toBe(true);
});

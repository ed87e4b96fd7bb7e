import { expect, test } from 'vitest';
import { fleetSpec, type MemberSpec, type Need } from '../../../src/core/fleet/spec.ts';
import { RESTART_DEFAULTS } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const traits = { readiness: 'started', ladder: stopLadder('SIGTERM', 1), restart: RESTART_DEFAULTS } as const;
const member = (name: string, process: string, needs: readonly Need[] = []): MemberSpec => ({
  ...{ name, process, needs },
  ...traits,
});
const stage = (name: string, upstream: string | null, downstream: string | null): MemberSpec => ({
  ...member(name, 'q'),
  stage: { upstream, downstream },
});

test('knows who counts for whom, by places', () => {
  const web = [
    { process: 'db', until: 'ready', onRestart: 'restart' },
    { process: 'init', until: 'succeeded' },
  ] as const;
  const spec = fleetSpec(
    [member('web.1', 'web', web), member('db.1', 'db'), member('db.2', 'db'), member('x.1', 'x')],
    'keep',
  );
  expect(Object.fromEntries(spec.neededPlaces)).toEqual({ db: 0, init: 1 });
  expect(spec.needed).toEqual([
    { instances: [1, 2], dependents: new Map([['ready', [0]]]), followers: [{ place: 0, how: 'restart' }] },
    { instances: [], dependents: new Map([['succeeded', [0]]]), followers: [] },
  ]);
  expect(spec.counts.map(({ own, needs }) => [own, needs.map(({ needed }) => needed)])).toEqual([
    [undefined, [0, 1]],
    [0, []],
    [0, []],
    [undefined, []],
  ]);
});

test('the neighbours of a stage are those that share a pipe with it', () => {
  const spec = fleetSpec([stage('a', null, 'b'), stage('b', 'a', 'c'), stage('c', 'b', null)], 'keep');
  expect(spec.neighbours).toEqual(
    new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['a', 'c'])],
      ['c', new Set(['b'])],
    ]),
  );
});

// b departs and still names a and c, which have each other now.
test('and those that go by a pipe that it has the other end of', () => {
  const spec = fleetSpec([stage('a', null, 'c'), stage('c', 'a', null), stage('b', 'a', 'c')], 'keep');
  expect(spec.neighbours.get('a')).toEqual(new Set(['c', 'b']));
  expect(spec.neighbours.get('c')).toEqual(new Set(['a', 'b']));
  expect(spec.neighbours.has('b')).toBe(false);
});

test('a fleet with a schedule goes on when all have ended', () => {
  const web = member('web.1', 'web');
  expect(fleetSpec([web], 'keep').resident).toBe(false);
  expect(fleetSpec([web, { ...member('a.1', 'a'), isScheduled: true }], 'keep').resident).toBe(true);
});

import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/core/events.ts';
import type { Member } from '../../../src/core/fleet/member.ts';
import { namedBy, namesTyped, restartedByHand, typedLines } from '../../../src/core/watch/typed.ts';

describe('what is typed', () => {
  test.each([
    ['', 'rs\n', ['rs'], ''],
    ['', 'rs\r\n', ['rs'], ''],
    ['r', 's\n\nrs we', ['rs', ''], 'rs we'],
    ['', 'a'.repeat(5000), [], 'a'.repeat(1000)],
  ])('%j and then %j', (before, text, lines, rest) => {
    expect(typedLines(before, text)).toEqual({ lines, rest });
  });

  test.each([
    ['rs', []],
    ['  rs  ', []],
    ['rs web  api.1', ['web', 'api.1']],
    ['', undefined],
    ['rsx', undefined],
    ['restart', undefined],
  ])('%j names %j', (line, names) => {
    expect(namesTyped(line)).toEqual(names);
  });
});

const request = { by: 'request' } as const;
const watch = { by: 'watch', files: ['a'], count: 1 } as const;

test.each<[string, Event, readonly string[] | undefined]>([
  ['a save', { type: 'requested', verb: 'restart', names: ['a'], cause: watch }, ['a']],
  ['a request', { type: 'requested', verb: 'restart', names: ['b'], cause: request }, ['b']],
  ['a start on request', { type: 'requested', verb: 'start', names: ['b'], cause: request }, ['b']],
  ['a stop', { type: 'requested', verb: 'stop', names: ['b'], cause: request }, undefined],
  ['the first start', { type: 'requested', verb: 'start', names: ['b'], cause: { by: 'start' } }, undefined],
  [
    'a reload',
    { type: 'requested', verb: 'restart', names: ['b'], cause: { by: 'reload', asker: request } },
    undefined,
  ],
  ['anything else', { type: 'hurried' }, undefined],
])('%s names', (_what, event, names) => {
  expect(namedBy(event)).toEqual(names);
});

describe('rs alone', () => {
  const member = (given: Partial<Member>): Member => ({ goal: 'up', departing: false, ...given }) as Member;
  const members: Readonly<Record<string, Member>> = {
    web: member({}),
    api: member({}),
    stopped: member({ goal: 'down' }),
    gone: member({ departing: true }),
  };
  test.each([
    ['restarts what was named last', ['api'], ['web'], ['api']],
    ['starts what was named last and is stopped by now', ['stopped'], ['web'], ['stopped']],
    ['leaves out what is not there any more', ['gone', 'never', 'api'], ['web'], ['api']],
    ['restarts all that is watched when nothing was named', [], ['web', 'api'], ['web', 'api']],
    ['does so when all that was named has gone', ['gone'], ['web'], ['web']],
    ['does not start what was stopped, unless that was named', [], ['web', 'stopped'], ['web']],
    ['restarts nothing when nothing is left', [], ['stopped', 'gone'], []],
  ])('%s', (_what, lastNamed, watched, restarted) => {
    expect(restartedByHand(lastNamed, watched, (name) => members[name])).toEqual(restarted);
  });
});

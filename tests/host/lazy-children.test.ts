import { expect, test } from 'vitest';
import { createLazyChildren } from '../../src/host/lazy/children.ts';
import type { Children } from '../../src/os/process/program.ts';
import { createVirtualClock } from '../helpers/virtual-clock.ts';

const faster: Children = { start: () => undefined };

function setUp() {
  const clock = createVirtualClock();
  let loads = 0;
  const children = createLazyChildren(clock, () => {
    loads += 1;
    return Promise.resolve(faster);
  });
  /** Until what is loaded later would be there. */
  const wait = async (): Promise<void> => {
    clock.advance(60_000);
    await Promise.resolve();
  };
  return { children, wait, loads: () => loads };
}

test('a few are started by Node, until one of them is started again', async () => {
  const { children, wait, loads } = setUp();
  await children.expect(2);
  expect([children.next(), children.next()]).toEqual([undefined, undefined]);
  await wait();
  expect(loads()).toBe(0);
  // The restart itself does not wait for it.
  expect(children.next()).toBeUndefined();
  expect(loads()).toBe(0);
  await wait();
  expect([children.next(), children.next()]).toEqual([faster, faster]);
  await wait();
  expect(loads()).toBe(1);
});

test('many have it from the first', async () => {
  const { children, loads } = setUp();
  await children.expect(30);
  expect(children.next()).toBe(faster);
  expect(loads()).toBe(1);
});

test('Node starts all where none was announced: in a program that we are a part of', async () => {
  const { children, wait, loads } = setUp();
  for (let at = 0; at < 100; at += 1) expect(children.next()).toBeUndefined();
  await wait();
  expect(loads()).toBe(0);
});

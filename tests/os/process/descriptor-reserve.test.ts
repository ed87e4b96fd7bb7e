import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { withoutDescriptors } from '../../helpers/no-descriptors.ts';
import { createDescriptorReserve, noReserve } from '../../../src/os/process/descriptor-reserve.ts';

const open = (): number => readdirSync('/proc/self/fd').length;

describe('a reserve of descriptors', () => {
  test('is not touched by work that has enough', () => {
    const reserve = createDescriptorReserve();
    onTestFinished(() => reserve.close());
    const before = open();
    let times = 0;
    const inUse = reserve.use(
      () => ((times += 1), open()),
      () => null,
    );
    expect([inUse, times]).toEqual([before, 1]);
  });

  test('is given up for work that lacks some, and taken back', () => {
    const reserve = createDescriptorReserve();
    onTestFinished(() => reserve.close());
    const before = open();
    const seen: number[] = [];
    const work = (): 'ok' | 'EMFILE' => (seen.push(open()), seen.length === 1 ? 'EMFILE' : 'ok');
    expect(reserve.use(work, (result) => (result === 'ok' ? null : result))).toBe('ok');
    expect(seen[0]).toBe(before);
    expect(seen[1]).toBeLessThan(before - 1);
    expect(open()).toBe(before);
  });

  test('is gone when it is closed', () => {
    const before = open();
    const reserve = createDescriptorReserve();
    expect(open()).toBeGreaterThan(before);
    reserve.close();
    reserve.use(
      () => 'EMFILE',
      (result) => result,
    );
    expect(open()).toBe(before);
  });

  test.runIf(process.platform === 'linux')('makes room by what can be done without', async () => {
    const reserve = createDescriptorReserve();
    onTestFinished(() => reserve.close());
    let asked = 0;
    reserve.onShortage(() => (asked += 1));
    expect([reserve.hasRoomFor(10), reserve.makeRoomFor(10), asked]).toEqual([true, true, 0]);
    const giveBack = await withoutDescriptors();
    const room = [reserve.hasRoomFor(1), reserve.makeRoomFor(1), asked];
    await giveBack();
    expect(room).toEqual([false, false, 1]);
    expect(reserve.makeRoomFor(10)).toBe(true);
  });

  test('is not for those who have none', () => {
    expect(
      noReserve.use(
        () => 'EMFILE',
        (result) => result,
      ),
    ).toBe('EMFILE');
  });
});

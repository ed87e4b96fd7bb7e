import { describe, expect, test } from 'vitest';
import { openGate, type Machine } from '../../../src/cli/pool/gate.ts';

const MIB = 1024 * 1024;
const { signal } = new AbortController();

/** What the machine says at each look; after the last one it stays so. */
function machineOf(...looks: readonly { readonly freeMib: number; readonly load: number }[]) {
  let at = 0;
  const now = () => looks[Math.min(at, looks.length - 1)] ?? { freeMib: 0, load: 0 };
  const machine: Machine = {
    freeBytes: () => now().freeMib * MIB,
    load: () => now().load,
    untilNextLook(by) {
      at += 1;
      return by.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
    },
  };
  return { machine, looksAgain: () => at };
}

const CALM = { freeMib: 1000, load: 0.5 };

describe('the gate of a pool', () => {
  test('is none without conditions', () => {
    expect(openGate({ memfreeBytes: null, load: null })).toBeUndefined();
  });

  test.each([
    ['--memfree', { memfreeBytes: 100 * MIB, load: null }, { freeMib: 99, load: 0 }],
    ['--load', { memfreeBytes: null, load: 2 }, { freeMib: 0, load: 2 }],
    ['both', { memfreeBytes: 100 * MIB, load: 2 }, { freeMib: 100, load: 2 }],
  ])('with %s opens when the machine is calm again', async (_, conditions, busy) => {
    const { machine, looksAgain } = machineOf(busy, busy, CALM);
    await openGate(conditions, undefined, machine)?.(signal);
    expect(looksAgain()).toBe(2);
  });

  test('is left when the pool ends', async () => {
    const { machine } = machineOf({ freeMib: 0, load: 0 });
    const gate = openGate({ memfreeBytes: MIB, load: null }, undefined, machine);
    await expect(gate?.(AbortSignal.abort())).rejects.toThrow('aborted');
  });

  test('claims room in caps after that, and what gives it back is passed on', async () => {
    const { machine, looksAgain } = machineOf({ freeMib: 0, load: 0 }, CALM);
    const events: string[] = [];
    const claim = () => {
      events.push(`claimed after ${String(looksAgain())}`);
      return Promise.resolve(() => void events.push('left'));
    };
    const leave = await openGate({ memfreeBytes: MIB, load: null }, claim, machine)?.(signal);
    leave?.();
    expect(events).toEqual(['claimed after 1', 'left']);
  });
});

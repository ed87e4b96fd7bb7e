import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { kernelUnits } from '../../../src/os/proc/kernel-units.ts';
import { hasProc } from '../../../src/os/proc/sampler.ts';

test.runIf(hasProc())('the units of the kernel are those that getconf tells', () => {
  const told = (name: string) => Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
  expect(kernelUnits()).toEqual({ pageBytes: told('PAGESIZE'), ticksPerSecond: told('CLK_TCK') });
});

import { describe, expect, test } from 'vitest';
import type { AppSpec, InstanceSpec } from '../../src/core/plan/app-spec.ts';
import { servicePlan } from '../../src/core/plan/process-plan.ts';
import { descriptorShortage, descriptorsNeeded, logFilesKept } from '../../src/host/descriptor-needs.ts';
import { fakeInstance } from '../helpers/fake-instance.ts';
import type { HostOptions } from '../../src/host/options.ts';

const OPTIONS: HostOptions = {
  ...{ timeoutMs: 1000, restart: 'never', restartDelayMs: 0, onExit: 'keep' },
  ...{ resident: false, stdin: 'null', output: 'piped' },
};

function app(count: number, stages = 0, workers = 0): AppSpec {
  const instance = (name: string): InstanceSpec => fakeInstance(name);
  const stage = (at: number): InstanceSpec => ({
    ...instance(`p/${String(at)}`),
    stage: {
      ...{ joinsStderr: false, downstream: null },
      upstream: at === 0 ? null : `p/${String(at - 1)}`,
    },
  });
  const instances = Array.from({ length: count }, (_, at) => instance(`a.${String(at)}`));
  const worker = (name: string): InstanceSpec => {
    const one = instance(name);
    const pool = {
      ...{ framing: 'line' as const, recycleAfter: 1, maxMemoryBytes: 1 },
      retries: 0,
      timeoutMs: 1,
      uses: [],
    } as const;
    return { ...one, plan: { ...servicePlan('w', 'cat', one.plan.place), pool } };
  };
  const all = [
    ...instances,
    ...Array.from({ length: workers }, (_, at) => worker(`w.${String(at)}`)),
    ...Array.from({ length: stages }, (_, at) => stage(at)),
  ];
  return {
    ...{
      root: '/',
      procfile: null,
      envFiles: [],
      envFileVariables: [],
      comforting: {},
      processes: [],
      pipelines: [],
      pools: [],
    },
    ...{ portBase: 5000, environment: {}, instances: all, others: [instance('idle.1')] },
  };
}

describe('an application', () => {
  test('needs a descriptor for each pipe that we hold', () => {
    const alone = descriptorsNeeded(app(1), OPTIONS, false);
    expect(descriptorsNeeded(app(13), OPTIONS, false)).toBe(alone + 12);
    expect(descriptorsNeeded(app(13), { ...OPTIONS, stdin: 'open' }, false)).toBe(alone + 25);
    expect(descriptorsNeeded(app(1), { ...OPTIONS, output: 'inherited' }, false)).toBe(alone - 1);
    const raw = { ...OPTIONS, output: 'inherited', stdin: 'open' } as const;
    expect(descriptorsNeeded(app(1), raw, false)).toBe(alone);
    expect(descriptorsNeeded(app(1, 3), OPTIONS, false)).toBe(alone + 3 + 2 * 2);
    expect(descriptorsNeeded(app(1, 3), { ...OPTIONS, stdin: 'open' }, false)).toBe(alone + 3 + 2 * 2 + 2);
    expect(descriptorsNeeded(app(1), OPTIONS, true)).toBeGreaterThan(alone);
    for (const stdin of ['null', 'open'] as const)
      expect(descriptorsNeeded(app(0, 0, 2), { ...OPTIONS, stdin }, false)).toBe(alone - 1 + 2 * 3);
  });

  test('is not started where they are too few, and that is told with a remedy', () => {
    const needed = 20 + descriptorsNeeded(app(12), OPTIONS, false);
    expect(descriptorShortage(app(12), OPTIONS, false, { open: 20, limit: needed })).toBeUndefined();
    expect(descriptorShortage(app(12), OPTIONS, false, { open: 20, limit: Infinity })).toBeUndefined();
    expect(descriptorShortage(app(12), OPTIONS, false, { open: 20, limit: needed - 1 })).toBe(
      `12 processes need ${String(needed)} file descriptors, and the limit is ${String(needed - 1)}: raise it, as by 'ulimit -n 64'`,
    );
    const shortage = (limit: number) =>
      descriptorShortage(app(12), { ...OPTIONS, stdin: 'open' }, false, { open: 20, limit });
    expect(shortage(needed)).toMatch(/ulimit -n 64', or use --stdin null$/);
    expect(shortage(needed - 1)).toMatch(/ulimit -n 64'$/);
    expect(descriptorShortage(app(1), OPTIONS, false, { open: 0, limit: 3 })).toMatch(/^1 process needs /);
  });

  test('keeps as many log files open as the limit allows, and a few in any case', () => {
    const kept = (limit: number) => logFilesKept(app(12), OPTIONS, false, { open: 20, limit });
    expect([kept(60), kept(100), kept(Infinity), kept(100_000)]).toEqual([2, expect.any(Number), 64, 64]);
    expect(kept(100)).toBeGreaterThan(2);
    expect(kept(100)).toBeLessThan(20);
  });
});

import { expect, test, vi } from 'vitest';
import { createLateShells } from '../../src/host/late-shells.ts';
import type { JobEvents, JobShells } from '../../src/ports/pool.ts';

function fake() {
  const calls: string[] = [];
  const shells: JobShells = {
    start: (slot, { command }) => void calls.push(`start ${String(slot)} ${command}`),
    expectStop: (slot) => ({ pid: slot, runId: 'x' }),
    abandon: (slot) => void calls.push(`abandon ${String(slot)}`),
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    close: () => Promise.resolve(void calls.push('close')),
    release: () => void calls.push('release'),
  };
  return { calls, shells };
}

const JOB = { seq: 1, command: 'true' };
const refusalOf = (error: unknown) =>
  ({ by: 'refusal', error: 'ENOSPC', message: (error as Error).message }) as const;
const events = () => ({ data: vi.fn(), ended: vi.fn(), refused: vi.fn() }) satisfies JobEvents;

test('nothing is made for a run without a job', async () => {
  const open = vi.fn();
  const late = createLateShells({ open, refusalOf });
  late.pause();
  late.resume();
  late.abandon(1);
  expect(late.expectStop(1)).toBeNull();
  await late.close();
  late.release?.();
  expect(open).not.toHaveBeenCalled();
});

test('the first job makes them, once, as they are wanted by then', async () => {
  const { calls, shells } = fake();
  const open = vi.fn(() => shells);
  const late = createLateShells({ open, refusalOf });
  late.pause();
  late.start(1, JOB, events());
  late.start(2, JOB, events());
  expect(open).toHaveBeenCalledTimes(1);
  expect(late.expectStop(2)).toEqual({ pid: 2, runId: 'x' });
  late.resume();
  late.abandon(2);
  await late.close();
  late.release?.();
  expect(calls).toEqual(['pause', 'start 1 true', 'start 2 true', 'resume', 'abandon 2', 'close', 'release']);
});

test('a job whose shells cannot be made is refused, after its start; the next one tries again', async () => {
  const { calls, shells } = fake();
  let isFull = true;
  const open = (): JobShells => {
    if (isFull) throw new Error('no space left');
    return shells;
  };
  const late = createLateShells({ open, refusalOf });
  const first = events();
  late.start(1, JOB, first);
  expect(first.refused).not.toHaveBeenCalled();
  expect(late.expectStop(1)).toBeNull();
  await vi.waitFor(() => expect(first.refused).toHaveBeenCalledTimes(1));
  expect(first.refused).toHaveBeenCalledWith({ by: 'refusal', error: 'ENOSPC', message: 'no space left' });
  isFull = false;
  late.start(1, JOB, events());
  expect(calls).toEqual(['start 1 true']);
});

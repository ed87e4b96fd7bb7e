import { expect, test } from 'vitest';
import { isFailure, JUDGED, judged, statusOf, type Exit } from '../../../src/core/process/exit.ts';

const refusal = (error: string): Exit => ({ by: 'refusal', error, message: '' });

test.each<[Exit, status: number, failed: boolean]>([
  [{ by: 'code', code: 0 }, 0, false],
  [{ by: 'code', code: 3 }, 3, true],
  [{ by: 'code', code: 255 }, 255, true],
  [{ by: 'signal', signal: 'SIGKILL' }, 137, true],
  [{ by: 'signal', signal: 'SIGSEGV' }, 139, true],
  [{ by: 'signal', signal: 'SIGTERM' }, 143, true],
  [refusal('ENOENT'), 127, true],
  [refusal('ENOTDIR'), 127, true],
  [refusal('EACCES'), 126, true],
  [refusal('ENOEXEC'), 126, true],
  [refusal('EMFILE'), 125, true],
  ...Object.values(JUDGED).map((error): [Exit, number, boolean] => [refusal(error), 1, true]),
])('%j: status %i', (exit, status, failed) => {
  expect(statusOf(exit)).toBe(status);
  expect(isFailure(exit)).toBe(failed);
});

test.each<[Exit, accepted: readonly number[] | undefined, failed: boolean]>([
  [{ by: 'code', code: 3 }, undefined, true],
  [{ by: 'code', code: 3 }, [3, 143], false],
  [{ by: 'code', code: 4 }, [3], true],
  [{ by: 'signal', signal: 'SIGTERM' }, [143], false],
  [{ by: 'signal', signal: 'SIGTERM' }, [15], true],
  [{ by: 'refusal', error: 'ENOENT', message: 'x' }, [127], true],
])('%j with the statuses %j of success', (exit, accepted, failed) => {
  expect(isFailure(judged(exit, accepted))).toBe(failed);
});

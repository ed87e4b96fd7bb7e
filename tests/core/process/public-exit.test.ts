import { expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { exitOfPublic, publicExitOf } from '../../../src/core/process/public-exit.ts';

test.each([
  [{ by: 'code', code: 0 }, { code: 0 }],
  [{ by: 'code', code: 3 }, { code: 3 }],
  [{ by: 'signal', signal: 'SIGKILL' }, { signal: 'SIGKILL' }],
  [
    { by: 'code', code: 3, success: true },
    { code: 3, success: true },
  ],
  [
    { by: 'signal', signal: 'SIGTERM', success: true },
    { signal: 'SIGTERM', success: true },
  ],
  [
    { by: 'refusal', error: 'ENOENT', message: 'there is none' },
    { error: 'ENOENT', message: 'there is none' },
  ],
] as const satisfies readonly (readonly [Exit, object])[])('%j', (exit, told) => {
  expect(publicExitOf(exit)).toEqual(told);
  expect(exitOfPublic(publicExitOf(exit))).toEqual(exit);
});

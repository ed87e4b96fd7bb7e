import { expect, test } from 'vitest';
import type { Exit } from '../../src/core/process/exit.ts';
import { exitText } from '../../src/ui/exit-text.ts';

test.each<[Exit, string]>([
  [{ by: 'code', code: 0 }, 'exited with status 0'],
  [{ by: 'code', code: 126 }, 'exited with status 126: command cannot be executed'],
  [{ by: 'code', code: 127 }, 'exited with status 127: command not found'],
  [{ by: 'signal', signal: 'SIGSEGV' }, 'was terminated by SIGSEGV (status 139)'],
  [
    { by: 'refusal', error: 'EAGAIN', message: 'no more processes' },
    'could not be started: no more processes',
  ],
])('%j', (exit, text) => {
  expect(exitText(exit)).toBe(text);
});

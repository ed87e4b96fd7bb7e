import { expect, test } from 'vitest';
import { internalErrorText } from '../../src/cli/internal-error.ts';
import { LostOutput } from '../../src/cli/io.ts';

test('a defect is shown with its stack and where to report it', () => {
  const text = internalErrorText(new TypeError('x is not a function'));
  expect(text).toMatch(
    /^procsup: internal error: x is not a function\n {4}at [^]*Please report it .*procsup 0\./,
  );
});

test('anything can be thrown', () => {
  expect(internalErrorText('text')).toMatch(/^procsup: internal error: text\n/);
  expect(internalErrorText(undefined)).toMatch(/^procsup: internal error: undefined\n/);
});

test('a full disk is no defect of ours', () => {
  const text = internalErrorText(new LostOutput(new Error('ENOSPC: no space left on device, write')));
  expect(text).toBe('procsup: cannot write to standard output: ENOSPC: no space left on device, write\n');
});

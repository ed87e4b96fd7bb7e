import { expect, test } from 'vitest';
import { startedText } from '../../src/ui/started-text.ts';

test.each([
  [{ pid: 42, isUp: true, why: '', lastLines: ['not shown'] }, 'web.1 started (pid 42)\n'],
  [{ pid: null, isUp: true, why: 'exited with status 0', lastLines: [] }, 'web.1 exited with status 0\n'],
  [
    { pid: null, isUp: false, why: 'exited with status 1', lastLines: [] },
    'procsup: web.1 failed to start: it exited with status 1\n',
  ],
  [
    { pid: null, isUp: false, why: 'exited with status 1', attempts: 3, lastLines: ['x'] },
    'procsup: web.1 failed to start after 3 attempts: it exited with status 1\n  web.1 | x\n',
  ],
  [
    { pid: null, isUp: false, why: 'exited with status 1', lastLines: ['Error: x', '\x1b[31mred'] },
    'procsup: web.1 failed to start: it exited with status 1\n  web.1 | Error: x\n  web.1 | ␛[31mred\n',
  ],
])('%j', (one, text) => {
  expect(startedText({ name: 'web.1', ...one })).toBe(text);
});

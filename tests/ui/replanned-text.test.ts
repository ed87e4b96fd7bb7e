import { expect, test } from 'vitest';
import { replannedText } from '../../src/ui/replanned-text.ts';

const NOTHING = { added: [], removed: [], changed: [], results: [] };
const up = (name: string, before: number | null = null) =>
  ({ name, outcome: 'running', before, pid: 42, exit: null }) as const;
const down = (name: string) => ({ name, outcome: 'stopped', before: 41, pid: null, exit: null }) as const;

test.each([
  [NOTHING, 'no changes\n'],
  [{ ...NOTHING, added: ['web.2'], results: [up('web.2')] }, 'web.2 started (pid 42)\n'],
  [{ ...NOTHING, added: ['web.2'] }, 'web.2 added (not started)\n'],
  [{ ...NOTHING, removed: ['web.2'], results: [down('web.2')] }, 'web.2 stopped (pid 41) and removed\n'],
  [
    {
      ...NOTHING,
      removed: ['web.2'],
      results: [{ ...down('web.2'), outcome: 'unknown' as const, before: null }],
    },
    'web.2 removed\n',
  ],
  [{ ...NOTHING, removed: ['web.2'] }, 'web.2 removed\n'],
  [{ ...NOTHING, changed: ['web.1'], results: [up('web.1', 41)] }, 'web.1 restarted (41 -> 42)\n'],
  [{ ...NOTHING, changed: ['web.1'] }, 'web.1 changed (not running)\n'],
  [{ ...NOTHING, results: [up('web.1')] }, 'web.1 started (pid 42)\n'],
  [
    { added: ['c.1'], removed: ['a.1'], changed: ['b.1'], results: [down('a.1'), up('b.1', 41), up('c.1')] },
    'a.1 stopped (pid 41) and removed\nb.1 restarted (41 -> 42)\nc.1 started (pid 42)\n',
  ],
])('%j', (replanned, text) => {
  expect(replannedText(replanned)).toBe(text);
});

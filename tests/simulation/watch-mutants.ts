/** The machine of watches with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const file = 'watch/watch.ts';

export const WATCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'a second change of a file replaces what was known before the first',
    file,
    original: 'counted.filter((path) => !state.pending.has(path))',
    broken: 'counted',
  },
  {
    name: 'the debounce begins with the first change',
    file,
    original: 'sinceMs: state.sinceMs ?? nowMs, lastMs: nowMs }',
    broken: 'sinceMs: state.sinceMs ?? nowMs, lastMs: state.sinceMs ?? nowMs }',
  },
  {
    name: 'a wait has no end',
    file,
    original: 'settlingSince(state.sinceMs ?? state.lastMs, state) + Math.max(LONGEST_MS, debounceMs)',
    broken: 'Infinity',
  },
  {
    name: 'what comes during a look is acted on at once',
    file,
    original: 'const isUnsettled = state.isStale || isMoving || nowMs < state.lastMs + rule.debounceMs;',
    broken: 'const isUnsettled = isMoving;',
  },
  {
    name: 'git is not waited for',
    file,
    original: 'if (isForGit)',
    broken: 'if (false)',
  },
  {
    name: 'git is waited for without an end',
    file,
    original: 'isGitBusy && nowMs - state.sinceMs < LONGEST_GIT_MS',
    broken: 'isGitBusy',
  },
  {
    name: 'every change counts, also without a difference',
    file,
    original: ".filter(([path, before]) => isChanged(before, now.get(path) ?? 'missing'))",
    broken: '',
  },
  {
    name: 'what came before a run restarts it',
    file,
    original:
      'state: { ...begun, pending: new Map(), sinceMs: null, gitMs: null, isLooking: false, isStale: false },',
    broken: 'state: begun,',
  },
  {
    name: 'a look that was overtaken by a run counts',
    file,
    original: 'if (look !== state.look || !state.isLooking || state.sinceMs === null) return still(state);',
    broken: 'if (state.sinceMs === null) return still(state);',
  },
  {
    name: 'a file is changed by its times',
    file: 'watch/content.ts',
    original: 'return before.hash === null || now.hash === null || before.hash !== now.hash;',
    broken: 'return true;',
  },
  {
    name: 'a file that is gone is no change',
    file: 'watch/content.ts',
    original: "if (before === 'missing' || now === 'missing') return before !== now;",
    broken: "if (before === 'missing' || now === 'missing') return now !== 'missing' && before !== now;",
  },
];

/** What of the watch can be used without a supervisor, for the bench. */
export { scopeAt, watchRules } from '../../src/core/watch/scope.ts';
export { topsOf } from '../../src/core/watch/tops.ts';
export { systemClock } from '../../src/os/clock.ts';
export { createTree } from '../../src/os/watch/tree.ts';

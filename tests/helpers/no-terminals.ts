import type { Terminals } from '../../src/ports/terminals.ts';

/** Of a system that has none. */
export const NO_TERMINALS: Terminals = {
  open: () => Promise.resolve({ by: 'refusal', error: 'ENOSYS', message: 'no terminals', lasting: true }),
};

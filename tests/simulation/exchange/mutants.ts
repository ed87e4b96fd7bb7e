/** The machines of what processes exchange with one rule broken on purpose. */
import type { Mutant } from '../load-mutant.ts';

const lock = 'exchange/lock/lock.ts';

export const LOCK_MUTANTS: readonly Mutant[] = [
  {
    name: 'one that fits overtakes those that wait',
    file: lock,
    original: 'return grant({ ...state, waiting: [...state.waiting, request] });',
    broken:
      'return grant({ ...state, waiting: fits(state, request) ? [request, ...state.waiting] : [...state.waiting, request] });',
  },
  {
    name: 'one that does not wait overtakes those that do',
    file: lock,
    original: 'state.waiting.length === 0 && fits(state, request)',
    broken: 'fits(state, request)',
  },
  {
    name: 'one slot too many',
    file: lock,
    original: 'return held.length < slots;',
    broken: 'return held.length <= slots;',
  },
  {
    name: 'readers beside a writer',
    file: lock,
    original: "if (mode === 'shared') return held.every((one) => one.mode === 'shared');",
    broken: "if (mode === 'shared') return true;",
  },
  {
    name: 'a reader at a time',
    file: lock,
    original: "held.every((one) => one.mode === 'shared');",
    broken: 'held.length === 0;',
  },
  {
    name: 'only one is granted at a time',
    file: lock,
    original: 'state = { ...state, held: [...state.held, next], waiting, isAbandoned: false };',
    broken:
      'return { state: { ...state, held: [...state.held, next], waiting, isAbandoned: false }, effects };',
  },
  {
    name: 'abandoned is told to all later ones',
    file: lock,
    original: 'waiting, isAbandoned: false };',
    broken: 'waiting };',
  },
  {
    name: 'a death is not told',
    file: lock,
    original: 'isAbandoned: state.isAbandoned || isDirty',
    broken: 'isAbandoned: false',
  },
  {
    name: 'the death of a reader is told',
    file: lock,
    original: "!isLeft(one) && one.mode === 'exclusive'",
    broken: '!isLeft(one)',
  },
  {
    name: 'a second death makes the first forgotten',
    file: lock,
    original: 'state.isAbandoned || isDirty',
    broken: 'isDirty',
  },
  {
    name: 'the dead keep it',
    file: lock,
    original: 'held: state.held.filter(isLeft),',
    broken: 'held: state.held,',
  },
  {
    name: 'the dead wait on',
    file: lock,
    original: 'waiting: state.waiting.filter(isLeft),',
    broken: 'waiting: state.waiting,',
  },
  {
    name: 'a cancelled one in front keeps others waiting',
    file: lock,
    original: 'return grant({ ...state, waiting: state.waiting.filter(({ id }) => id !== event.id) });',
    broken:
      'return { state: { ...state, waiting: state.waiting.filter(({ id }) => id !== event.id) }, effects: [] };',
  },
  {
    name: 'a late cancel takes a grant away',
    file: lock,
    original: 'return grant({ ...state, waiting: state.waiting.filter(({ id }) => id !== event.id) });',
    broken:
      'return grant({ ...state, waiting: state.waiting.filter(({ id }) => id !== event.id), held: state.held.filter(({ id }) => id !== event.id) });',
  },
];

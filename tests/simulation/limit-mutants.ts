/** The decisions about limits with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const file = 'limits/limits.ts';

export const LIMIT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the first look that finds too much acts, whatever `for` says',
    file,
    original: 'lastedMs < forMs || ',
    broken: '',
  },
  {
    name: 'as much as the limit is too much',
    file,
    original: 'if (value <= max) {',
    broken: 'if (value < max) {',
  },
  {
    name: 'a break does not begin the time anew',
    file,
    original: 'if (value <= max) {',
    broken: 'if (value <= max) {\nif (since !== undefined) over.set(kind, since);',
  },
  {
    name: 'a value that cannot be told begins the time anew',
    file,
    original: 'if (since !== undefined) over.set(kind, since);',
    broken: '',
  },
  {
    name: 'each look tells of the same excess',
    file,
    original: "if (action === 'warn') warned.set(kind, limit);",
    broken: "if (action === 'warn') warned.delete(kind);",
  },
  {
    name: 'a warning waits for its turn',
    file,
    original: "if (action === 'warn') warned.set(kind, limit);",
    broken: "if (busy.has(process)) continue;\nif (action === 'warn') warned.set(kind, limit);",
  },
  {
    name: 'a stop is a warning',
    file,
    original: "if (action === 'warn')",
    broken: "if (action !== 'restart')",
  },
  {
    name: 'a restart is a warning',
    file,
    original: "if (action === 'warn')",
    broken: "if (action !== 'stop')",
  },
  {
    name: 'another instance is stopped before the last one is ready again',
    file,
    original: 'else if (busy.has(process)) continue;',
    broken: '',
  },
  {
    name: 'all instances are stopped at one look',
    file,
    original: 'busy.add(process);',
    broken: '',
  },
  {
    name: 'one that still shows its old run counts as ready again',
    file,
    original: "(standing === 'settled' && known.stopped !== run)",
    broken: "standing === 'settled'",
  },
  {
    name: 'one that starts counts as ready again',
    file,
    original: "(standing === 'settled' && known.stopped !== run)",
    broken: 'known.stopped !== run',
  },
  {
    name: 'one that has ended for good is waited for',
    file,
    original: "standing === 'down' || (",
    broken: '(',
  },
  {
    name: 'a run that is being stopped is stopped again',
    file,
    original: 'if (used === undefined || was.stopped === run) {',
    broken: 'if (used === undefined) {',
  },
  {
    name: 'a run is stopped for each of its limits',
    file,
    original: ' || stopped === run) continue;',
    broken: ') continue;\nbusy.delete(process);',
  },
  {
    name: 'a process that is not running counts with what its last run used',
    file,
    original: 'if (used === undefined || was.stopped === run) {',
    broken:
      'if (used === undefined) for (const limit of limits) if (was.over.has(limit.kind))\n' +
      'excesses.push({ name, run, limit, used: limit.max + 1, lastedMs: limit.forMs });\n' +
      'if (used === undefined || was.stopped === run) {',
  },
  {
    name: 'a new run goes on where the last one ended',
    file,
    original: '{ ...NOTHING_KNOWN, run, stopped: before.stopped }',
    broken: '{ ...before, run }',
  },
  {
    name: 'a warning is over as soon as the limit is kept',
    file,
    original: 'value > max * RECOVERED || ',
    broken: '',
  },
  {
    name: 'a reload does not make a new limit',
    file,
    original: 'if (!isSame(warned.get(kind), limit)) warned.delete(kind);',
    broken: '',
  },
  {
    name: 'a warned process is not stopped by a limit that now says so',
    file,
    original: 'a?.max === b.max && a.action === b.action',
    broken: 'a?.max === b.max',
  },
  {
    name: 'instances have one history',
    file,
    original: 'knownOf(before.get(look.name), look)',
    broken: "knownOf(before.get(looks[0]?.name ?? ''), look)",
  },
  {
    name: 'what exceeds a limit is put to another instance',
    file,
    original: 'excesses.push({ name, run, limit,',
    broken: "excesses.push({ name: looks[0]?.name ?? '', run, limit,",
  },
];

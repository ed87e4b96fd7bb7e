/** Reads `caps`, and what processes use of them. */
import type { CapSpec, CapUse } from '../../core/plan/process-plan.ts';
import type { Problem } from '../../core/problem.ts';
import { createEntryReader, isMap, type EntryReader } from './entry.ts';
import { isName, NAME_REMEDY } from './stages.ts';
import type { PlaceOf } from '../yaml/value-path.ts';

const MOST = 1_000_000;

/** A number is short for a map that has only the soft cap. */
export function readCaps(value: unknown, placeOf: PlaceOf, problems: Problem[]): readonly CapSpec[] {
  const entries = Object.entries(isMap(value) ? value : {}).filter(([name]) => !name.startsWith('x-'));
  return entries.map(([name, given]) => {
    const path = ['caps', name];
    const short = createEntryReader({ [name]: given }, ['caps'], placeOf, problems);
    const reader = createEntryReader(isMap(given) ? given : {}, path, placeOf, problems);
    if (!isName(name)) short.wrong(path, `invalid cap name '${name}'`, NAME_REMEDY, 'key');
    const hard = reader.integer('hard', 1, MOST) ?? Infinity;
    const soft = reader.integer('soft', 1, MOST) ?? (isMap(given) ? hard : short.integer(name, 1, MOST));
    if (isMap(given) && soft === Infinity && Object.keys(given).length === 0)
      reader.wrong(path, `cap '${name}' has no limit`, `set a number, as in '${name}: 4'`);
    if (soft !== undefined && soft > hard)
      reader.wrong(
        [...path, 'soft'],
        `the soft cap ${String(soft)} is above the hard cap ${String(hard)}`,
        'lower the soft cap, or raise the hard one',
      );
    return { name, soft: soft ?? Infinity, hard };
  });
}

/** Undefined: there is no such key. */
export function readUses(reader: EntryReader): readonly CapUse[] | undefined {
  const value = reader.map['uses'];
  if (value === undefined) return undefined;
  const path = [...reader.path, 'uses'];
  if (isMap(value)) {
    const below = createEntryReader(value, path, reader.placeOf, reader.problems);
    return Object.keys(value).map((cap) => ({ cap, amount: below.integer(cap, 1, MOST) ?? 1 }));
  }
  const uses = new Map<string, CapUse>();
  for (const [item, at] of reader.list('uses')) {
    if (typeof item !== 'string') continue;
    if (uses.has(item))
      reader.wrong(at, `duplicate cap '${item}' in 'uses'`, `write 'uses: {${item}: 2}' for two of it`);
    uses.set(item, { cap: item, amount: 1 });
  }
  return [...uses.values()];
}

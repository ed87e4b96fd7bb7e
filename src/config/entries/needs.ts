/** Reads `depends_on`, in our words and in those of Compose and process-compose. */
import type { Need } from '../../core/plan/process-plan.ts';
import type { Place } from '../../core/problem.ts';
import { createEntryReader, defined, isMap, type EntryReader } from './entry.ts';
import { wordProblem } from '../shape.ts';
import type { ValuePath } from '../yaml/value-path.ts';

export interface NeedsReading {
  readonly needs: readonly Need[];
  /** Where each need was said: `depends_on.db`. */
  readonly places: Readonly<Record<string, Place>>;
}

const CONDITIONS = ['started', 'ready', 'succeeded'] as const;

const CONDITIONS_OF_OTHERS: Readonly<Record<string, Need['until']>> = {
  service_started: 'started',
  service_healthy: 'ready',
  service_completed_successfully: 'succeeded',
  process_started: 'started',
  process_healthy: 'ready',
  process_log_ready: 'ready',
  process_completed_successfully: 'succeeded',
};

/** Undefined: there is no such key. A need without a condition is `ready`; the plan makes that `succeeded` for a task. */
export function readNeeds(reader: EntryReader): NeedsReading | undefined {
  const value = reader.map['depends_on'];
  if (value === undefined) return undefined;
  const path = [...reader.path, 'depends_on'];
  const needs: Need[] = [];
  const places: Record<string, Place> = {};
  const add = (need: Need, place: Place, at: ValuePath): void => {
    if (Object.hasOwn(places, `depends_on.${need.process}`)) {
      reader.wrong(at, `duplicate name '${need.process}' in 'depends_on'`, 'remove one of them');
      return;
    }
    needs.push(need);
    places[`depends_on.${need.process}`] = place;
  };
  if (isMap(value)) {
    for (const [process, given] of Object.entries(value)) {
      const at = [...path, process];
      add({ process, ...termsOf(reader, given, at) }, reader.placeOf(at, 'key'), at);
    }
  } else {
    for (const [item, at] of reader.list('depends_on')) {
      if (typeof item === 'string') add({ process: item, until: 'ready' }, reader.placeOf(at), at);
    }
  }
  return { needs, places };
}

function termsOf(reader: EntryReader, given: unknown, path: ValuePath): Omit<Need, 'process'> {
  if (!isMap(given)) return { until: conditionOf(reader, given, path) };
  const below = createEntryReader(given, path, reader.placeOf, reader.problems);
  const { restart } = given;
  return {
    until: conditionOf(reader, given['condition'], [...path, 'condition']),
    ...defined({
      onRestart:
        typeof restart === 'boolean'
          ? restart
            ? ('restart' as const)
            : ('keep' as const)
          : below.word('restart', ['keep', 'restart', 'stop']),
      required: below.flag('required'),
    }),
  };
}

function conditionOf(reader: EntryReader, given: unknown, path: ValuePath): Need['until'] {
  if (typeof given !== 'string') return 'ready';
  const ours = CONDITIONS.find((word) => word === given);
  if (ours !== undefined) return ours;
  if (Object.hasOwn(CONDITIONS_OF_OTHERS, given)) return CONDITIONS_OF_OTHERS[given] ?? 'ready';
  if (given === 'process_completed')
    reader.wrong(
      path,
      "cannot wait for 'process_completed': an end by a failure counts as well",
      "use 'succeeded', and name the statuses that count as success in 'success_status' of the other one",
    );
  else reader.problems.push(wordProblem('condition', given, CONDITIONS, reader.placeOf(path)));
  return 'ready';
}

import { hasErrors, type Checked, type Problem } from '../problem.ts';
import { isGlob } from '../../text/glob.ts';
import { suggest } from '../../text/suggest.ts';
import type { ServicePlan } from './process-plan.ts';
import { remedyForFile, unknownText } from './select.ts';

/** How many instances of each process; every process is in it. */
export type Formation = ReadonlyMap<string, number>;

const MOST_INSTANCES = 1_000;

interface Item {
  readonly text: string;
  readonly column: number;
}

/**
 * Reads `web=2,worker=1,all=1`. A process that is not named has as many instances as `all` says, else as its plan says.
 * Counts go from 0 to 1000. A comma may stand at the end, and nowhere else without an item before it. Where no name is known, any will do: that there is none is a problem of its own.
 * `label` is where the text comes from: the option, or a variable. A pipeline cannot be counted, and `all` leaves pipelines and pools.
 */
export function parseFormation(
  text: string | undefined,
  plans: readonly Pick<ServicePlan, 'name' | 'instances' | 'pool'>[],
  label = '--formation',
  pipelines: readonly string[] = [],
): Checked<Formation> {
  const known = { processes: new Set(plans.map(({ name }) => name)), pipelines: new Set(pipelines) };
  const counts = new Map<string, number>();
  const problems: Problem[] = [];
  for (const item of itemsOf(text ?? '')) {
    const [, name = '', count = ''] = /^([^=]*?)\s*=\s*(.*)$/s.exec(item.text) ?? [];
    const wrong = wrongWith({ name, count, counts, ...known });
    if (wrong) problems.push(atItem(label, text ?? '', item, wrong));
    else counts.set(name, Number(count));
  }
  if (hasErrors(problems)) return { value: undefined, problems };
  const all = counts.get('all');
  const countOf = ({ name, instances, pool }: (typeof plans)[number]) =>
    counts.get(name) ?? (pool === undefined ? all : undefined) ?? instances;
  return { value: new Map(plans.map((plan) => [plan.name, countOf(plan)])), problems };
}

function itemsOf(text: string): Item[] {
  const items: Item[] = [];
  let column = 1;
  const parts = text.split(',');
  for (const [index, raw] of parts.entries()) {
    const item = raw.trim();
    if (item !== '') items.push({ text: item, column: column + raw.indexOf(item) });
    // Nothing before a comma: a variable may have been empty. It is shown at that comma.
    else if (index < parts.length - 1) items.push({ text: '', column: column + raw.length });
    column += raw.length + 1;
  }
  return items;
}

type Wrong = Pick<Problem, 'code' | 'message' | 'remedy'>;

interface Counted {
  readonly name: string;
  readonly count: string;
  /** Those before it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly processes: ReadonlySet<string>;
  readonly pipelines: ReadonlySet<string>;
}

function wrongWith({ name, count, counts, processes, pipelines }: Counted): Wrong | undefined {
  if (name === '') {
    return {
      code: 'formation-syntax',
      message: "expected 'name=count'",
      remedy: "use for example 'web=2,worker=1,all=1'",
    };
  }
  const isProcess = processes.has(name);
  if (!isProcess && pipelines.has(name)) return countedPipeline(name);
  if (name !== 'all' && !isProcess && processes.size + pipelines.size > 0)
    return unknownProcess('formation-unknown-name', name, { processes: [...processes], pipelines: [] });
  if (!/^\d{1,9}$/.test(count) || Number(count) > MOST_INSTANCES) {
    return {
      code: 'formation-count',
      message: `invalid number of instances '${count}'`,
      remedy: `use an integer from 0 to ${MOST_INSTANCES}`,
    };
  }
  if (counts.has(name)) {
    return {
      code: 'formation-duplicate-name',
      message: `duplicate name '${name}'`,
      remedy: 'remove one of them',
    };
  }
  return undefined;
}

function countedPipeline(name: string): Wrong {
  return {
    code: 'formation-pipeline',
    message: `cannot set a number of instances for pipeline '${name}'`,
    remedy: 'set it only for processes of the Procfile',
  };
}

/** The names that would have done. */
export interface KnownNames {
  readonly processes: readonly string[];
  readonly pipelines: readonly string[];
}

/** The wording for a name that is neither in the Procfile nor that of a pipeline. */
export function unknownProcess(code: string, name: string, { processes, pipelines }: KnownNames): Wrong {
  const nearest = isGlob(name) ? undefined : suggest(name, [...processes, ...pipelines]);
  const known = [
    ...(processes.length === 0 ? [] : [`the Procfile has ${processes.join(', ')}`]),
    ...(pipelines.length === 0 ? [] : [`procsup.yaml has ${pipelines.join(', ')}`]),
  ].join('; ');
  const first = nearest === undefined ? remedyForFile(name) : `did you mean '${nearest}'?`;
  const remedy = first === undefined ? known : nearest === undefined ? first : `${first} ${known}`;
  const sort = pipelines.length === 0 ? 'process' : 'process or pipeline';
  return { code, message: unknownText(name, sort), ...(remedy !== '' && { remedy }) };
}

function atItem(label: string, text: string, item: Item, wrong: Wrong): Problem {
  const place = { file: label, line: 1, column: item.column, length: Math.max(1, item.text.length), text };
  return { ...wrong, severity: 'error', place };
}

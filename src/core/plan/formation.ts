import { hasErrors, type Checked, type Problem } from '../problem.ts';
import { suggest } from '../suggest.ts';

/** How many instances of each process; every process of the Procfile is in it. */
export type Formation = ReadonlyMap<string, number>;

const MOST_INSTANCES = 1_000;

interface Item {
  readonly text: string;
  readonly column: number;
}

/**
 * Reads `web=2,worker=1,all=1`. What is not named counts what `all` says, else 1; undefined text means 1 of each.
 * Counts go from 0 to 1000. Where no name is known, any will do: that there is none is a problem of its own.
 * `label` is where the text comes from: the option, or a variable. A pipeline cannot be counted, and `all` leaves it.
 */
export function parseFormation(
  text: string | undefined,
  processes: readonly string[],
  label = '--formation',
  pipelines: readonly string[] = [],
): Checked<Formation> {
  const counts = new Map<string, number>();
  const problems: Problem[] = [];
  for (const item of itemsOf(text ?? '')) {
    const [, name = '', count = ''] = /^([^=]*?)\s*=\s*(.*)$/s.exec(item.text) ?? [];
    const wrong = wrongWith({ name, count, counts, processes, pipelines });
    if (wrong) problems.push(atItem(label, text ?? '', item, wrong));
    else counts.set(name, Number(count));
  }
  if (hasErrors(problems)) return { value: undefined, problems };
  const others = counts.get('all') ?? 1;
  return { value: new Map(processes.map((name) => [name, counts.get(name) ?? others])), problems };
}

function itemsOf(text: string): Item[] {
  const items: Item[] = [];
  let column = 1;
  for (const raw of text.split(',')) {
    const item = raw.trim();
    if (item !== '') items.push({ text: item, column: column + raw.indexOf(item) });
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
  readonly processes: readonly string[];
  readonly pipelines: readonly string[];
}

function wrongWith({ name, count, counts, processes, pipelines }: Counted): Wrong | undefined {
  if (name === '') {
    return {
      code: 'formation-syntax',
      message: "expected 'name=count'",
      remedy: "use for example 'web=2,worker=1,all=1'",
    };
  }
  const isProcess = processes.includes(name);
  if (!isProcess && pipelines.includes(name)) return countedPipeline(name);
  if (name !== 'all' && !isProcess && processes.length + pipelines.length > 0)
    return unknownProcess('formation-unknown-name', name, { processes, pipelines: [] });
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
  const nearest = suggest(name, [...processes, ...pipelines]);
  const known = [
    ...(processes.length === 0 ? [] : [`the Procfile has ${processes.join(', ')}`]),
    ...(pipelines.length === 0 ? [] : [`procsup.yaml has ${pipelines.join(', ')}`]),
  ].join('; ');
  const remedy = nearest === undefined ? known : `did you mean '${nearest}'? ${known}`;
  const sort = pipelines.length === 0 ? 'process' : 'process or pipeline';
  return { code, message: `unknown ${sort} '${name}'`, ...(remedy !== '' && { remedy }) };
}

function atItem(label: string, text: string, item: Item, wrong: Wrong): Problem {
  const place = { file: label, line: 1, column: item.column, length: item.text.length, text };
  return { ...wrong, severity: 'error', place };
}

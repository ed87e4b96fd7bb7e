import { hasErrors, type Checked, type Problem } from './problem.ts';
import { suggest } from './suggest.ts';

/** How many instances of each process; every process of the Procfile is in it. */
export type Formation = ReadonlyMap<string, number>;

const MOST_INSTANCES = 1_000;

interface Item {
  readonly text: string;
  readonly column: number;
}

/**
 * Reads `web=2,worker=1,all=1`. What is not named counts what `all` says, else 1; undefined text means 1 of each.
 * Counts go from 0 to 1000. Where no process is known, any name will do: that there is none is a problem of its own.
 * `label` is where the text comes from: the option, or a variable.
 */
export function parseFormation(
  text: string | undefined,
  processes: readonly string[],
  label = '--formation',
): Checked<Formation> {
  const counts = new Map<string, number>();
  const problems: Problem[] = [];
  for (const item of itemsOf(text ?? '')) {
    const [, name = '', count = ''] = /^([^=]*?)\s*=\s*(.*)$/s.exec(item.text) ?? [];
    const wrong = wrongWith(name, count, counts, processes);
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

function wrongWith(
  name: string,
  count: string,
  counts: ReadonlyMap<string, number>,
  processes: readonly string[],
): Wrong | undefined {
  if (name === '') {
    return {
      code: 'formation-syntax',
      message: "this is not of the form 'name=count'",
      remedy: "write for example 'web=2,worker=1,all=1'",
    };
  }
  if (name !== 'all' && processes.length > 0 && !processes.includes(name))
    return unknownProcess('formation-unknown-name', name, processes);
  if (!/^\d{1,9}$/.test(count) || Number(count) > MOST_INSTANCES) {
    return {
      code: 'formation-count',
      message: `'${count}' is not a number of instances`,
      remedy: `use a whole number from 0 to ${MOST_INSTANCES}`,
    };
  }
  if (counts.has(name)) {
    return {
      code: 'formation-duplicate-name',
      message: `'${name}' is given twice`,
      remedy: 'remove one of the two',
    };
  }
  return undefined;
}

/** The wording for a name that is in no line of the Procfile. */
export function unknownProcess(code: string, name: string, processes: readonly string[]): Wrong {
  const nearest = suggest(name, processes);
  const known = processes.length === 0 ? '' : `the Procfile has ${processes.join(', ')}`;
  const remedy = nearest === undefined ? known : `did you mean '${nearest}'? ${known}`;
  return { code, message: `no process is named '${name}'`, ...(remedy !== '' && { remedy }) };
}

function atItem(label: string, text: string, item: Item, wrong: Wrong): Problem {
  const place = { file: label, line: 1, column: item.column, length: item.text.length, text };
  return { ...wrong, severity: 'error', place };
}

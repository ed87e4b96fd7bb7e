/** Tells the command of a pool from its sources: `COMMAND... ::: a b :::+ c d :::: FILE`. */

export interface Source {
  readonly kind: 'values' | 'file';
  /** The values, or one path; `-` is stdin. */
  readonly items: readonly string[];
  /** Linked to the source before it: the nth value of both make one job. */
  readonly isLinked: boolean;
}

export interface PoolOperands {
  readonly command: readonly string[];
  /** Those of `-a` come first. None: the lines of stdin. */
  readonly sources: readonly Source[];
}

const SEPARATORS: Readonly<Record<string, Pick<Source, 'kind' | 'isLinked'>>> = {
  ':::': { kind: 'values', isLinked: false },
  ':::+': { kind: 'values', isLinked: true },
  '::::': { kind: 'file', isLinked: false },
  '::::+': { kind: 'file', isLinked: true },
};

export function readOperands(words: readonly string[], files: readonly string[]): PoolOperands {
  const first = words.findIndex((word) => Object.hasOwn(SEPARATORS, word));
  const command = first === -1 ? words : words.slice(0, first);
  const sources: Source[] = files.map((file) => ({ kind: 'file', items: [file], isLinked: false }));
  for (let at = first; at !== -1 && at < words.length;) {
    const separator = SEPARATORS[words[at] ?? ''];
    if (separator === undefined) break;
    const next = words.findIndex((word, index) => index > at && Object.hasOwn(SEPARATORS, word));
    const items = words.slice(at + 1, next === -1 ? undefined : next);
    sources.push(...sourcesOf(separator, items, sources.length > 0));
    at = next;
  }
  return { command, sources };
}

/** Several files after one `::::` are as many sources. */
function sourcesOf(
  { kind, isLinked }: Pick<Source, 'kind' | 'isLinked'>,
  items: readonly string[],
  hasPredecessor: boolean,
): Source[] {
  const linked = isLinked && hasPredecessor;
  if (kind === 'values') return [{ kind, items, isLinked: linked }];
  return items.map((item) => ({ kind, items: [item], isLinked: linked }));
}

export interface Combining {
  readonly links: boolean;
  readonly skipsEmpty: boolean;
  /** Records of each job; null: one. */
  readonly records: number | null;
  /** As many as fit. */
  readonly fill: boolean;
}

/** null: that is known when all values are read. */
export function countJobs(
  sources: readonly Source[],
  { links, skipsEmpty, records, fill }: Combining,
): number | null {
  if (skipsEmpty || fill) return null;
  const count = links ? countLinked(sources) : countCombinations(sources);
  return count === null ? null : Math.ceil(count / Math.max(1, records ?? 1));
}

/** As many as the longest one has, unless one has none. */
function countLinked(sources: readonly Source[]): number | null {
  if (sources.length === 0 || sources.some(({ kind }) => kind === 'file')) return null;
  const lengths = sources.map(({ items }) => items.length);
  return lengths.includes(0) ? 0 : Math.max(...lengths);
}

/** How many combinations there are; null: a file has to be read for that. */
function countCombinations(sources: readonly Source[]): number | null {
  if (sources.length === 0 || sources.some(({ kind }) => kind === 'file')) return null;
  const groups: number[] = [];
  for (const { items, isLinked } of sources) {
    const last = groups.pop();
    if (last !== undefined) groups.push(isLinked ? Math.min(last, items.length) : last);
    if (!isLinked) groups.push(items.length);
  }
  return groups.reduce((product, count) => product * count, 1);
}

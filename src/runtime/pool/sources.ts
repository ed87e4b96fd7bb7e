/**
 * Makes the values of jobs from sources: each next one is made when it is asked for. Only sources that are walked again for
 * each value of the one before them are held in memory; the first one, often a long input, never is.
 */

export interface SourceStream {
  /** The records, to be walked once. */
  readonly records: AsyncIterable<string>;
  readonly isLinked: boolean;
}

export interface SourceOptions {
  /** Splits each record into columns (`--colsep`). */
  readonly columns: RegExp | null;
  /** Leaves out empty records (`-r`). */
  readonly skipsEmpty: boolean;
  /** All sources are linked, and the shorter ones begin again (`--link`). */
  readonly links: boolean;
}

/** The values of one job, or of a part of one where `-N` or `-X` join several. */
export type Values = readonly string[];

/** The cross product of the groups of linked sources: the last one changes first. */
export async function* combined(
  sources: readonly SourceStream[],
  options: SourceOptions,
): AsyncGenerator<Values, void, undefined> {
  const streams = sources.map(({ records }) => rows(records, options));
  if (options.links) {
    yield* recycled(streams);
    return;
  }
  const groups: AsyncIterable<Values>[][] = [];
  sources.forEach(({ isLinked }, index) => {
    const stream = streams[index];
    if (stream === undefined) return;
    if (isLinked && groups.length > 0) groups.at(-1)?.push(stream);
    else groups.push([stream]);
  });
  const [first, ...others] = groups.map(zipped);
  if (first === undefined) return;
  yield* crossed(first, others);
}

async function* rows(
  records: AsyncIterable<string>,
  { columns, skipsEmpty }: SourceOptions,
): AsyncGenerator<Values, void, undefined> {
  for await (const record of records) {
    if (skipsEmpty && record === '') continue;
    yield columns === null ? [record] : record.split(columns);
  }
}

/** As long as all have values. */
async function* zipped(group: readonly AsyncIterable<Values>[]): AsyncGenerator<Values, void, undefined> {
  if (group.length === 1) {
    for (const only of group) yield* only;
    return;
  }
  const iterators = group.map((stream) => stream[Symbol.asyncIterator]());
  for (;;) {
    const parts: Values[] = [];
    for (const iterator of iterators) {
      const next: IteratorResult<Values, unknown> = await iterator.next();
      if (next.done === true) return;
      parts.push(next.value);
    }
    yield parts.flat();
  }
}

/** As many as the longest has. All but the first are held, for they may have to begin again. */
async function* recycled(streams: readonly AsyncIterable<Values>[]): AsyncGenerator<Values, void, undefined> {
  const [first, ...others] = streams;
  if (first === undefined) return;
  const held = await Promise.all(others.map(collected));
  if (held.some(({ length }) => length === 0)) return;
  const longest = Math.max(0, ...held.map(({ length }) => length));
  const own: Values[] = [];
  let at = 0;
  const beside = (index: number): string[] => held.flatMap((values) => values[index % values.length] ?? []);
  for await (const values of first) {
    if (own.length < longest) own.push(values);
    yield [...values, ...beside(at++)];
  }
  for (; own.length > 0 && at < longest; at++) yield [...(own[at % own.length] ?? []), ...beside(at)];
}

async function* crossed(
  first: AsyncIterable<Values>,
  others: readonly AsyncIterable<Values>[],
): AsyncGenerator<Values, void, undefined> {
  if (others.length === 0) {
    yield* first;
    return;
  }
  let held: readonly (readonly Values[])[] | undefined;
  for await (const values of first) {
    held ??= await collectedInTurn(others);
    for (const rest of product(held)) yield [...values, ...rest];
  }
}

/** One after the other: two of them may be stdin. */
async function collectedInTurn(streams: readonly AsyncIterable<Values>[]): Promise<(readonly Values[])[]> {
  const all: (readonly Values[])[] = [];
  for (const stream of streams) all.push(await collected(stream));
  return all;
}

async function collected(stream: AsyncIterable<Values>): Promise<Values[]> {
  const all: Values[] = [];
  for await (const values of stream) all.push(values);
  return all;
}

function* product([first, ...others]: readonly (readonly Values[])[]): Generator<Values, void, undefined> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (const values of first) for (const rest of product(others)) yield [...values, ...rest];
}

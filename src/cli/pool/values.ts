/** Opens the sources of a pool: what cannot be read is told before the first job. */
import type { Checked, Problem } from '../../core/problem.ts';
import type { Source } from '../../core/pool/operands.ts';
import { readRecords } from '../../runtime/pool/records.ts';
import { combined, type SourceStream, type Values } from '../../runtime/pool/sources.ts';
import { readBytes, STDIN, whyUnreadable } from '../../os/pool/read-input.ts';
import type { PoolSettings } from './settings.ts';

const LINES_OF_STDIN: Source = { kind: 'file', items: [STDIN], isLinked: false };

export function openValues({
  sources,
  delimiter,
  combining,
}: Pick<PoolSettings, 'sources' | 'delimiter' | 'combining'>): Checked<AsyncIterable<Values>> {
  const all = sources.length > 0 ? sources : [LINES_OF_STDIN];
  const problems = all.flatMap(({ kind, items }) => (kind === 'file' ? items.flatMap(problemOf) : []));
  if (problems.length > 0) return { value: undefined, problems };
  const streams = all.map((source): SourceStream => {
    const [path = STDIN] = source.items;
    const name = path === STDIN ? 'stdin' : `'${path}'`;
    const records =
      source.kind === 'values' ? given(source.items) : readRecords(readBytes(path), { delimiter, name });
    return { records, isLinked: source.isLinked };
  });
  return { value: combined(streams, combining), problems: [] };
}

// eslint-disable-next-line @typescript-eslint/require-await -- as streams are
async function* given(items: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* items;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of the path is not a directory',
};

function problemOf(path: string): Problem[] {
  const why = whyUnreadable(path);
  if (why === undefined) return [];
  const message = `cannot read values from '${path}': ${REASONS[why] ?? why}`;
  const remedy = "name a file, or '-' for stdin; values themselves follow ':::'";
  return [{ code: 'pool-input-unreadable', severity: 'error', message, remedy }];
}

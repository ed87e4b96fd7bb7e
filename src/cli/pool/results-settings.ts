/** Reads `--results`. */
import { compileTemplate, type Template, type TemplateOptions } from '../../core/pool/template.ts';
import type { Checked, Problem } from '../../core/problem.ts';
import type { BatchOptions } from '../../runtime/pool/batches.ts';
import type { SettingsReader } from '../read-settings.ts';

export interface ResultsSettings {
  /** As it was given. */
  readonly text: string;
  /** null: it has no replacement strings. */
  readonly template: Template | null;
  /** Values of one record of the input: they are numbered. Infinity: of a whole job. */
  readonly perRecord: number;
}

export function resultsOf(
  read: SettingsReader,
  shape: TemplateOptions,
  values: { readonly batches: BatchOptions; readonly sources: number },
): Checked<{ readonly results: ResultsSettings | null }> {
  const { results: text } = read.texts('results');
  if (text === undefined) return { value: { results: null }, problems: [] };
  const table = /\.(csv|tsv|json)$/i.exec(text)?.[0];
  if (table !== undefined) {
    const message = `unsupported results '${text}': '--results' writes no ${table} files`;
    const remedy = "name a directory; '--json' prints a line of JSON for each job";
    return refused({ code: 'pool-results-table', severity: 'error', message, remedy });
  }
  if (text.includes('{%}')) {
    const message = `invalid results '${text}': '--resume' looks for them before a job has a slot`;
    return refused({ code: 'pool-results-slot', severity: 'error', message, remedy: "use '{#}'" });
  }
  const name = { ...shape, quoted: false, many: 'join', isText: true } as const;
  const { value: template, problems } = compileTemplate([text], name);
  if (template === undefined) return { value: undefined, problems };
  const isPlain = template.render([], 0, '') === text && template.render(['x'], 0, '') === text;
  return {
    value: { results: { text, template: isPlain ? null : template, perRecord: perRecord(values) } },
    problems,
  };
}

const refused = (problem: Problem) => ({ value: undefined, problems: [problem] });

/** With several records in a job, parallel numbers the values of each from 1. */
function perRecord({ batches: { records, fill }, sources }: Parameters<typeof resultsOf>[2]): number {
  return (records ?? 1) > 1 || fill ? Math.max(1, sources) : Infinity;
}

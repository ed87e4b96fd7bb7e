/** The settings of `pool`, with all problems of the options and of the command. */
import { availableParallelism, getPriority } from 'node:os';
import type { OutputMode } from '../../core/pool/job.ts';
import { LONGEST_COMMAND_BYTES, type BatchOptions } from '../../runtime/pool/batches.ts';
import type { Resume } from '../../core/pool/joblog.ts';
import { countJobs, readOperands, type Source } from '../../core/pool/operands.ts';
import {
  readAttempts,
  readCapUse,
  readColumnSeparator,
  readDelimiter,
  readHalt,
  readJobTimeout,
  readLoad,
  readNiceness,
  readRecordsPerJob,
  readRecycle,
  readSlots,
  type CapUse,
} from '../../core/pool/option-values.ts';
import type { Halt, PoolSpec } from '../../core/pool/pool-spec.ts';
import type { SourceOptions } from '../../runtime/pool/sources.ts';
import type { Framing } from '../../os/worker/line-framing.ts';
import { compileTemplate, type Template, type TemplateOptions } from '../../core/pool/template.ts';
import { hasErrors, type Checked, type Problem } from '../../core/problem.ts';
import type { CommandLine } from '../command-line.ts';
import { readSettings, type SettingsReader } from '../read-settings.ts';
import { resultsOf, type ResultsSettings } from './results-settings.ts';

export interface PoolSettings {
  readonly spec: PoolSpec;
  readonly template: Template;
  /** What stands before each line; null: nothing. */
  readonly tag: Template | null;
  readonly mode: OutputMode;
  readonly sources: readonly Source[];
  /** The byte that ends a value in files. */
  readonly delimiter: number;
  readonly combining: SourceOptions;
  readonly batches: BatchOptions;
  readonly joblog: { readonly path: string; readonly appends: boolean } | null;
  readonly results: ResultsSettings | null;
  readonly resume: Resume;
  readonly memfreeBytes: number | null;
  readonly load: number | null;
  /** Of the project's supervisor, for each job. */
  readonly uses: readonly CapUse[];
  readonly dryRun: boolean;
  /** A line of JSON for each job in place of its output. */
  readonly json: boolean;
  /** Long-lived programs in place of commands. */
  readonly worker: WorkerSettings | null;
  /** Wanted on a terminal. */
  readonly bar: boolean;
  /** Command lines are printed when they are started. */
  readonly verbose: boolean;
  /** Undefined: procsup's own. */
  readonly niceness: number | undefined;
  /** The directory in which the jobs run. */
  readonly root: string | undefined;
}

export interface WorkerSettings {
  readonly command: string;
  readonly framing: Framing;
  readonly recycleAfter: number;
  readonly maxMemoryBytes: number;
}

type Env = Readonly<Record<string, string | undefined>>;

export function poolSettings(line: CommandLine, env: Env): Checked<PoolSettings> {
  const read = readSettings(line.options, env, line.command);
  const cores = availableParallelism();
  const slots = read.text('jobs', (text) => readSlots(text, cores)) ?? cores;
  const { command, sources } = readOperands(line.operands, read.list('arg-file') ?? []);
  const batches = batchesOf(read, slots);
  const shape: TemplateOptions = {
    quoted: read.isOn('quote'),
    replacement: read.texts('replace').replace ?? '{}',
    many: repeats(read) ? 'repeat' : 'join',
  };
  const worker = workerOf(read);
  // What a worker is sent is no command.
  const message = { quoted: false, many: 'join', isText: true, appends: true } as const;
  const template = compileTemplate(command, worker === null ? shape : { ...shape, ...message });
  const uses = (read.list('uses') ?? []).map(readCapUse);
  const tag = tagOf(read, shape);
  const results = resultsOf(read, shape, { batches, sources: sources.length });
  const combining: SourceOptions = {
    columns: read.text('colsep', readColumnSeparator) ?? null,
    skipsEmpty: read.isOn('no-run-if-empty'),
    links: read.isOn('link'),
  };
  const settings = {
    spec: specOf(read, slots, countJobs(sources, { ...combining, ...batches })),
    mode: modeOf(read),
    sources,
    delimiter: read.isOn('null') ? 0 : (read.text('delimiter', readDelimiter) ?? NEWLINE),
    combining,
    batches,
    joblog: joblogOf(read),
    resume: resumeOf(read),
    memfreeBytes: read.texts('memfree').memfree === undefined ? null : read.size('memfree'),
    load: read.text('load', (text) => readLoad(text, cores)) ?? null,
    uses: uses.flatMap((use) => ('value' in use ? [use.value] : [])),
    dryRun: read.isOn('dry-run'),
    json: read.isOn('json'),
    worker,
    bar: !read.isOn('no-bar'),
    verbose: read.isOn('verbose'),
    niceness: read.text('nice', (text) => readNiceness(text, getPriority(), process.geteuid?.() === 0)),
  } satisfies Partial<PoolSettings>;
  const problems = [
    ...[...read.problems, ...template.problems, ...tag.problems, ...results.problems],
    ...contradictions(read),
    ...withoutEffect(line),
    ...uses.flatMap((use) => ('value' in use ? [] : [useProblem(use)])),
  ];
  if (!template.value || !tag.value || !results.value || hasErrors(problems))
    return { value: undefined, problems };
  const { root, workdir } = read.texts('root', 'workdir');
  const given = { template: template.value, tag: tag.value.template, results: results.value.results };
  return { value: { ...settings, ...given, root: workdir ?? root }, problems };
}

const NEWLINE = 10;

const useProblem = ({ message, remedy }: { readonly message: string; readonly remedy: string }): Problem => ({
  ...{ code: 'pool-cap-use', severity: 'error', message, remedy },
});

/** Of those that every command has. A variable may be meant for other commands. */
function withoutEffect({ options }: CommandLine): Problem[] {
  const found: Problem[] = [];
  const complain = (name: string, why: string, remedy: string): void => {
    const message = `option '--${name}' has no effect on pool: ${why}`;
    found.push({ code: 'pool-option-without-effect', severity: 'error', message, remedy });
  };
  if (options.file !== undefined)
    complain('file', 'it reads no Procfile', "omit it; '-a FILE' reads values from a file");
  if (options.env !== undefined)
    complain('env', "jobs have procsup's own environment", "omit it; '. ./.env' in the command reads a file");
  return found;
}

function specOf(read: SettingsReader, slots: number, jobs: number | null): PoolSpec {
  return {
    slots,
    attempts: read.text('retries', readAttempts) ?? 1,
    timeout: read.text('timeout', readJobTimeout) ?? null,
    delayMs: read.optionalDuration('delay') ?? 0,
    halt: haltOf(read.text('halt', readHalt) ?? null, jobs),
    keepOrder: read.isOn('keep-order'),
  };
}

function haltOf(halt: Halt | null, jobs: number | null): Halt | null {
  if (halt === null || jobs === null || !('share' in halt.limit)) return halt;
  return { ...halt, limit: { ...halt.limit, of: jobs } };
}

function workerOf(read: SettingsReader): WorkerSettings | null {
  const { worker } = read.texts('worker');
  if (worker === undefined) return null;
  return {
    command: worker,
    framing: read.choice('framing'),
    recycleAfter: read.text('recycle', readRecycle) ?? Infinity,
    maxMemoryBytes: read.texts('max-memory')['max-memory'] === undefined ? Infinity : read.size('max-memory'),
  };
}

function batchesOf(read: SettingsReader, slots: number): BatchOptions {
  const many = read.text('max-replace-args', readRecordsPerJob) ?? read.text('max-args', readRecordsPerJob);
  const fill = read.isOn('context-replace') || read.isOn('many');
  return { records: many ?? null, fill, slots, longestBytes: LONGEST_COMMAND_BYTES };
}

/** As parallel's: a word is repeated with `-X` and `-N`, not with `-m` and `-n`. */
const repeats = (read: SettingsReader): boolean =>
  read.isOn('context-replace') || read.texts('max-replace-args')['max-replace-args'] !== undefined;

function modeOf(read: SettingsReader): OutputMode {
  if (read.texts('results').results !== undefined || read.isOn('json')) return 'grouped';
  if (read.isOn('ungroup')) return 'ungrouped';
  return read.isOn('line-buffer') ? 'line-buffered' : 'grouped';
}

function joblogOf(read: SettingsReader): PoolSettings['joblog'] {
  const { joblog } = read.texts('joblog');
  if (joblog === undefined) return null;
  const appends = joblog.startsWith('+');
  return { path: appends ? joblog.slice(1) : joblog, appends };
}

function resumeOf(read: SettingsReader): Resume {
  if (read.isOn('resume-failed')) return 'failed';
  return read.isOn('resume') ? 'ended' : 'no';
}

/** The text of a tag is no command: its words are not changed, and its values not quoted. */
function tagOf(
  read: SettingsReader,
  shape: TemplateOptions,
): Checked<{ readonly template: Template | null }> {
  const { tagstring } = read.texts('tagstring');
  const text = tagstring ?? (read.isOn('tag') ? '' : undefined);
  if (text === undefined) return { value: { template: null }, problems: [] };
  const { value, problems } = compileTemplate(text === '' ? [] : [text.replaceAll('\\t', '\t')], {
    ...{ ...shape, quoted: false, many: 'join', isText: true },
  });
  return { value: value === undefined ? undefined : { template: value }, problems };
}

function contradictions(read: SettingsReader): readonly Problem[] {
  const found: Problem[] = [];
  const complain = (code: string, message: string, remedy: string): void => {
    found.push({ code, severity: 'error', message, remedy });
  };
  const keepsResults = read.texts('results').results !== undefined;
  if (
    joblogOf(read) === null &&
    (resumeOf(read) === 'failed' || (resumeOf(read) === 'ended' && !keepsResults))
  )
    complain('pool-resume-without-log', 'cannot resume without a job log', "add '--joblog FILE'");
  if (keepsResults && read.isOn('ungroup'))
    complain('pool-ungrouped-results', 'cannot keep the output of ungrouped jobs', "omit '--ungroup'");
  const worker = read.texts('worker').worker;
  const forWorkers = (['framing', 'recycle', 'max-memory'] as const).find(
    (name) => worker === undefined && read.texts(name)[name] !== undefined,
  );
  if (forWorkers !== undefined)
    complain('pool-no-worker', `'--${forWorkers}' is for workers only`, "add '--worker COMMAND'");
  if (worker !== undefined && read.isOn('ungroup'))
    complain(
      'pool-ungrouped-worker',
      "workers cannot be given procsup's own stdout: they answer on theirs",
      "omit '--ungroup'",
    );
  const hasText = read.texts('tagstring').tagstring !== undefined;
  const labelled = read.isOn('tag') || hasText;
  const unlike = (['ungroup', 'line-buffer', 'tag', 'dry-run'] as const).find((name) => read.isOn(name));
  const other = unlike ?? (hasText ? 'tagstring' : undefined);
  if (read.isOn('json') && other !== undefined)
    complain('pool-json-output', `conflicting options '--json' and '--${other}'`, 'omit one of them');
  if (read.isOn('ungroup') && labelled)
    complain(
      'pool-ungrouped-tag',
      'cannot tag ungrouped output',
      "use '--line-buffer' instead of '--ungroup'",
    );
  if (read.isOn('ungroup') && read.isOn('keep-order'))
    complain(
      'pool-ungrouped-order',
      'cannot keep the order of ungrouped output',
      "omit '--ungroup' or '--keep-order'",
    );
  const { root, workdir } = read.texts('root', 'workdir');
  if (root !== undefined && workdir !== undefined)
    complain('pool-two-directories', "conflicting options '--root' and '--workdir'", 'omit one of them');
  if (workdir !== undefined && /\{.*\}|^\.\.\.$/.test(workdir))
    complain(
      'pool-directory-template',
      `unsupported directory '${workdir}': it is the same for all jobs`,
      "change it in the command: 'cd {} && COMMAND'",
    );
  if (read.isOn('null') && read.texts('delimiter').delimiter !== undefined)
    complain('pool-two-delimiters', "conflicting options '--null' and '--delimiter'", 'omit one of them');
  return found;
}

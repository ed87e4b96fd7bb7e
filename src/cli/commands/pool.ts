/** `procsup pool`: runs a command for each of many values, several at once. */
import { resolve } from 'node:path';
import { inBatches } from '../../runtime/pool/batches.ts';
import type { Job, PoolOutput } from '../../core/pool/job.ts';
import { isToBeRun } from '../../core/pool/joblog.ts';
import { InputError } from '../../runtime/pool/records.ts';
import type { Values } from '../../runtime/pool/sources.ts';
import { toJobs } from '../../runtime/pool/jobs.ts';
import { readableValue } from '../../core/pool/quote-value.ts';
import { STATUS } from '../../core/process/exit.ts';
import { systemClock } from '../../os/clock.ts';
import {
  openPoolSystem,
  type PoolSystem,
  type PoolSystemOptions,
  type WorkerParts,
} from '../../host/pool-ports.ts';
import type { JobShells } from '../../ports/pool.ts';
import { runPool } from '../../runtime/pool/run-pool.ts';
import { endedRecord, notDoneRecord } from '../../ui/pool-json.ts';
import { poolEndText, timedOutText } from '../../ui/pool-text.ts';
import { leaveFiles } from '../../os/terminal/leave-streams.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import { besideBar, showBar } from '../pool/show-bar.ts';
import { openGate, type Claim } from '../pool/gate.ts';
import { openLog, type Joblog } from '../pool/joblog.ts';
import { openResults, type Results } from '../pool/results.ts';
import { systemRefusal } from '../pool/system-reason.ts';
import { openValues } from '../pool/values.ts';
import type { SupervisedWorkers } from '../pool/supervised.ts';
import type { PoolSettings, WorkerSettings } from '../pool/settings.ts';

/** Returns the exit status, that of GNU parallel. */
export async function pool(settings: PoolSettings, io: Io): Promise<number> {
  const values = openValues(settings);
  const log = settings.dryRun ? undefined : openLog(settings, io, values.value === undefined);
  const problems = [...values.problems, ...(log?.problems ?? [])];
  io.stderr(problemsText(problems, io.paint));
  if (values.value === undefined || (log !== undefined && log.value === undefined)) return STATUS.usage;
  const results = openResults(settings, io.cwd);
  const jobs = jobsOf(values.value, settings, { log: log?.value ?? null, results });
  if (settings.dryRun) return printAll(jobs, settings, io);
  const claim = settings.uses.length === 0 ? undefined : await claimFor(settings, io);
  return typeof claim === 'number'
    ? claim
    : carryOut(jobs, settings, { log: log?.value ?? null, results, claim }, io);
}

/** What a run leaves for later ones. */
interface Keeping {
  readonly log: Joblog | null;
  readonly results: Results | undefined;
}

function jobsOf(
  values: AsyncIterable<Values>,
  { template, batches, resume }: PoolSettings,
  { log, results }: Pick<Keeping, 'log' | 'results'>,
): AsyncGenerator<Job, void, undefined> {
  const isWanted = (job: Job): boolean =>
    (log === null || isToBeRun(job.seq, log.before, resume)) &&
    (resume !== 'ended' || results === undefined || !results.has(job));
  return toJobs(inBatches(values, batches, template), template, isWanted);
}

async function claimFor({ uses }: PoolSettings, io: Io): Promise<Claim | number> {
  const { openClaims } = await import('../pool/claims.ts');
  return openClaims(uses, io);
}

/** Slots are taken in turn, as if all jobs took equally long. */
async function printAll(jobs: AsyncIterable<Job>, { spec }: PoolSettings, io: Io): Promise<number> {
  try {
    for await (const job of jobs) {
      const slot = ((job.seq - 1) % spec.slots) + 1;
      io.stdout(`${readableValue(job.commandFor(String(slot)))}\n`);
    }
    return STATUS.success;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, remedy } = error;
    io.stderr(problemsText([{ code: 'pool-input-invalid', severity: 'error', message, remedy }], io.paint));
    return STATUS.usage;
  }
}

async function carryOut(
  jobs: AsyncIterable<Job>,
  settings: PoolSettings,
  { log, results, claim }: Keeping & { readonly claim: Claim | undefined },
  io: Io,
): Promise<number> {
  process.on('exit', leaveFiles);
  keepMemorySmallLater();
  const { mode, tag, root, worker } = settings;
  const bar = showBar(settings, systemClock, io.env);
  const print = (text: string): void => {
    bar?.clear();
    io.stderr(`${readableValue(text)}\n`);
  };
  const warn = (text: string): void => print(`procsup: ${text}`);
  const cwd = root === undefined ? io.cwd : resolve(io.cwd, root);
  const supervised = settings.supervised === null ? undefined : await supervisedFor(settings, io);
  if (typeof supervised === 'number') return supervised;
  const spec = { ...settings.spec, ...(supervised && { slots: settings.givenSlots ?? supervised.slots }) };
  const makeWorkers = supervised?.make ?? (worker === null ? undefined : await workersOf(worker, spec.slots));
  const place = { cwd, env: io.env, niceness: settings.niceness };
  const system = await openSystem({ slots: spec.slots, mode, ...place, warn, makeWorkers }, io);
  if (system === undefined) return NO_JOB_RUN;
  const gate = openGate(settings, claim);
  const label = (job: Job, slot: number): string | null =>
    tag === null ? null : `${labelOf(tag.render(job.values, job.seq, String(slot)))}\t`;
  const outcome = await runPool(
    {
      ...{ spec, jobs, output: { mode, label, ...keeping(results), ...(settings.json && JSON_LINES) } },
      onResult(result) {
        log?.add(result);
        bar?.add(result);
        if (result.timedOut) warn(timedOutText(result));
      },
      ...(settings.verbose && { onStart: print }),
      ...(gate && { gate }),
    },
    bar ? { ...system.ports, sinks: besideBar(system.ports.sinks, bar) } : system.ports,
  );
  bar?.close();
  const unlogged = log?.close() ?? 0;
  io.stderr(poolEndText(outcome));
  await system.close();
  return outcome.status === STATUS.success && unlogged > 0 ? STATUS.internal : outcome.status;
}

const JSON_LINES = { instead: { ended: endedRecord, notDone: notDoneRecord } };

/** As in GNU parallel, what is kept is not printed. */
function keeping(results: Results | undefined): Pick<PoolOutput, 'save' | 'instead'> {
  if (results === undefined) return {};
  return { save: (...ended) => results.save(...ended), instead: { ended: () => [], notDone: () => [] } };
}

/** A short pool need not load the module. */
const LASTS_MS = 500;

function keepMemorySmallLater(): void {
  const keepSmall = async (): Promise<void> =>
    (await import('../../os/process/young-space.ts')).keepYoungSpaceSmall();
  setTimeout(() => void keepSmall(), LASTS_MS).unref();
}

/** As after jobs that cannot be run. */
const NO_JOB_RUN = 255;

/** undefined: the system has refused it, which is told. */
async function openSystem(options: PoolSystemOptions, io: Io): Promise<PoolSystem | undefined> {
  try {
    return await openPoolSystem(options);
  } catch (error) {
    io.stderr(problemsText([systemRefusal(error, 'jobs', 'pool-refused')], io.paint));
    return undefined;
  }
}

async function workersOf(worker: WorkerSettings, slots: number): Promise<(parts: WorkerParts) => JobShells> {
  const { createJobWorkers } = await import('../../os/pool/job-workers.ts');
  const { createBestPipes } = await import('../../os/pipes/best-pipes.ts');
  const makePipes = createBestPipes();
  return (parts) => createJobWorkers({ ...parts, ...worker, slots, makePipes });
}

async function supervisedFor(
  { supervised, root }: PoolSettings,
  io: Io,
): Promise<SupervisedWorkers | number> {
  const { findWorkers } = await import('../pool/supervised.ts');
  return findWorkers(supervised ?? '', root, io);
}

/** One line, whatever the values contain. */
const labelOf = (text: string): string => readableValue(text).replaceAll(/[\n\r]/g, ' ');

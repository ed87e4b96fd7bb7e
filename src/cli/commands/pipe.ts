/** `procsup pipe`: runs a pipeline of programs and processes of the Procfile, with our stdin, stdout and stderr. */
import { STATUS, statusOf } from '../../core/process/exit.ts';
import type { SignalName } from '../../core/process/signals.ts';
import { pipelineVerdict } from '../../core/pipeline/verdict.ts';
import { readPipeline, type Pipeline } from '../../core/pipeline/parse.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { systemClock } from '../../os/clock.ts';
import { createProcessGroups } from '../../os/process/groups.ts';
import { createGuardian } from '../../os/process/guardian.ts';
import { leaveFiles } from '../../os/terminal/leave-streams.ts';
import { ignoredAtStart, ignoringPrelude } from '../../os/process/launch-environment.ts';
import { OTHER_ABORT } from '../../os/process/received-signals.ts';
import { softNofilePrelude } from '../../os/process/limits.ts';
import { createStageLauncher } from '../../os/pipes/stage-pipes.ts';
import { ownGroup, terminalSignalsUs } from '../../os/terminal/group.ts';
import type { StageRequest } from '../../ports/pipelines.ts';
import { runPipeline, type RunningPipeline, type StageEnd } from '../../runtime/run-pipeline.ts';
import { createStopSignals } from '../../runtime/stop-signals.ts';
import { sweep } from '../../runtime/sweep.ts';
import { problemsText, problemText } from '../../ui/problem-text.ts';
import { stagesJson, stagesTable } from '../../ui/stages-text.ts';
import type { Io } from '../io.ts';
import { loadApp } from '../../config/load-app.ts';
import { newRunTag } from '../../host/run-tag.ts';
import { showProgress } from '../pipe/show-progress.ts';
import type { PipeSettings } from '../settings.ts';
import { colourOnOurStdout } from '../host-options.ts';
import { stageRequests } from '../pipe/stage-requests.ts';
import { reapAsProcessOne } from '../reap-as-process-one.ts';
import { createStageSampling } from '../pipe/stage-sampling.ts';

/** What stopped a pipeline from outside. */
interface Interference {
  /** The time limit, or a signal that was sent only to us. */
  readonly stoppedBy: 'timeout' | 'SIGINT' | 'other' | null;
  /** Ctrl-C in our terminal: the stages have received it as well. */
  readonly hadKeyboard: boolean;
}

/** Returns the exit status: that of the rightmost failed stage, or 0. */
export async function pipe(settings: PipeSettings, io: Io): Promise<number> {
  const pipeline = readPipeline(settings.words, 'pipeline');
  const colour = colourOnOurStdout(settings);
  // Nobody looks at what is between two stages: there buffers only make it faster.
  const options = {
    ...{ ...settings, colour, buffered: true },
    ...{ procfileIsOptional: true, withoutPipelines: true, startsNothing: true, mayBlock: true },
  };
  const app = await loadApp(options, io.env, io.cwd);
  const problems = [...pipeline.problems, ...app.problems];
  if (pipeline.value === undefined || app.value === undefined || hasErrors(problems)) {
    io.stderr(problemsText(problems, io.paint));
    return STATUS.usage;
  }
  const requests = stageRequests(pipeline.value, app.value);
  io.stderr(problemsText([...problems, ...requests.problems], io.paint));
  if (requests.value === undefined) return STATUS.usage;
  return carryOut(pipeline.value, requests.value, app.value.root, settings, io);
}

async function carryOut(
  pipeline: Pipeline,
  stages: readonly StageRequest[],
  root: string,
  settings: PipeSettings,
  io: Io,
): Promise<number> {
  process.on('exit', leaveFiles);
  const runTag = newRunTag();
  const ignored = ignoredAtStart(io.env);
  // Before a stage can send one: Node has made them end us.
  for (const signal of ignored) process.on(signal, () => undefined);
  const stopSignals = createStopSignals(createProcessGroups());
  const progress = settings.progress
    ? showProgress(pipeline, systemClock, await io.theme('stderr'), io.env)
    : undefined;
  const onLost = (): void => {
    progress?.clear();
    io.stderr('procsup: the guardian process is gone: if procsup is killed, the stages will keep running\n');
  };
  const guardian = createGuardian({ runTag, directory: '', fifos: [], onLost });
  const isMeasured = settings.stats !== 'none' || progress !== undefined;
  const sampling = isMeasured ? createStageSampling(systemClock, progress) : undefined;
  const running = runPipeline({
    launcher: createStageLauncher({ prelude: softNofilePrelude(io.env) + ignoringPrelude(ignored) }),
    stopSignals,
    clock: systemClock,
    runId: runTag,
    root,
    stages,
    ...(sampling && { onSpawned: sampling.onSpawned, onEnded: sampling.onEnded }),
  });
  const interference = interfere(running, settings.timeoutMs, ignored, (signal) =>
    stopSignals.heardByGroup(runTag, ownGroup(), signal),
  );
  const stopReaping = await reapAsProcessOne(io);
  const ends = await running.ended;
  progress?.close();
  const { stoppedBy, hadKeyboard } = interference();
  // Background processes that ignored Ctrl-C do not outlive the pipeline.
  if (hadKeyboard) await sweep(stopSignals, runTag, GRACE_MS, systemClock);

  const commands = pipeline.map(({ text }) => text);
  const status = statusOfAll(ends, { stoppedBy, hadKeyboard }, settings.lastOnly);
  io.stderr(refusalsText(commands, ends, io));
  if (sampling !== undefined) {
    const reports = await sampling.reports(commands, ends);
    const table = async () => stagesTable(reports, await io.theme('stderr'), process.stderr.columns);
    if (settings.stats === 'json') io.stderr(stagesJson(reports, status));
    else if (settings.stats === 'table') io.stderr(await table());
  }
  await guardian.dismiss();
  stopReaping();
  return status;
}

const GRACE_MS = 5000;
const KEYBOARD = ['SIGINT', 'SIGQUIT'] as const;
const REQUESTS = ['SIGTERM', 'SIGHUP', 'SIGALRM', 'SIGXCPU', 'SIGABRT'] as const;

/**
 * Passes signals and the time limit on to the stages; the returned function reports what happened. Stages decide
 * themselves about a signal from a key in our terminal: a pager or a shell keeps running, and so do we.
 */
function interfere(
  running: RunningPipeline,
  timeoutMs: number | undefined,
  ignored: readonly SignalName[],
  heardByAll: (signal: SignalName) => void,
): () => Interference {
  let stoppedBy: Interference['stoppedBy'] = null;
  let hadKeyboard = false;
  const isHeard = (signal: SignalName): boolean => !ignored.includes(signal);
  for (const signal of KEYBOARD.filter(isHeard)) {
    process.on(signal, () => {
      if (terminalSignalsUs()) {
        hadKeyboard = true;
        heardByAll(signal);
        return;
      }
      stoppedBy ??= signal === 'SIGINT' ? signal : 'other';
      running.stop(signal);
    });
  }
  process.on(OTHER_ABORT, () => undefined);
  for (const signal of REQUESTS.filter(isHeard)) {
    process.on(signal, () => {
      stoppedBy ??= 'other';
      running.stop(signal === 'SIGHUP' ? signal : 'SIGTERM');
    });
  }
  if (timeoutMs === undefined) return () => ({ stoppedBy, hadKeyboard });
  const cancel = systemClock.after(timeoutMs, () => {
    stoppedBy ??= 'timeout';
    running.stop('SIGTERM');
  });
  return () => {
    cancel();
    return { stoppedBy, hadKeyboard };
  };
}

function statusOfAll(
  ends: readonly StageEnd[],
  { stoppedBy, hadKeyboard }: Interference,
  lastOnly: boolean,
): number {
  if (stoppedBy === 'timeout') return STATUS.timeout;
  if (stoppedBy === 'SIGINT') return STATUS.interrupted;
  const exits = ends.map(({ exit }) => exit);
  if (hadKeyboard && exits.some((exit) => statusOf(exit) === STATUS.interrupted)) return STATUS.interrupted;
  return pipelineVerdict(exits, { lastOnly }).status;
}

/** Stages that could not be started. A program that a shell could not start was reported by the shell. */
function refusalsText(commands: readonly string[], ends: readonly StageEnd[], { paint }: Io): string {
  const texts = ends.map(({ exit }, index) => {
    if (exit.by !== 'refusal') return '';
    const message = `cannot run '${commands[index] ?? ''}': ${exit.message}`;
    const problem: Problem = { code: 'stage-refused', severity: 'error', message };
    return problemText(problem, paint);
  });
  return texts.join('');
}

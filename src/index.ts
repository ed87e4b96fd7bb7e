/** The public names of the library. */
export type { AppSpec, InstanceSpec } from './core/app-spec.ts';
export { isFailure, STATUS, statusOf, type Exit } from './core/exit.ts';
export { planApp, type PlanInput } from './core/plan-app.ts';
export type { Checked, Place, Problem, Severity } from './core/problem.ts';
export { parseProcfile, type ProcfileEntry } from './core/procfile.ts';
export type { PublicExit } from './core/public-exit.ts';
export type { SignalName, SignalNumbers } from './core/signals.ts';
export { PipeError, type PipeErrorCode } from './library/pipe-error.ts';
export type {
  PipeCommand,
  PipeEnv,
  PipeErrorOutput,
  PipeInput,
  PipeOptions,
  PipeOutput,
  PipeResult,
  PipeStage,
  PipeStageObject,
  PipeStageResult,
} from './library/pipe-options.ts';
export { pipe } from './library/pipe.ts';
export { SIGNAL_NUMBERS } from './os/signal-numbers.ts';
export type { StageFigures } from './os/stage-io.ts';
export { plainPaint, problemsText, problemText, type ProblemPaint } from './ui/problem-text.ts';

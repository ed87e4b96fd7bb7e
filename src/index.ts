/** The public names of the library. */
export type { AppSpec, InstanceSpec } from './core/plan/app-spec.ts';
export { isFailure, STATUS, statusOf, type Exit } from './core/process/exit.ts';
export type { Checked, Place, Problem, Severity } from './core/problem.ts';
export { parseProcfile } from './config/procfile.ts';
export { wholeEnvironment, type InstanceEnvironment } from './core/plan/environment.ts';
export type { ProcessPlan, ServicePlan, StagePlan } from './core/plan/process-plan.ts';
export type { PublicExit } from './core/process/public-exit.ts';
export type { SignalName, SignalNumbers } from './core/process/signals.ts';
export { PipeError, type PipeErrorCode } from './library/pipe/error.ts';
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
} from './library/pipe/options.ts';
export { pipe } from './library/pipe/pipe.ts';
export { activeChildren, Process } from './library/process/process.ts';
export { ProcessError, type ProcessErrorCode } from './library/process/error.ts';
export type {
  ModuleFunction,
  ProcessExit,
  ProcessOptions,
  ProcessOutput,
  ProcessSettings,
  ProcessStdio,
} from './library/process/options.ts';
export { parentProcess, type ParentProcess } from './library/process/parent-process.ts';
export { run, type RunOptions, type RunResult } from './library/process/run.ts';
export { createPool, type Pool } from './library/pool/pool.ts';
export { PoolError, WorkerDiedError, type PoolErrorCode } from './library/pool/error.ts';
export type {
  ImapOptions,
  MapOptions,
  PoolCommand,
  PoolModule,
  PoolOptions,
  PoolSettings,
  TaskOptions,
} from './library/pool/options.ts';
export { SharedMemoryError, type SharedMemoryErrorCode } from './library/shared-memory/error.ts';
export type { CreateSharedMemoryOptions, SharedMemoryOptions } from './library/shared-memory/options.ts';
export { SharedMemory } from './library/shared-memory/shared-memory.ts';
export { openQueue, type MessageQueue, type QueueMessage } from './library/queue/queue.ts';
export { QueueError, type QueueErrorCode } from './library/queue/error.ts';
export type {
  GetOptions,
  MessageValue,
  NackOptions,
  OpenQueueOptions,
  PutOptions,
} from './library/queue/options.ts';
export { LockError, type LockErrorCode } from './library/locks/error.ts';
export { locks } from './library/locks/locks.ts';
export type { Lock, LockInfo, LockOptions, Locks, LockUserInfo } from './library/locks/options.ts';
export { openBarrier } from './library/exchange/barrier.ts';
export { openChannel } from './library/exchange/channel.ts';
export { ExchangeError, type ExchangeErrorCode } from './library/exchange/error.ts';
export { openFlag } from './library/exchange/flag.ts';
export type {
  Channel,
  JsonValue,
  OpenExchangeOptions,
  ReceiveOptions,
  SharedBarrier,
  SharedFlag,
  SharedValue,
  ValueChange,
  WaitOptions,
} from './library/exchange/options.ts';
export { openValue } from './library/exchange/value.ts';
export { ConfigError } from './library/supervisor/config-error.ts';
export type {
  ProcessCommand,
  ProcessConfig,
  ProcessConfigObject,
  SupervisorConfig,
} from './library/supervisor/config.ts';
export { SupervisorError, type SupervisorErrorCode } from './library/supervisor/error.ts';
export { createSupervisor } from './library/supervisor/create.ts';
export type {
  EventOptions,
  LogOptions,
  StopOptions,
  Names,
  Supervisor,
  SupervisorEnd,
  SupervisorEvent,
  SupervisorLogLine,
} from './library/supervisor/supervisor.ts';
export type {
  Awaited as WaitResult,
  AwaitedState as WaitState,
  ChangeResult,
  Replanned,
} from './control/api.ts';
export type { InstanceSnapshot, PublicState } from './core/snapshot.ts';
export { SIGNAL_NUMBERS } from './os/process/signal-numbers.ts';
export { planApp, type PlanInput } from './library/supervisor/plan-app.ts';
export type { StageFigures } from './os/proc/stage-io.ts';
export { plainPaint, problemsText, problemText, type ProblemPaint } from './ui/problem-text.ts';

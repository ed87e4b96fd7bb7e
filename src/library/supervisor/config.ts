/** What `createSupervisor()` is given. */
import type { OnExit } from '../../core/fleet/state.ts';
import type { StdinKind } from '../../core/plan/process-plan.ts';
import type { RestartMode } from '../../core/process/restart-policy.ts';

/**
 * All of it is optional. Without `processes` the application is that of the files, as `procsup start` reads them. What is
 * wrong is told all at once, by one `ConfigError`, before anything is started.
 */
export interface SupervisorConfig {
  /** The directory of the project, in which the processes run. Default: that of `file`, else our working directory. */
  readonly root?: string | undefined;
  /** The Procfile. Default: `Procfile` in `root`; `procsup.yaml` beside it is read as well. Not together with `processes`. */
  readonly file?: string | undefined;
  /**
   * Environment files; the later wins. Paths are relative to our working directory. Default: `.env` in `root`, where there
   * is one; with `processes`: none.
   */
  readonly envFiles?: readonly string[] | undefined;
  /**
   * The processes, by their names (1 to 63 letters A to Z, digits, _ and -), instead of files. Their order is that in which
   * they are started, and decides their ports.
   */
  readonly processes?: Readonly<Record<string, ProcessConfig>> | undefined;
  /** Over our own environment; undefined takes a variable away. Environment files win over it, as over that of a shell. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How many instances of each process, 0 to 1000: `{ web: 2 }`. `all` counts for those that are not named. Default: 1 of each. */
  readonly formation?: Readonly<Record<string, number>> | undefined;
  /** PORT of the first instance of the first process, 1 to 65535; `auto`: ports that no other directory has. Default: PORT of the environment, else 5000. */
  readonly port?: number | 'auto' | undefined;
  /** Whether a process that ended is started again. Default `on-failure`, as with `start -d`. */
  readonly restart?: RestartMode | undefined;
  /** Before the first restart, in milliseconds; doubled with each further one, up to 30 s. Default 500. */
  readonly restartDelayMs?: number | undefined;
  /**
   * What the end of one process for good means to the others. `keep` (the default): nothing; the supervisor lasts until it
   * is closed. `stop`: it ends, and with it all processes.
   */
  readonly onExit?: OnExit | undefined;
  /** Between SIGTERM and SIGKILL when a process is stopped, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** Of the processes. `open` (the default): a pipe to which `write` writes. `null`: /dev/null. */
  readonly stdin?: StdinKind | undefined;
  /**
   * Takes the lock of the project, so that nobody else runs it, and answers `procsup ps`, `logs`, `restart` and so on from
   * other terminals. Default false: no directory of state is touched, and several supervisors may run in one project.
   */
  readonly control?: boolean | undefined;
  /**
   * The signals of our process are for the supervisor: SIGINT, SIGTERM and SIGHUP close it (a second Ctrl-C kills), SIGUSR1
   * and SIGUSR2 are passed on to the processes. Default false: it listens to none.
   */
  readonly signals?: boolean | undefined;
  /** When it is aborted the supervisor is closed, as by `close`. Aborted before, it makes `createSupervisor` reject with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A command, or more about the process. */
export type ProcessConfig = ProcessCommand | ProcessConfigObject;

/** A command line for `/bin/sh`, or a program with its arguments, which are kept as they are. */
export type ProcessCommand = string | readonly [program: string, ...args: string[]];

export interface ProcessConfigObject {
  readonly command: ProcessCommand;
  /** Over the environment of all, PORT included; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default: that of the supervisor. */
  readonly restart?: RestartMode | undefined;
  /** How many, 0 to 1000, unless `formation` says otherwise. Default 1. */
  readonly instances?: number | undefined;
  /**
   * A terminal of its own instead of pipes, as with `tty: true` in procsup.yaml: Linux, and the optional package koffi.
   * Without either the process fails with an event that says so. `write` types into it. From the first such process on,
   * ours ignores SIGTSTP. Default false.
   */
  readonly tty?: boolean | undefined;
}

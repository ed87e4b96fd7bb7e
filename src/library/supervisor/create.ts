import type { SupervisorConfig } from './config.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Makes a supervisor of the files of a project, or of processes that are given here. None of them is started yet:
 *
 *     await using supervisor = await createSupervisor({ processes: { web: 'node server.js' } });
 *     await supervisor.start();
 *     for await (const { name, text } of supervisor.logs()) console.log(name, text);
 *
 * Several may be there at the same time. It prints nothing, never ends our process, and listens to no signal unless
 * `signals` is set.
 *
 * Rejects with a `ConfigError` that has everything in it that is wrong, with a `SupervisorError` (`BUSY`, `REFUSED`), or
 * with the reason of `signal`.
 */
export async function createSupervisor(config: SupervisorConfig = {}): Promise<Supervisor> {
  // A program that calls `pipe` only does not load it.
  const { openSupervisor } = await import('./open.ts');
  return openSupervisor(config);
}

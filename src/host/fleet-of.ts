import { allInstances, type AppSpec } from '../core/plan/app-spec.ts';
import { fleetSpec, type FleetSpec } from '../core/fleet/state.ts';
import { RESTART_DEFAULTS } from '../core/process/restart-policy.ts';
import { stopLadder } from '../core/process/stop-ladder.ts';
import type { HostOptions } from './options.ts';

/**
 * Every instance under the policies of the command line. A Procfile knows no needs and no readiness. A daemon goes on
 * when all have ended, unless its first end is to end it.
 */
export function fleetOf(app: AppSpec, settings: HostOptions): FleetSpec {
  const traits = {
    needs: [],
    readiness: 'started',
    ladder: stopLadder('SIGTERM', settings.timeoutMs),
    restart: {
      ...RESTART_DEFAULTS,
      mode: settings.restart,
      delayMs: settings.restartDelayMs,
      maxDelayMs: Math.max(RESTART_DEFAULTS.maxDelayMs, settings.restartDelayMs),
    },
  } as const;
  const members = allInstances(app).map(({ name, process, stage, restart = settings.restart }) => ({
    ...{ name, process, ...traits, restart: { ...traits.restart, mode: restart } },
    ...(stage && {
      stage,
      drainMs: stage.drainMs,
      restart: { ...traits.restart, mode: stage.restart ?? settings.restart },
    }),
  }));
  return fleetSpec(members, settings.onExit, settings.resident && settings.onExit === 'keep');
}

import { memberOf } from '../core/fleet/member-of.ts';
import { fleetSpec, type FleetSpec } from '../core/fleet/state.ts';
import { allInstances, type AppSpec } from '../core/plan/app-spec.ts';
import type { HostOptions } from './options.ts';

/** A daemon goes on when all processes have ended, unless it is to end with the first. */
export function fleetOf(app: AppSpec, options: HostOptions): FleetSpec {
  const members = allInstances(app).map((instance) => memberOf(instance, options));
  return fleetSpec(members, options.onExit, options.resident && options.onExit === 'keep', app.caps);
}

/** Control groups of Linux, and scopes of systemd. */
import { join } from 'node:path';
import { baseName, type OwnGroup } from '../../core/limits/enforcing.ts';
import type { ControlGroupSystem } from '../../ports/control-groups.ts';
import { shellFor } from '../process/shell.ts';
import { countsOf, openGroups } from './groups.ts';
import { directoryOf, readOwnGroup, textOf } from './own-group.ts';
import { createSystemdTools } from './systemd.ts';

export function createControlGroupSystem(runTag: string): ControlGroupSystem {
  const systemd = createSystemdTools();
  let own: Promise<OwnGroup | null> | undefined;
  const ownGroup = (): Promise<OwnGroup | null> => (own ??= readOwnGroup(systemd));
  return {
    ownGroup,
    async openGroups() {
      const group = await ownGroup();
      if (group === null) throw new Error('there is no cgroup v2');
      return openGroups(group, runTag);
    },
    countsOf,
    scopes: systemd.scopes,
    unitPrefix: baseName(runTag),
    manager: systemd.manager,
    setProperties: systemd.setProperties,
    directoryOfUnit(unit) {
      const slice = systemd.slice();
      return slice === undefined ? undefined : directoryOf(join(slice, unit), textOf('/proc/self/mountinfo'));
    },
    shellFor(env) {
      const { file, flags } = shellFor(env);
      return [file, ...flags];
    },
  };
}

import { change, changeSettings, type ChangeSettings } from '../client/change.ts';
import { controlCommand } from '../client/control-command.ts';

/** `procsup restart` */
export const restart = controlCommand<ChangeSettings>({
  settings: (read, names) => ({
    ...changeSettings(read, names),
    ignoresNeeds: read.isOn('no-deps'),
    isRolling: read.isOn('rolling'),
  }),
  carryOut: (context, how) => change(context, 'restart', how),
});

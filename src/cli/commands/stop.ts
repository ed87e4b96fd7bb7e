import { change, changeSettings, type ChangeSettings } from '../client/change.ts';
import { controlCommand } from '../client/control-command.ts';

/** `procsup stop` */
export const stop = controlCommand<ChangeSettings>({
  settings: changeSettings,
  carryOut: (context, how) => change(context, 'stop', how),
});

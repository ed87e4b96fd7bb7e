import type { Replanned } from '../../control/api.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { printReplanned } from '../client/print-replanned.ts';

/** `procsup reload` */
export const reload = controlCommand<{ readonly json: boolean }>({
  settings: (read) => ({ json: read.isOn('json') }),
  carryOut: async (context, { json }) =>
    printReplanned(context, bodyOf<Replanned>(await context.client.post('/v1/reload')), json),
});

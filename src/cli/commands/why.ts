import type { InstanceSnapshot } from '../../core/snapshot.ts';
import { systemClock } from '../../os/clock.ts';
import { whyText, type WhyReply } from '../../ui/why-text.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';

interface WhySettings {
  readonly name: string;
  readonly json: boolean;
}

/** `procsup why`: explains the state of each instance of a process. */
export const why = controlCommand<WhySettings>({
  settings: (read, [name = '']) => ({ name, json: read.isOn('json') }),

  async carryOut({ client, io }, { name, json }) {
    const { processes } = bodyOf<{ readonly processes: readonly InstanceSnapshot[] }>(
      await client.get('/v1/processes', { names: [name] }),
    );
    const replies = [];
    for (const { name: instance } of processes) {
      replies.push(bodyOf<WhyReply>(await client.get('/v1/why', { name: instance })));
    }
    const theme = await io.theme('stdout');
    const nowMs = systemClock.wallNow();
    if (json) printJson(io, replies);
    else if (replies.length === 0)
      io.stdout(`${name} has no instances: it was scaled to 0 or not selected\n`);
    else io.stdout(replies.map((reply) => whyText(reply, theme, nowMs)).join('\n'));
    return 0;
  },
});

import type { InstanceSnapshot } from '../../core/snapshot.ts';
import { namesMatcher, processIn } from '../../core/plan/select.ts';
import { STATUS } from '../../core/process/exit.ts';
import { systemClock } from '../../os/clock.ts';
import { pastText, whyText, type WhyReply } from '../../ui/why-text.ts';
import { bodyOf, complain, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { lastEnd, lastWords, MOST_LAST_WORDS } from '../client/last-words.ts';
import { instancesIn, isAbout, pastOf, type Past } from '../client/past-events.ts';
import type { Io } from '../io.ts';

interface WhySettings {
  readonly name: string;
  readonly json: boolean;
}

/** `procsup why`: explains the state of each instance of a process, with the last lines before its end. */
export const why = controlCommand<WhySettings>({
  settings: (read, [name = '']) => ({ name, json: read.isOn('json') }),

  async carryOut({ client, io }, { name, json }) {
    const { processes } = bodyOf<{ readonly processes: readonly InstanceSnapshot[] }>(
      await client.get('/v1/processes', { names: [name] }),
    );
    const replies: WhyReply[] = [];
    for (const { name: instance } of processes) {
      const reply = bodyOf<WhyReply>(await client.get('/v1/why', { name: instance }));
      const end = lastEnd(instance, reply.events);
      replies.push({ ...reply, output: end === undefined ? [] : await lastWords(client, instance, end) });
    }
    const theme = await io.theme('stdout');
    const nowMs = systemClock.wallNow();
    if (json) printJson(io, replies);
    else if (replies.length === 0)
      io.stdout(`${name} has no instances: it was scaled to 0 or not selected\n`);
    else io.stdout(replies.map((reply) => whyText(reply, theme, nowMs)).join('\n'));
    return 0;
  },

  async alone(io, { name, json }, root) {
    const past = pastOf(root, io.env);
    if (past === undefined) return undefined;
    const told = await toldOf(past, name);
    if (told.length === 0) {
      complain(io, `no supervisor is running for ${root}, and the last one has told nothing of '${name}'`);
      return STATUS.usage;
    }
    if (json) printJson(io, told);
    else await printTold(io, told, root);
    return STATUS.success;
  },
});

interface Told extends Pick<WhyReply, 'events' | 'output'> {
  readonly name: string;
}

/** What the files tell of each instance that the word means. */
async function toldOf(past: Past, word: string): Promise<readonly Told[]> {
  const events = await past.events(null);
  const isNamed = namesMatcher([word]);
  const all = new Set([...past.names, ...events.flatMap(({ text }) => instancesIn(text))]);
  const instances = [...all].filter((name) => isNamed(name) || isNamed(processIn(name))).sort();
  const told: Told[] = [];
  for (const name of instances) {
    const about = events.filter((event) => isAbout(event, [name]));
    const { sinceMs, untilMs } = lastEnd(name, about) ?? { sinceMs: 0, untilMs: Infinity };
    told.push({ name, events: about, output: await past.lines(name, sinceMs, untilMs, MOST_LAST_WORDS) });
  }
  return told;
}

async function printTold(io: Io, told: readonly Told[], root: string): Promise<void> {
  const theme = await io.theme('stdout');
  io.stdout(told.map((one) => pastText(one, theme)).join('\n'));
  io.stderr(`procsup: no supervisor is running for ${root}; showing the log files of the last one\n`);
}

import type { About, EventRecord } from '../../control/api.ts';
import { eventLine, missedEventsLine } from '../../ui/event-line.ts';
import { STATUS } from '../../core/process/exit.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { isAbout, pastOf } from '../client/past-events.ts';
import { printStream } from '../client/print-stream.ts';
import { sinceOf } from '../client/since.ts';
import { namesOrAll } from './ps.ts';

interface EventsSettings {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly follow: boolean;
  readonly since: number | undefined;
  readonly lines: number | undefined;
}

/** `procsup events` */
export const events = controlCommand<EventsSettings>({
  settings: (read, names) => ({
    names,
    json: read.isOn('json'),
    follow: !read.isOn('no-follow'),
    since: sinceOf(read),
    lines: read.count('lines'),
  }),

  async carryOut(context, { names, json, follow, since, lines }) {
    const theme = await context.io.theme('stdout');
    const { lastEvent } = bodyOf<About>(await context.client.get('/v1/supervisor'));
    const after = lines === undefined ? undefined : Math.max(0, lastEvent - lines);
    const query = { names: namesOrAll(names), follow, since, after };
    return printStream(context, '/v1/events', query, (line) => {
      if (json) return `${JSON.stringify(line)}\n`;
      const told = line as EventRecord | { readonly missed: number };
      return `${isMissed(told) ? missedEventsLine(told.missed, theme) : eventLine(told, theme)}\n`;
    });
  },

  /** What its lines of `system` have told: nothing of it can be followed. */
  async alone(io, { names, json, since, lines }, root) {
    const past = pastOf(root, io.env);
    if (past === undefined) return undefined;
    const theme = await io.theme('stdout');
    const all = (await past.events(since ?? null)).filter((event) => isAbout(event, names));
    for (const { time, text } of all.slice(lines === undefined ? 0 : Math.max(0, all.length - lines)))
      io.stdout(json ? `${JSON.stringify({ time, text })}\n` : `${eventLine({ time, text }, theme)}\n`);
    io.stderr(`procsup: no supervisor is running for ${root}; showing the events of the last one\n`);
    return STATUS.success;
  },
});

const isMissed = (line: EventRecord | { readonly missed: number }): line is { readonly missed: number } =>
  !('seq' in line);

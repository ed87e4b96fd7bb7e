import type { About, EventRecord } from '../../control/api.ts';
import { eventLine, missedEventsLine } from '../../ui/event-line.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
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
});

const isMissed = (line: EventRecord | { readonly missed: number }): line is { readonly missed: number } =>
  !('seq' in line);

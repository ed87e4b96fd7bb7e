import type { About, EventRecord } from '../../control/desk.ts';
import { eventLine, missedEventsLine } from '../../ui/event-line.ts';
import { bodyOf } from '../control/answers.ts';
import { controlCommand } from '../control/errand.ts';
import { printStream } from '../control/print-stream.ts';
import { sinceOf } from '../control/since.ts';
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

  async carryOut(errand, { names, json, follow, since, lines }) {
    const theme = await errand.io.theme('stdout');
    const { lastEvent } = bodyOf<About>(await errand.client.get('/v1/supervisor'));
    const after = lines === undefined ? undefined : Math.max(0, lastEvent - lines);
    const query = { names: namesOrAll(names), follow, since, after };
    return printStream(errand, '/v1/events', query, (line) => {
      if (json) return `${JSON.stringify(line)}\n`;
      const told = line as EventRecord | { readonly missed: number };
      return `${isMissed(told) ? missedEventsLine(told.missed, theme) : eventLine(told, theme)}\n`;
    });
  },
});

const isMissed = (line: EventRecord | { readonly missed: number }): line is { readonly missed: number } =>
  !('seq' in line);

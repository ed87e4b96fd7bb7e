/**
 * Everything that a supervisor can be asked from outside, as one table: the server, the OpenAPI document and the tests
 * are derived from it. No route takes a command: what can be started is what the project's own files say.
 */
import { SIGNAL_NUMBERS } from '../core/process/signals.ts';
import type { Api, Impossible } from './api.ts';
import { followEvents, followLogs, followStats } from './streams.ts';
import { chosen, chosenSome } from './names.ts';
import { openApi } from './openapi.ts';
import * as replies from './reply-schemas.ts';
import { Refused, route, type Reply, type Route } from './route.ts';

const PROCESS = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,63}$', maxLength: 63 } as const;
/** A process's name, alone or with the number of one instance; a pipeline's, alone or with one of its stages. */
const NAME = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{1,63}(\\.[0-9]{1,4}|/[A-Za-z0-9_-]{1,63})?$',
  maxLength: 127,
} as const;
const NAMES = { type: 'array', items: NAME, maxItems: 1000 } as const;
const FLAG = { type: 'boolean' } as const;
const WALL_MS = { type: 'integer', minimum: 0 } as const;
const LINES = { type: 'integer', minimum: 0, maximum: 1_000_000 } as const;

const object = <const P, const R extends readonly string[] = []>(properties: P, required?: R) =>
  ({ type: 'object', properties, ...(required && { required }) }) as const as {
    readonly type: 'object';
    readonly properties: P;
    readonly required: R;
  };

const NOTHING = object({});
const CHANGE = object({ names: NAMES, wait: FLAG });
const SIGNALS = Object.keys(SIGNAL_NUMBERS) as (keyof typeof SIGNAL_NUMBERS)[];

export const ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/supervisor',
    summary: 'Which project this is, and who looks after it.',
    input: NOTHING,
    reply: replies.ABOUT,
    handle: (api) => ok(api.about()),
  }),
  route({
    verb: 'GET',
    path: '/v1/processes',
    summary: 'Every instance, or those named: state, CPU and memory of its process tree, and more.',
    input: object({ names: NAMES, details: FLAG }),
    reply: replies.PROCESSES,
    handle: async (api, { input }) => {
      const processes = await api.snapshot(chosen(api, input.names), input.details ?? false);
      return ok({ supervisor: api.about(), processes });
    },
  }),
  change('start', 'Starts what does not run. Answers when it has happened, unless `wait` is false.'),
  change('stop', 'Stops what runs, politely at first. Answers when it has happened, unless `wait` is false.'),
  change(
    'restart',
    'Stops what runs and starts it again. Answers when it has happened, unless `wait` is false.',
  ),
  route({
    verb: 'POST',
    path: '/v1/scale',
    summary:
      'Changes how many instances processes have. Answers when it has happened, unless `wait` is false.',
    input: object(
      {
        counts: {
          type: 'object',
          properties: {},
          additionalProperties: { type: 'integer', minimum: 0, maximum: 1000 },
          propertyNames: PROCESS,
          maxProperties: 1000,
        },
        wait: FLAG,
      },
      ['counts'],
    ),
    reply: replies.REPLANNED,
    handle: async (api, { input, cause }) =>
      possible(await api.scale(input.counts, input.wait ?? true, cause)),
  }),
  route({
    verb: 'POST',
    path: '/v1/kill',
    summary:
      'Sends a signal to the process groups of what runs. The restart policy applies to what dies of it.',
    input: object({ names: NAMES, signal: { type: 'string', enum: SIGNALS } }, ['names', 'signal']),
    reply: replies.SIGNALLED,
    handle: (api, { input, cause }) => {
      if (!api.signals.includes(input.signal))
        throw new Refused(400, 'unknown-signal', `unknown signal '${input.signal}' on this system`);
      const names = chosenSome(api, input.names);
      const signalled = api.signal(names, input.signal, cause);
      return ok({ signalled, notRunning: names.filter((name) => !signalled.includes(name)) });
    },
  }),
  route({
    verb: 'POST',
    path: '/v1/reload',
    summary: 'Reads the files again: starts what is new, stops what is gone, restarts what has changed.',
    input: NOTHING,
    reply: replies.REPLANNED,
    handle: async (api, { cause }) => possible(await api.reload(cause)),
  }),
  route({
    verb: 'POST',
    path: '/v1/down',
    summary:
      'Stops everything and ends the supervisor: its pid, and when all have stopped the status of its end (0, or 137 where something had to be killed).',
    input: NOTHING,
    reply: replies.ENDING,
    streams: true,
    handle: (api, { cause }) => ({
      stream: async (lines) => {
        lines.write({ pid: api.about().pid });
        lines.write({ status: await api.down(cause) });
      },
    }),
  }),
  route({
    verb: 'GET',
    path: '/v1/wait',
    summary: 'Answers when every one of them is as it is to be, or never will be.',
    input: object({ names: NAMES, for: { type: 'string', enum: ['ready', 'running', 'exited'] } }),
    reply: replies.AWAITED,
    handle: async (api, { input, gone }) =>
      ok({ awaited: await api.wait(chosenSome(api, input.names), input.for ?? 'ready', gone) }),
  }),
  route({
    verb: 'GET',
    path: '/v1/why',
    summary: 'The state of one instance, the event that decided it, and the last events about it.',
    input: object({ name: NAME }, ['name']),
    reply: replies.WHY,
    handle: async (api, { input }) => {
      const [name = ''] = chosenSome(api, [input.name]);
      const [process] = await api.snapshot([name], false);
      const reason = process === undefined ? null : api.reasonFor(process);
      return ok({ process, events: api.eventsAbout(name), reason });
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/events',
    summary: 'What has happened, and with `follow` what happens from now on.',
    input: object({ names: NAMES, after: WALL_MS, since: WALL_MS, follow: FLAG }),
    reply: replies.EVENT_LINE,
    streams: true,
    handle: (api, { input, gone }) => {
      const names = input.names === undefined ? undefined : chosen(api, input.names);
      return { stream: (lines) => followEvents(api, { ...input, names }, lines, gone) };
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/logs',
    summary: 'Recent output, oldest first, and with `follow` what comes from now on; `system` is our own.',
    input: object({
      names: NAMES,
      lines: LINES,
      since: WALL_MS,
      follow: FLAG,
    }),
    reply: replies.LOG_LINE,
    streams: true,
    handle: (api, { input, gone }) => {
      const ask = {
        names: logged(api, input.names),
        lines: input.lines ?? null,
        sinceMs: input.since ?? null,
      };
      return { stream: (lines) => followLogs(api, ask, input.follow ?? false, lines, gone) };
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/stats',
    summary: 'CPU and memory again and again; `history` puts the last ten minutes into the first line.',
    input: object({
      names: NAMES,
      interval: { type: 'integer', minimum: 100, maximum: 3_600_000 },
      history: FLAG,
    }),
    reply: replies.STATS,
    streams: true,
    handle: (api, { input, gone }) => {
      chosen(api, input.names);
      return { stream: (lines) => followStats(api, input, lines, gone) };
    },
  }),
  route({
    verb: 'POST',
    path: '/v1/input',
    summary: "Writes to a program's stdin: `text` as UTF-8, then the end of its input if `end` is true.",
    input: object({ name: NAME, text: { type: 'string', maxLength: 65_536 }, end: FLAG }, ['name', 'text']),
    reply: replies.TAKEN,
    handle: async (api, { input }) => {
      const [name = ''] = chosenSome(api, [input.name]);
      return ok(await api.input(name, new TextEncoder().encode(input.text), input.end ?? false));
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/openapi.json',
    summary: 'This description.',
    input: NOTHING,
    reply: replies.OPENAPI,
    handle: (api) => ok(openApi(ROUTES, api.about().version)),
  }),
];

function change(verb: 'start' | 'stop' | 'restart', summary: string): Route {
  return route({
    verb: 'POST',
    path: `/v1/${verb}`,
    summary,
    input: CHANGE,
    reply: replies.RESULTS,
    accepted: replies.ACCEPTED,
    handle: async (api, { input, cause }) => {
      const names = chosenSome(api, input.names);
      const happened = api.change(verb, names, cause);
      return input.wait === false
        ? { status: 202, body: { accepted: names } }
        : ok({ results: await happened });
    },
  });
}

const ok = (body: unknown): Reply => ({ status: 200, body });

function possible(outcome: Awaited<ReturnType<Api['scale']>>): Reply {
  if ('impossible' in outcome) throw refusalOf(outcome);
  return ok(outcome);
}

function refusalOf({ impossible }: Impossible): Refused {
  const message = impossible.map((one) => one.message).join('\n');
  return new Refused(
    409,
    'impossible',
    message,
    impossible.find(({ remedy }) => remedy !== undefined)?.remedy,
  );
}

/**
 * The words, if each is a name: one may have no instance at present, and others later. Our own lines have a name among
 * the logs, though it is no process's.
 */
function logged(api: Api, words: readonly string[] = []): readonly string[] {
  chosen(
    api,
    words.filter((word) => word !== 'system'),
  );
  return words;
}

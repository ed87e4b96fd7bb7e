/**
 * All requests to a supervisor as one table, from which the server, the OpenAPI document and the tests are derived. No
 * route takes a command: only what the project's own files define can be started.
 */
import { SIGNAL_NUMBERS } from '../core/process/signals.ts';
import { LONGEST_DURATION_MS } from '../text/duration.ts';
import type { Api, Impossible, Replanned } from './api.ts';
import { CAP_ROUTES } from './cap-routes.ts';
import { EXCHANGE_ROUTES } from './exchange-routes.ts';
import { POOL_ROUTES } from './pool-routes.ts';
import { createBell, followEvents, followLogs, followStats, followTerminal } from './streams.ts';
import { withListening } from './with-listening.ts';
import { chosen, chosenSome } from './names.ts';
import { openApi } from './openapi.ts';
import * as replies from './reply-schemas.ts';
import { Refused, route, type Reply, type Route } from './route.ts';
import { object } from './schema.ts';
import { SHM_ROUTES } from './shm-routes.ts';
import { SESSION_ROUTES } from './session/routes.ts';

const PROCESS = {
  type: 'string',
  title: 'process name',
  pattern: '^[A-Za-z0-9_-]{1,63}$',
  maxLength: 63,
} as const;
const PROCESS_OR_PATTERN = { ...PROCESS, pattern: '^[A-Za-z0-9_*?-]{1,63}$' } as const;
/** `web`, `web.1`, or for a pipeline `ingest`, `ingest/stage`; `work*` for all that match. Unknown ones are refused later. */
const NAME = {
  type: 'string',
  title: 'process name',
  pattern: '^[A-Za-z0-9_*?-]{1,63}([./][A-Za-z0-9_.*?-]{1,63})?$',
  maxLength: 127,
} as const;
const NAMES = { type: 'array', items: NAME, maxItems: 1000 } as const;
const FLAG = { type: 'boolean' } as const;
const WALL_MS = { type: 'integer', minimum: 0 } as const;
const CELLS = { type: 'integer', minimum: 1, maximum: 1000 } as const;
const SIZE = { rows: CELLS, columns: CELLS } as const;
const LINES = { type: 'integer', minimum: 0, maximum: 1_000_000 } as const;

const NOTHING = object({});
/** Whether what it needs is started with it, or not looked at. */
const NEEDS = { type: 'string', enum: ['start', 'ignore'] } as const;
const CHANGE = object({ names: NAMES, wait: FLAG, needs: NEEDS });
/** Milliseconds between the first signal and SIGKILL. */
const TIMEOUT = { type: 'integer', minimum: 0, maximum: LONGEST_DURATION_MS } as const;
const STOP = object({ names: NAMES, wait: FLAG, timeout: TIMEOUT });
/** `rolling`: a run that is ready is stopped when its successor is. Without: as the plan of each says. */
const RESTART = object({ names: NAMES, wait: FLAG, timeout: TIMEOUT, needs: NEEDS, rolling: FLAG });
const SIGNALS = Object.keys(SIGNAL_NUMBERS) as (keyof typeof SIGNAL_NUMBERS)[];

export const ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/supervisor',
    summary: 'The project and its supervisor.',
    input: NOTHING,
    reply: replies.ABOUT,
    handle: (api) => ok(api.about()),
  }),
  route({
    verb: 'GET',
    path: '/v1/processes',
    summary:
      'All instances, or the named ones: state, CPU and memory of the process tree, the ports that it listens on, and more.',
    input: object({ names: NAMES, details: FLAG }),
    reply: replies.PROCESSES,
    handle: async (api, { input }) => {
      const processes = await api.snapshot(chosen(api, input.names), input.details ?? false);
      return ok({ supervisor: api.about(), processes: await withListening(api, processes) });
    },
  }),
  change(
    'start',
    'Starts processes, and what they need unless `needs` is `ignore`. Without names: what a start of the supervisor starts. Replies when they are ready, or run where their files do not say when they are ready, unless `wait` is false.',
    CHANGE,
  ),
  change(
    'stop',
    'Stops processes: SIGTERM first, SIGKILL after `timeout` milliseconds (default: the timeout of each process; 0: at once). Replies when they have exited, unless `wait` is false.',
    STOP,
  ),
  change(
    'restart',
    'Restarts processes, with `timeout` as for a stop and `needs` as for a start. With `rolling` a run that is ready is stopped when its successor is ready, one instance after the other; by default as procsup.yaml says. Replies when they are ready again, unless `wait` is false.',
    RESTART,
  ),
  route({
    verb: 'POST',
    path: '/v1/scale',
    summary:
      'Sets the number of instances of processes, which may be given by patterns. Replies when it is reached, unless `wait` is false.',
    input: object(
      {
        counts: {
          type: 'object',
          properties: {},
          additionalProperties: { type: 'integer', minimum: 0, maximum: 1000 },
          propertyNames: PROCESS_OR_PATTERN,
          maxProperties: 1000,
        },
        wait: FLAG,
      },
      ['counts'],
    ),
    reply: replies.SCALED,
    handle: async (api, { input, cause }) =>
      withChangedFiles(api, 200, possible(await api.scale(input.counts, input.wait ?? true, cause))),
  }),
  route({
    verb: 'POST',
    path: '/v1/kill',
    summary:
      'Sends a signal to the process groups of running processes. The restart policy applies to processes that exit because of it.',
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
    summary: 'Reloads the files: starts new processes, stops removed ones, restarts changed ones.',
    input: NOTHING,
    reply: replies.RELOADED,
    handle: async (api, { cause }) => ok(possible(await api.reload(cause))),
  }),
  route({
    verb: 'POST',
    path: '/v1/down',
    summary:
      'Stops all processes and the supervisor. Sends its pid, then its exit status when all have stopped (0, or 137 if a process had to be killed) and the names of those that were killed. `timeout`: as for a stop.',
    input: object({ timeout: TIMEOUT }),
    reply: replies.ENDING,
    streams: true,
    handle: (api, { input, cause }) => ({
      stream: async (lines) => {
        lines.write({ pid: api.about().pid });
        lines.write(await api.down(cause, input.timeout));
      },
    }),
  }),
  route({
    verb: 'GET',
    path: '/v1/wait',
    summary: 'Replies when every process has reached the state, or can no longer reach it.',
    input: object({ names: NAMES, for: { type: 'string', enum: ['ready', 'running', 'exited'] } }),
    reply: replies.AWAITED,
    handle: async (api, { input, gone }) =>
      ok({ awaited: await api.wait(chosenSome(api, input.names), input.for ?? 'ready', gone) }),
  }),
  route({
    verb: 'GET',
    path: '/v1/why',
    summary: 'The state of one instance, the event that led to it, and the last events about it.',
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
    path: '/v1/analyze',
    summary:
      'The last start of the application, or of the named processes: what waited for what, how long each took, and what decided how long the start took. Times are seconds since the request.',
    input: object({ names: NAMES }),
    reply: replies.START,
    handle: (api, { input }) =>
      ok({ start: api.analyze(input.names === undefined ? undefined : chosenSome(api, input.names)) }),
  }),
  route({
    verb: 'GET',
    path: '/v1/events',
    summary: 'Past events; with `follow` also new ones.',
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
    summary:
      "Output of this supervisor, oldest first; with `all` also of earlier ones, with a `run` before the first line of each; with `follow` also new output, and with `late` what there is of a line after half a second. `system` selects procsup's own lines.",
    input: object({
      names: NAMES,
      lines: LINES,
      since: WALL_MS,
      follow: FLAG,
      late: FLAG,
      all: FLAG,
    }),
    reply: replies.LOG_LINE,
    streams: true,
    handle: (api, { input, gone }) => {
      const ask = {
        names: logged(api, input.names),
        lines: input.lines ?? null,
        sinceMs: input.since ?? null,
        late: input.late,
      };
      return { stream: (lines) => followLogs(api, ask, input, lines, gone) };
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/stats',
    summary:
      'CPU and memory at each interval; `history` adds the last ten minutes to the first line, `ports` the ports on which each instance listens.',
    input: object({
      names: NAMES,
      interval: { type: 'integer', minimum: 100, maximum: 3_600_000 },
      history: FLAG,
      ports: FLAG,
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
    summary:
      "Writes to a process's stdin: `text` as UTF-8, or the bytes of which it is the base64 if `base64` is true. Closes its stdin if `end` is true. To a terminal: lines, unless `keys` is true; `force` also while it is drawn on, `secret` only while it does not show what is typed.",
    input: object(
      {
        ...{ name: NAME, text: { type: 'string', maxLength: 65_536 } as const },
        ...{ base64: FLAG, end: FLAG, keys: FLAG, force: FLAG, secret: FLAG },
      },
      ['name', 'text'],
    ),
    reply: replies.TAKEN,
    handle: async (api, { input }) => {
      const [name = ''] = chosenSome(api, [input.name]);
      const bytes = Buffer.from(input.text, input.base64 === true ? 'base64' : 'utf8');
      return ok(await api.input(name, { ...input, bytes }));
    },
  }),
  route({
    verb: 'GET',
    path: '/v1/terminal',
    summary:
      'Attaches to the terminal of an instance: first whether this client types and its screen, then what the program writes, in base64.',
    input: object({ name: NAME, ...SIZE }, ['name', 'rows', 'columns']),
    reply: replies.TERMINAL_LINE,
    streams: true,
    handle: (api, { input, gone }) => {
      const [name = ''] = chosenSome(api, [input.name]);
      const bell = createBell(gone);
      const view = api.terminal(name, input, bell.ring);
      if (view === undefined)
        throw new Refused(409, 'no-terminal', `${name} has no terminal`, "set 'tty: true' in procsup.yaml");
      return { stream: (lines) => followTerminal(view, bell, lines, gone) };
    },
  }),
  route({
    verb: 'POST',
    path: '/v1/resize',
    summary: 'Sets the size of the terminal of an instance while a client types there.',
    input: object({ name: NAME, ...SIZE }, ['name', 'rows', 'columns']),
    reply: replies.NOTHING,
    handle: (api, { input }) => {
      const [name = ''] = chosenSome(api, [input.name]);
      api.resize(name, input);
      return ok({});
    },
  }),
  ...CAP_ROUTES,
  ...POOL_ROUTES,
  ...SHM_ROUTES,
  ...EXCHANGE_ROUTES,
  ...SESSION_ROUTES,
  route({
    verb: 'GET',
    path: '/v1/openapi.json',
    summary: 'This document.',
    input: NOTHING,
    reply: replies.OPENAPI,
    handle: (api) => ok(openApi(ROUTES, api.about().version)),
  }),
];

function change(
  verb: 'start' | 'stop' | 'restart',
  summary: string,
  input: typeof CHANGE | typeof STOP | typeof RESTART,
): Route {
  return route({
    verb: 'POST',
    path: `/v1/${verb}`,
    summary,
    input,
    reply: replies.RESULTS,
    accepted: replies.ACCEPTED,
    handle: async (api, { input, cause }) => {
      const isAll = verb === 'start' && (input.names ?? []).length === 0;
      const names = isAll ? api.startNames() : chosenSome(api, input.names);
      if ('rolling' in input && input.rolling) refuseUnrollable(api, names);
      const happened = api.change(verb, names, cause, {
        ...('timeout' in input && { graceMs: input.timeout }),
        ...('needs' in input && { needs: input.needs }),
        ...('rolling' in input && { rolling: input.rolling }),
      });
      return input.wait === false
        ? withChangedFiles(api, 202, { accepted: names })
        : withChangedFiles(api, 200, { results: await happened });
    },
  });
}

function refuseUnrollable(api: Api, names: readonly string[]): void {
  const impossible = api.unrollable(names);
  if (impossible.length > 0) throw refusalOf({ impossible });
}

const ok = (body: unknown): Reply => ({ status: 200, body });

/** Whoever changes something may have edited a file, and expect that it counts. */
async function withChangedFiles(api: Api, status: number, body: object): Promise<Reply> {
  return { status, body: { ...body, changedFiles: await api.changedFiles() } };
}

function possible(outcome: Awaited<ReturnType<Api['scale']>>): Replanned {
  if ('impossible' in outcome) throw refusalOf(outcome);
  return outcome;
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
 * Returns the words if each is a known name: which instances a process has may change later. `system`, our own lines,
 * and instances that were removed are names in the logs, but not processes.
 */
function logged(api: Api, words: readonly string[] = []): readonly string[] {
  const { unknown } = api.select(words);
  const others = new Set(unknown.map(({ word }) => word));
  chosen(
    api,
    words.filter((word) => !others.has(word) || (word !== 'system' && !api.hasLogs(word))),
  );
  return words;
}

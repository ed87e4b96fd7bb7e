/** The schemas of the replies. Tests check every reply against them. */
import type { ObjectSchema, Schema } from './schema.ts';

const STRING = { type: 'string' } as const;
const NUMBER = { type: 'number' } as const;
const INTEGER = { type: 'integer' } as const;
const BOOLEAN = { type: 'boolean' } as const;
const STRINGS = { type: 'array', items: STRING } as const;
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

/** An object with exactly these properties. */
function object(
  properties: Readonly<Record<string, Schema>>,
  optional: ObjectSchema['properties'] = {},
): ObjectSchema {
  return { type: 'object', properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

const EXIT = orNull({
  anyOf: [
    object({ code: INTEGER }, { success: BOOLEAN }),
    object({ signal: STRING }, { number: INTEGER, success: BOOLEAN }),
    object({ error: STRING, message: STRING }),
  ],
});

const NEEDS: Schema = {
  type: 'array',
  items: {
    anyOf: [
      object({ process: STRING, until: { type: 'string', enum: ['started', 'ready', 'succeeded'] } }),
      object({ cap: STRING, usedBy: STRINGS }),
    ],
  },
};

const STATE = {
  type: 'string',
  enum: ['waiting', 'starting', 'running', 'stopping', 'stopped', 'backoff', 'exited', 'failed'],
} as const;

const INSTANCE = object(
  {
    name: STRING,
    process: STRING,
    instance: INTEGER,
    state: STATE,
    ready: BOOLEAN,
    pid: orNull(INTEGER),
    cpu: orNull(NUMBER),
    memory: orNull(NUMBER),
    memoryKind: orNull({ type: 'string', enum: ['pss', 'rss'] }),
    uptime: orNull(NUMBER),
    restarts: INTEGER,
    port: INTEGER,
    exit: EXIT,
    command: STRING,
  },
  {
    ...{ pss: orNull(NUMBER), descriptors: orNull(INTEGER) },
    waited: NUMBER,
    onDemand: BOOLEAN,
    notReady: STRING,
    next: STRING,
    waitsFor: NEEDS,
    otherRun: object({
      is: { type: 'string', enum: ['new', 'old'] },
      pid: orNull(INTEGER),
      state: { type: 'string', enum: ['starting', 'stopping'] },
    }),
    listening: orNull({ type: 'array', items: INTEGER }),
    sockets: {
      type: 'array',
      items: object({ name: STRING, address: STRING, port: orNull(INTEGER), descriptor: INTEGER }),
    },
  },
);
const INSTANCES = { type: 'array', items: INSTANCE } as const;

export const ABOUT = object({
  root: STRING,
  pid: INTEGER,
  version: STRING,
  mode: { type: 'string', enum: ['foreground', 'daemon', 'library'] },
  socket: STRING,
  procfile: orNull(STRING),
  portBase: INTEGER,
  since: STRING,
  instances: STRINGS,
  lastEvent: INTEGER,
  remarks: STRINGS,
});

export const PROCESSES = object({ supervisor: ABOUT, processes: INSTANCES });

const RESULT = object(
  {
    name: STRING,
    outcome: { type: 'string', enum: ['running', 'stopped', 'ended', 'kept', 'superseded', 'unknown'] },
    before: orNull(INTEGER),
    pid: orNull(INTEGER),
    exit: EXIT,
  },
  { waited: { type: 'boolean' }, killed: { type: 'boolean' } },
);
const RESULT_LIST = { type: 'array', items: RESULT } as const;

/** `changedFiles`: files that have been edited since they were read; `reload` reads them. */
const CHANGED_FILES = { changedFiles: STRINGS };

export const RESULTS = object({ results: RESULT_LIST, ...CHANGED_FILES });
/** Without waiting: the instances concerned. */
export const ACCEPTED = object({ accepted: STRINGS, ...CHANGED_FILES });

const REPLANNED = {
  added: STRINGS,
  removed: STRINGS,
  changed: STRINGS,
  results: RESULT_LIST,
  warnings: STRINGS,
};

export const SCALED = object({ ...REPLANNED, ...CHANGED_FILES });
export const RELOADED = object(REPLANNED);

export const SIGNALLED = object({ signalled: STRINGS, notRunning: STRINGS });

export const ENDING: Schema = {
  anyOf: [object({ pid: INTEGER }), object({ status: INTEGER, killed: STRINGS })],
};

export const AWAITED = object({
  awaited: {
    type: 'array',
    items: object({
      name: STRING,
      outcome: { type: 'string', enum: ['reached', 'never'] },
      pid: orNull(INTEGER),
      exit: EXIT,
    }),
  },
});

/** What there is to say about a cause, by its kind; `command`, `pid` and `user` are what a client says about itself. */
const ORIGIN: ObjectSchema = {
  type: 'object',
  properties: { command: STRING, pid: INTEGER, user: STRING, signal: STRING, name: STRING, exit: EXIT },
  additionalProperties: true,
};

/** `cause`: `request`, `library`, `scale`, `reload`, `start`, `policy`, `signal`, `exit`, `reader-gone`; more may come. */
export const EVENT: ObjectSchema = {
  type: 'object',
  properties: {
    ...{ seq: INTEGER, time: STRING, event: STRING, name: STRING, text: STRING },
    ...{ cause: STRING, origin: ORIGIN },
  },
  required: ['seq', 'time', 'event', 'text'],
  additionalProperties: {
    anyOf: [
      STRING,
      NUMBER,
      BOOLEAN,
      STRINGS,
      EXIT,
      { type: 'object', properties: {}, additionalProperties: INTEGER },
      { type: 'array', items: INTEGER },
      NEEDS,
    ],
  },
};

/** Only so many events are kept: a reader that is too slow is told how many it has missed, of whatever names. */
export const EVENT_LINE: Schema = { anyOf: [EVENT, object({ missed: INTEGER })] };

const REASON = object({ seq: INTEGER, time: STRING, event: STRING, text: STRING });

export const WHY = object({
  process: INSTANCE,
  events: { type: 'array', items: EVENT },
  /** The event that has decided its state; null where its exit says it, or nothing is known any more. */
  reason: orNull(REASON),
});

const STARTED = object({
  name: STRING,
  state: {
    type: 'string',
    enum: ['waiting', 'starting', 'ready', 'succeeded', 'ended', 'failed', 'stopped'],
  },
  waiting: orNull(NUMBER),
  started: orNull(NUMBER),
  ended: orNull(NUMBER),
  after: orNull(object({ name: STRING, until: { type: 'string', enum: ['started', 'ready', 'succeeded'] } })),
  waited: NUMBER,
  took: orNull(NUMBER),
  failedRuns: INTEGER,
  critical: BOOLEAN,
});

/** Null: no start is known. */
export const START = object({
  start: orNull(
    object({
      verb: { type: 'string', enum: ['start', 'restart'] },
      since: STRING,
      took: orNull(NUMBER),
      chain: STRINGS,
      instances: { type: 'array', items: STARTED },
    }),
  ),
});

export const LOG_LINE: Schema = {
  anyOf: [
    object(
      { time: STRING, name: STRING, text: STRING },
      { base64: STRING, unfinished: { type: 'string', enum: ['long', 'late'] } },
    ),
    object({ run: object({ since: STRING, pid: INTEGER }) }),
    object({ missed: INTEGER }),
    object({ past: { type: 'string', enum: ['over'] } }),
  ],
};

/** Whether this client types, then what the program writes, in base64. */
export const TERMINAL_LINE: Schema = { anyOf: [object({ types: BOOLEAN }), object({ bytes: STRING })] };

export const CLAIM_LINE = object({ granted: BOOLEAN });

export const POOLS = object({
  pools: {
    type: 'array',
    items: object({
      name: STRING,
      state: { type: 'string', enum: ['running', 'stopped', 'failed', 'stopping'] },
      reason: orNull(STRING),
      queue: orNull(STRING),
      size: INTEGER,
      workers: { type: 'array', items: object({ name: STRING, state: STATE, busy: BOOLEAN }) },
      ...{ busy: INTEGER, waiting: INTEGER, done: INTEGER, failed: INTEGER },
    }),
  },
});

const TASK_ID = { anyOf: [STRING, NUMBER] } as const;

export const TASK_LINE: Schema = {
  anyOf: [
    object({ id: TASK_ID, output: STRING }),
    object({ id: TASK_ID, base64: STRING }),
    object({ id: TASK_ID, failed: object({ code: STRING, message: STRING }, { exit: EXIT }) }),
    object({ done: INTEGER, failed: INTEGER }),
  ],
};

export const CAPS = object({
  caps: {
    type: 'array',
    items: object({
      ...{ name: STRING, soft: INTEGER, hard: orNull(INTEGER), used: INTEGER },
      ...{ usedBy: STRINGS, waiting: STRINGS },
    }),
  },
});

export const NOTHING = object({});

const HISTORY = object({
  cpu: { type: 'array', items: orNull(NUMBER) },
  memory: { type: 'array', items: orNull(NUMBER) },
});

export const STATS: Schema = object(
  { time: STRING, processes: INSTANCES },
  { history: { type: 'object', properties: {}, additionalProperties: HISTORY } },
);

export const TAKEN = object({ taken: BOOLEAN }, { why: STRING });

export const OPENAPI: Schema = {
  type: 'object',
  properties: {},
  additionalProperties: true,
};

export const ERROR = object({ error: object({ code: STRING, message: STRING }, { remedy: STRING }) });

export const SHM = object({ name: STRING, path: STRING, bytes: INTEGER, variable: STRING, since: STRING });
export const SHM_LIST = object({ sharedMemory: { type: 'array', items: SHM } });

/** A api behind which nothing runs: it knows two processes, says what it is told to say, and remembers what was asked. */
import type {
  Awaited,
  ChangeResult,
  Api,
  DetailedSnapshot,
  EventRecord,
  Impossible,
  LogRecord,
  Replanned,
} from '../../src/control/api.ts';
import type { PoolClient } from '../../src/control/pool-api.ts';
import type { Asker } from '../../src/core/events.ts';
import { selectInstances } from '../../src/core/plan/select.ts';
import { SIGNAL_NUMBERS, type SignalName } from '../../src/core/process/signals.ts';

import { memoryOf } from '../../src/host/held.ts';
import { systemClock } from '../../src/os/clock.ts';
import { createMemoryStore } from '../../src/os/messages/memory-store.ts';
import { createExchange } from '../../src/runtime/exchange/exchange.ts';

export interface FakeApi extends Api {
  /** What was asked for, in order: `stop web.1 web.2`. */
  readonly asked: readonly string[];
  /** Who asked for the changes, in order. */
  readonly causes: readonly Asker[];
  /** Streams and waits that are open at the moment. */
  readonly openCount: number;
  tell(event: Partial<EventRecord>): EventRecord;
  /** New output, for everybody who follows. */
  print(...lines: readonly LogRecord[]): void;
  /** Lines that were lost to whoever follows. */
  lose(count: number): void;
  measure(processes: readonly DetailedSnapshot[]): void;
  /** What was printed before anybody asked. */
  past: readonly (readonly LogRecord[])[];
  /** `scale` and `reload` answer this. */
  replanned: Replanned | Impossible;
  /** What a change answers; by default that it has happened. */
  changed: (verb: string, names: readonly string[]) => Promise<readonly ChangeResult[]>;
  /** Ends every `wait`. */
  reach(): void;
}

export const PROCESSES = [
  { name: 'web.1', process: 'web' },
  { name: 'web.2', process: 'web' },
  { name: 'worker.1', process: 'worker' },
] as const;

/** `idle` has no instance. */
const NAMES = ['web', 'worker', 'idle'];

export function snapshotFor(name: string, some: Partial<DetailedSnapshot> = {}): DetailedSnapshot {
  const [process = '', instance = '1'] = name.split('.');
  return {
    ...{ name, process, instance: Number(instance), state: 'running', ready: true, pid: 4242 },
    ...{
      cpu: 1.5,
      memory: 1_048_576,
      memoryKind: 'pss',
      uptime: 12.345,
      restarts: 0,
      port: 5000,
      exit: null,
    },
    command: 'node server.js',
    ...some,
  };
}

export function logLine(text: string, name = 'web.1'): LogRecord {
  return { time: '2026-01-02T03:04:05.000Z', name, text };
}

const within = (ms: number | undefined): string => (ms === undefined ? '' : ` within ${String(ms)} ms`);

/** Answers each value with itself in capitals, in a later turn; `fail` fails, `never` is not answered until it is aborted. */
function echoPool(asked: string[]): PoolClient {
  return {
    enough: 4,
    submit(value, settled) {
      const text = value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
      asked.push(`task ${text}`);
      if (text === 'never') return () => settled({ is: 'failed', code: 'aborted', message: 'aborted' });
      setImmediate(() =>
        settled(
          text === 'fail'
            ? { is: 'failed', code: 'worker-died', message: 'it died', exit: { code: 1 } }
            : { is: 'done', output: Buffer.from(text.toUpperCase()) },
        ),
      );
      return () => undefined;
    },
    close: () => void asked.push('pool closed'),
  };
}

export function createFakeApi(): FakeApi {
  const asked: string[] = [];
  const causes: Asker[] = [];
  const events: EventRecord[] = [];
  const listeners = new Set<() => void>();
  const followers = new Set<{ wake: () => void; lines: LogRecord[]; missed: number }>();
  const watchers = new Set<(processes: readonly DetailedSnapshot[]) => void>();
  const waits = new Set<() => void>();
  const memory = createMemoryStore([{ firstSeq: 1, epoch: 'fake' }]);
  const exchange = createExchange({
    ...{ clock: systemClock, memory },
    connect: () => Promise.reject(new Error('no engine here')),
  });

  const api: FakeApi = {
    asked,
    causes,
    past: [],
    replanned: { added: [], removed: [], changed: [], results: [], warnings: [] },
    changed: (verb, names) => Promise.resolve(names.map((name) => happened(verb, name))),
    get openCount() {
      return listeners.size + followers.size + watchers.size + waits.size;
    },
    tell(event) {
      const seq = events.length + 1;
      const told = { seq, time: '2026-01-02T03:04:05.000Z', event: 'started', text: 'started', ...event };
      events.push(told);
      for (const listener of [...listeners]) listener();
      return told;
    },
    print(...lines) {
      for (const follower of followers) {
        follower.lines.push(...lines);
        follower.wake();
      }
    },
    lose(count) {
      for (const follower of followers) {
        follower.missed += count;
        follower.wake();
      }
    },
    measure(processes) {
      for (const each of [...watchers]) each(processes);
    },
    reach() {
      for (const resolve of [...waits]) resolve();
    },

    // As on macOS.
    signals: (Object.keys(SIGNAL_NUMBERS) as SignalName[]).filter((name) => name !== 'SIGPWR'),
    about: () => ({
      ...{ root: '/srv/app', pid: 4100, version: '0.1.0', mode: 'daemon', socket: '/run/s' },
      ...{ since: '2026-01-02T03:04:05.000Z', instances: PROCESSES.map(({ name }) => name) },
      ...{ procfile: '/app/Procfile', portBase: 5000 },
      ...{ lastEvent: events.length, remarks: [] },
    }),
    select: (words) => selectInstances(words, PROCESSES, NAMES),
    snapshot: (names, details) =>
      Promise.resolve(
        names.map((name) => snapshotFor(name, details ? { pss: 1000, descriptors: 12 } : undefined)),
      ),
    startNames: () => ['web.1'],
    change(verb, names, cause, { graceMs, needs } = {}) {
      causes.push(cause);
      const ignoring = needs === 'ignore' ? ' without needs' : '';
      asked.push(`${verb} ${names.join(' ')}${within(graceMs)}${ignoring}`);
      return api.changed(verb, names);
    },
    signal(names, signal, cause) {
      causes.push(cause);
      asked.push(`${signal} ${names.join(' ')}`);
      return names.filter((name) => name !== 'web.2');
    },
    scale(counts, _wait, cause) {
      causes.push(cause);
      asked.push(`scale ${JSON.stringify(counts)}`);
      return Promise.resolve(api.replanned);
    },
    listening: (names) => Promise.resolve(new Map(names.map((name) => [name, [3000]]))),
    changedFiles: () => Promise.resolve(['.env']),
    reload(cause) {
      causes.push(cause);
      asked.push('reload');
      return Promise.resolve(api.replanned);
    },
    down(cause, graceMs) {
      causes.push(cause);
      asked.push(`down${within(graceMs)}`);
      return Promise.resolve({ status: 0, killed: [] });
    },
    wait: (names, state, gone) =>
      new Promise<readonly Awaited[]>((resolve) => {
        asked.push(`wait ${state} ${names.join(' ')}`);
        const end = (): void => {
          waits.delete(end);
          resolve(names.map((name) => ({ name, outcome: 'reached', pid: 4242, exit: null })));
        };
        waits.add(end);
        gone.addEventListener('abort', end, { once: true });
      }),
    events: (after) => events.filter(({ seq }) => seq > after),
    analyze: (names = []) => ({
      ...{ verb: 'start', since: '2026-01-02T03:04:05.000Z', took: 1.5, chain: ['web.1'] },
      instances: (names.length === 0 ? ['web.1', 'worker.1'] : names).map((name) => ({
        ...{ name, state: 'ready', waiting: null, started: 0.25, ended: 1.5, after: null },
        ...{ waited: 0, took: 1.5, failedRuns: 0, critical: name === 'web.1' },
      })),
    }),
    eventsAbout: (name) => events.filter((event) => event.name === name),
    reasonFor({ name }) {
      const found = events.find((event) => event.name === name);
      if (found === undefined) return null;
      const { seq, time, event, text } = found;
      return { seq, time, event, text };
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hasLogs: (name) => name === 'removed.1',
    async *logs() {
      for (const batch of api.past) yield await Promise.resolve(batch);
    },
    async *allLogs() {
      yield [{ run: { since: '2026-01-02T03:04:05.000Z', pid: 7 } }];
      for (const batch of api.past) yield await Promise.resolve(batch);
    },
    follow(_ask, wake) {
      const follower = { wake, lines: [] as LogRecord[], missed: 0 };
      followers.add(follower);
      return {
        take(most) {
          const { missed } = follower;
          follower.missed = 0;
          return { lines: follower.lines.splice(0, most), missed };
        },
        close: () => void followers.delete(follower),
      };
    },
    watchStats(names, intervalMs, each) {
      asked.push(`stats ${String(intervalMs)} ${names.join(' ')}`);
      watchers.add(each);
      return {
        history: { 'web.1': { cpu: [null, 1], memory: [null, 2] } },
        close: () => void watchers.delete(each),
      };
    },
    caps: () => [{ name: 'db', soft: 1, hard: null, used: 1, usedBy: ['web.1'], waiting: [] }],
    holds: () =>
      Promise.resolve({
        hold(name, until) {
          asked.push(`hold ${name} until ${until}`);
          return Promise.resolve({ instances: [`${name}.1`] });
        },
        release(name) {
          asked.push(`release ${name}`);
          return Promise.resolve();
        },
        whenUnused: () => undefined,
      }),
    claim(name, uses, gone) {
      asked.push(`claim ${name} ${uses.map(({ cap, amount }) => `${cap}:${String(amount)}`).join(' ')}`);
      if (uses.some(({ cap }) => cap === 'full')) return Promise.resolve("cap 'full' is full");
      gone.addEventListener('abort', () => asked.push(`gone ${name}`), { once: true });
      return Promise.resolve({ release: () => void asked.push(`release ${name}`) });
    },
    pools: () =>
      Promise.resolve([
        {
          ...({ name: 'resize', state: 'running', reason: null, queue: null, size: 1 } as const),
          workers: [{ name: 'resize.1', state: 'running', busy: true }],
          ...{ busy: 1, waiting: 0, done: 2, failed: 1 },
        },
      ]),
    openPool: (name) => Promise.resolve(name === 'resize' ? echoPool(asked) : undefined),
    sharedMemory: {
      list: () => [SHM],
      create: (name, { bytes = 0, from = '' }, cause) => {
        causes.push(cause);
        asked.push(`shm create ${name} ${String(bytes)} ${from}`);
        const problem = { code: 'exists', message: `shared memory '${name}' already exists` } as const;
        return Promise.resolve(name === SHM.name ? problem : { ...SHM, name });
      },
      remove(name, cause) {
        causes.push(cause);
        asked.push(`shm rm ${name}`);
        return name === SHM.name ? SHM : { code: 'missing', message: `unknown shared memory '${name}'` };
      },
    },
    exchange: () => Promise.resolve(exchange),
    held: async () => ({
      held: [...(await exchange.held()), memoryOf(SHM)],
      remarks: exchange.remarks(),
    }),
    input(name, { bytes, end = false }) {
      asked.push(`input ${name} ${JSON.stringify(Buffer.from(bytes).toString())} ${String(end)}`);
      return Promise.resolve({ taken: true });
    },
    terminal(name, { rows, columns }) {
      if (name !== 'worker.1') return undefined;
      asked.push(`terminal ${String(rows)} ${String(columns)}`);
      const parts = [Buffer.from('screen'), undefined];
      return {
        types: true,
        take: () => parts.shift(),
        close: () => asked.push('terminal closed'),
      };
    },
    unrollable: () => [],
    resize: (name, { rows, columns }) => void asked.push(`resize ${name} ${String(rows)} ${String(columns)}`),
  };
  return api;
}

const SHM = {
  ...{ name: 'frames', path: '/dev/shm/procsup-shm-x/frames', bytes: 4096 },
  ...{ variable: 'PROCSUP_SHM_FRAMES', since: '2026-01-02T03:04:05.000Z' },
};

function happened(verb: string, name: string): ChangeResult {
  return verb === 'stop'
    ? { name, outcome: 'stopped', before: 4242, pid: null, exit: { signal: 'SIGTERM' } }
    : { name, outcome: 'running', before: null, pid: 4242, exit: null };
}

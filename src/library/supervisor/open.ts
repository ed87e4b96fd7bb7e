/** From a configuration to a supervisor. A chunk of its own. */
import { loadApp } from '../../config/load-app.ts';
import type { EventRecord } from '../../control/api.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { processIn } from '../../core/plan/select.ts';
import { publicExitOf } from '../../core/process/public-exit.ts';
import { SIGNAL_NUMBERS } from '../../core/process/signals.ts';
import type { Cause } from '../../core/fleet/state.ts';
import type { Verb } from '../../core/fleet/tickets.ts';
import type { Announcer } from '../../host/announce.ts';
import { createSilentAnnouncer } from '../../host/announce-nothing.ts';
import type { ClosableApi } from '../../host/api.ts';
import type { Application } from '../../host/project.ts';
import { descriptorShortage } from '../../host/descriptor-needs.ts';
import { runSupervisor, type Run } from '../../host/run-supervisor.ts';
import { createPlainPrefixer } from '../../output/prefixer.ts';
import { plainTheme } from '../../ui/paint.ts';
import { ConfigError } from './config-error.ts';
import { iterate, type Over, type Source } from '../iterate.ts';
import { readSupervisorConfig, type CheckedConfig } from './read-config.ts';
import type { SupervisorConfig } from './config.ts';
import { SupervisorError } from './error.ts';
import { LONGEST_DURATION_MS } from '../../text/duration.ts';
import type {
  Names,
  StopOptions,
  Supervisor,
  SupervisorEnd,
  SupervisorEvent,
  SupervisorLogLine,
} from './supervisor.ts';

export async function openSupervisor(given: SupervisorConfig): Promise<Supervisor> {
  const config = readSupervisorConfig(given);
  const { application, warnings } = await loadApplication(config);
  config.signal?.throwIfAborted();
  const run = await runFor(config, application);
  const api = await apiOf(run);
  const supervisor = supervisorOf(run, api, warnings);
  closeWhenAborted(supervisor, config.signal);
  return supervisor;
}

/** Throws a `ConfigError`. */
const LIBRARY = { by: 'library' } as const;

async function loadApplication(
  config: CheckedConfig,
): Promise<{ readonly application: Application; readonly warnings: readonly Problem[] }> {
  const [env, cwd] = [{ ...process.env, ...config.env }, process.cwd()];
  const { value: app, input, problems, files } = await loadApp(config.app, env, cwd);
  const all = [...config.problems, ...problems];
  if (hasErrors(all) || app === undefined || input === undefined) throw new ConfigError(all);
  return { application: { app, input, options: config.app, files, env, cwd }, warnings: all };
}

async function runFor({ settings, control, signals }: CheckedConfig, application: Application): Promise<Run> {
  const shortage = descriptorShortage(application.app, settings, false);
  if (shortage !== undefined) throw new SupervisorError('REFUSED', `cannot supervise: ${shortage}`);
  const run = await runSupervisor({
    ...{
      application,
      settings,
      mode: 'library',
      names: [],
      cause: LIBRARY,
      ownsProcess: false,
      hearsSignals: signals,
    },
    ...{ lock: control ? 'needed' : 'none', control: 'at once' },
    announcer: createSilentAnnouncer,
    open,
  });
  if (run.kind === 'running') return run;
  if (run.kind === 'refused') throw new SupervisorError('REFUSED', `cannot supervise: ${run.why}`);
  const pid = String(run.owner.identity.pid);
  throw new SupervisorError('BUSY', `another supervisor runs ${run.owner.root} (pid ${pid})`);
}

function open(announcer: Announcer): Promise<void> {
  announcer.open(plainTheme, createPlainPrefixer());
  return Promise.resolve();
}

async function apiOf(run: Run): Promise<ClosableApi> {
  const control = await run.control.opened;
  if (control !== undefined && 'api' in control) return control.api;
  requestClose(run);
  await run.ended;
  throw new SupervisorError('REFUSED', `cannot be asked: ${control?.refused ?? 'it was closed'}`);
}

function requestClose({ running }: Run, graceMs?: number): void {
  running.supervisor.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM', graceMs });
}

function graceOf({ timeoutMs }: StopOptions = {}): number | undefined {
  if (timeoutMs === undefined) return undefined;
  if (Number.isFinite(timeoutMs) && timeoutMs >= 0 && timeoutMs <= LONGEST_DURATION_MS) return timeoutMs;
  throw new TypeError(`timeoutMs must be a number from 0 to ${String(LONGEST_DURATION_MS)}`);
}

function closeWhenAborted(supervisor: Supervisor, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const close = (): void => void supervisor.close();
  signal.addEventListener('abort', close, { once: true });
  if (signal.aborted) close();
  void supervisor.ended.then(() => signal.removeEventListener('abort', close));
}

function supervisorOf(run: Run, api: ClosableApi, warnings: readonly Problem[]): Supervisor {
  const { supervisor } = run.running;
  const ended = run.ended.then((status) => endOf(status, supervisor.state.closing?.cause ?? null));
  const over = overAfter(ended);

  const select = (names: Names = []): readonly string[] => {
    const { names: selected, unknown } = api.select(wordsOf(names));
    if (unknown.length === 0) return selected;
    const told = unknown.map(({ word, meant }) =>
      meant === undefined
        ? `unknown process '${word}'`
        : `unknown process '${word}': did you mean '${meant}'?`,
    );
    throw new SupervisorError('UNKNOWN_NAME', told.join('; '));
  };
  /** Of instances that there may be later, too. */
  const knownWords = (names: Names): readonly string[] => {
    const words = wordsOf(names);
    select(words.map(processIn));
    return words;
  };
  const mustRun = (): void => {
    const { closing, finished } = supervisor.state;
    if (finished) throw new SupervisorError('ENDED', 'the supervisor has ended');
    if (closing !== null) throw new SupervisorError('ENDED', 'the supervisor is being closed');
  };
  const change = async (verb: Verb, names: Names | undefined, options?: StopOptions) => {
    if (verb !== 'stop') mustRun();
    return api.change(verb, select(names), LIBRARY, { graceMs: graceOf(options) });
  };
  // An `async` function: what is wrong with the options rejects.
  const close = async (options?: StopOptions): Promise<SupervisorEnd> => {
    requestClose(run, graceOf(options));
    return ended;
  };

  const { socket } = run.project.owner;

  return {
    warnings,
    socket: socket === '' ? undefined : socket,
    ended,
    start: (names) => change('start', names),
    stop: (names, options) => change('stop', names, options),
    restart: (names, options) => change('restart', names, options),
    async scale(counts) {
      mustRun();
      return possible(await api.scale(counts, true, LIBRARY));
    },
    async reload() {
      mustRun();
      return possible(await api.reload(LIBRARY));
    },
    signal(names, signal) {
      if (!Object.hasOwn(SIGNAL_NUMBERS, signal)) throw new TypeError(`unknown signal '${signal}'`);
      return api.signal(select(names), signal, LIBRARY);
    },
    async write(name, data, { end = false } = {}) {
      const [instance = '', ...others] = select(name);
      if (instance === '' || others.length > 0) {
        throw new SupervisorError(
          'UNKNOWN_NAME',
          `'${name}' is not the name of one instance, such as '${name}.1'`,
        );
      }
      const { taken, why = '' } = await api.input(instance, { bytes: Buffer.from(data), end });
      if (!taken) throw new SupervisorError('NOT_WRITTEN', why);
    },
    async wait(names, state = 'ready', { signal } = {}) {
      signal?.throwIfAborted();
      const awaited = await api.wait(select(names), state, signal ?? new AbortController().signal);
      signal?.throwIfAborted();
      return awaited;
    },
    ps: async (names) => api.snapshot(select(names), false),
    events({ names, after = api.about().lastEvent } = {}) {
      const words = names === undefined ? undefined : knownWords(names);
      return iterate({ source: (wake) => eventSource(api, { words, after }, wake), over });
    },
    logs({ names = [], lines = 0, follow = true } = {}) {
      const ask = { names: knownWords(names), lines, sinceMs: null };
      // Both in the same turn: one ends where the other begins.
      const source = follow ? (wake: () => void) => logSource(api, ask, wake) : undefined;
      const past = lines > 0 ? api.logs(ask)[Symbol.asyncIterator]() : undefined;
      return iterate<SupervisorLogLine>({ source, past, over });
    },
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

const wordsOf = (names: Names): readonly string[] => (typeof names === 'string' ? [names] : names);

function possible<T extends object>(
  answer: T | { readonly impossible: readonly { readonly message: string; readonly remedy?: string }[] },
): T {
  if (!('impossible' in answer)) return answer;
  const told = answer.impossible.map(({ message, remedy }) =>
    remedy === undefined ? message : `${message}: ${remedy}`,
  );
  throw new SupervisorError('IMPOSSIBLE', told.join('; '));
}

function endOf(status: number, cause: Cause | null): SupervisorEnd {
  switch (cause?.by) {
    case undefined:
      return { status, reason: 'completed' };
    case 'exit':
      return { status, reason: 'exit', name: cause.name, exit: publicExitOf(cause.exit) };
    case 'signal':
      return { status, reason: 'signal', signal: cause.signal };
    case 'request':
    case 'library':
    case 'lock-taken':
    case 'reader-gone':
      return { status, reason: 'closed' };
  }
}

function overAfter(ended: Promise<unknown>): Over {
  const listeners = new Set<() => void>();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
    for (const listener of listeners) listener();
  });
  return {
    get isOver() {
      return isOver;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function eventSource(
  api: ClosableApi,
  { words, after }: { readonly words: readonly string[] | undefined; readonly after: number },
  wake: () => void,
): Source<SupervisorEvent> {
  let seen = after;
  return {
    take() {
      const fresh = api.events(seen);
      const [first] = fresh;
      const missed = first === undefined ? 0 : first.seq - seen - 1;
      seen = fresh.at(-1)?.seq ?? seen;
      const wanted = fresh.filter((event) => words === undefined || isAbout(event, words));
      return first === undefined || missed <= 0 ? wanted : [missedEvents(first, missed), ...wanted];
    },
    close: api.onEvent(wake),
  };
}

/** An event without a name is about all, unless it names those that it is about. */
function isAbout({ name, names }: EventRecord, words: readonly string[]): boolean {
  const isMeant = (one: unknown): boolean =>
    typeof one === 'string' && (words.includes(one) || words.includes(processIn(one)));
  if (name !== undefined) return isMeant(name);
  return !Array.isArray(names) || names.some(isMeant);
}

function missedEvents({ seq, time }: EventRecord, missed: number): SupervisorEvent {
  return {
    seq: seq - 1,
    time,
    event: 'missed',
    missed,
    text: `dropped ${String(missed)} events (reader too slow)`,
  };
}

/** So many lines are taken at once. */
const BATCH = 500;

function logSource(
  api: ClosableApi,
  ask: Parameters<ClosableApi['follow']>[0],
  wake: () => void,
): Source<SupervisorLogLine> {
  const flow = api.follow(ask, wake);
  return {
    take() {
      const { lines, missed } = flow.take(BATCH);
      return missed === 0 ? lines : [missedLines(missed), ...lines];
    },
    close: () => flow.close(),
  };
}

function missedLines(missed: number): SupervisorLogLine {
  const text = `dropped ${String(missed)} lines (reader too slow)`;
  return { time: new Date().toISOString(), name: 'system', text, missed };
}

/** The supervisor daemon: what `start -d` starts and leaves behind. */
import type { AppSpec } from '../../core/plan/app-spec.ts';
import { JUDGED, statusOf, STATUS } from '../../core/process/exit.ts';
import { exitOfPublic } from '../../core/process/public-exit.ts';
import { snapshotOf, type InstanceSnapshot } from '../../core/snapshot.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf } from '../../os/files/places.ts';
import { openHandshake, type Handshake } from '../../os/process/handshake.ts';
import { onSignals } from '../../os/process/received-signals.ts';
import type { LogBook } from '../../logs/book.ts';
import { createPlainPrefixer } from '../../output/prefixer.ts';
import { plainLine } from '../../text/terminal-safe.ts';
import { plainTheme } from '../../ui/paint.ts';
import { eventText, needsText } from '../../ui/event-text.ts';
import { publicExitText } from '../../ui/public-exit-text.ts';
import { createDaemonAnnouncer } from './announce.ts';
import type { Api } from '../../control/api.ts';
import { lastAttemptMs } from './last-attempt.ts';
import type { DaemonNews, DaemonWords, StartedInstance } from './protocol.ts';
import { loadApp, type LoadedApp } from '../../config/load-app.ts';
import { runSupervisor, type Run } from '../run-supervisor.ts';
import { isUsual, untilStarted, type StartWait } from './until-started.ts';
import type { Running } from '../wire.ts';

/** What was spawned is up when it has lived so long: a misspelt command or a missing module shows itself sooner. */
const PROOF_MS = 250;
const LAST_LINES = 20;

export async function daemon([text = '']: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const handshake = openHandshake();
  const say = (news: DaemonNews): void => handshake.say(news);
  try {
    return await live(JSON.parse(text) as DaemonWords, env, say, handshake);
  } catch (error) {
    say({ news: 'failed', status: STATUS.internal, message: (error as Error).message });
    throw error;
  }
}

async function live(
  { source, settings, logFiles, wait, whileHeld = false, waitTimeoutMs }: DaemonWords,
  env: NodeJS.ProcessEnv,
  say: (news: DaemonNews) => void,
  handshake: Handshake,
): Promise<number> {
  const cwd = process.cwd();
  const loaded = await loadApp(source, env, cwd);
  const { value: app, input } = loaded;
  if (app === undefined || input === undefined) return fail(say, STATUS.usage, messagesOf(loaded));

  const first = whileHeld ? [] : app.instances;
  const run = await runSupervisor({
    application: { app, input, options: source, files: loaded.files, env, cwd, whileHeld },
    ...{ settings, logFiles, mode: 'daemon', names: first.map(({ name }) => name) },
    cause: { by: 'start' },
    // A daemon that nobody can ask is of no use.
    ...{ lock: 'needed', control: 'at once', ownsProcess: true, hearsSignals: true },
    // As daemons do, it reads its files again.
    ignoredSignals: ['SIGHUP'],
    announcer: (book) => createDaemonAnnouncer(book, placesOf(app.root, process.env).daemonLog),
    open: (announcer) => {
      announcer.open(plainTheme, createPlainPrefixer());
      return Promise.resolve();
    },
  });
  if (run.kind === 'busy') {
    say({ news: 'busy', pid: run.owner.identity.pid });
    return STATUS.supervisor;
  }
  if (run.kind === 'refused') return fail(say, STATUS.internal, run.why);
  const control = await run.control.opened;
  if (control !== undefined && 'refused' in control) {
    run.running.supervisor.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' });
    await run.ended;
    return fail(say, STATUS.internal, eventText({ type: 'control-unavailable', reason: control.refused }));
  }
  if (control !== undefined) reloadOnHangup(run.running, control.api);
  if (control !== undefined && whileHeld) void endWhenUnused(run.running, control.api);
  void tellWhenUp(run, first, { wait, ...(waitTimeoutMs !== undefined && { waitTimeoutMs }) }, say).then(() =>
    handshake.close(),
  );
  return run.ended;
}

/** Of the run itself, not of a client: what is wrong with the files is said in the log, and everything stays as it is. */
function reloadOnHangup({ announcer, ended }: Running, api: Api): void {
  const stop = onSignals((signal) => {
    if (signal !== 'SIGHUP') return;
    void api.reload({ by: 'signal', signal }).then((reply) => {
      if ('impossible' in reply)
        announcer.say(`cannot reload: ${reply.impossible.map(({ message }) => message).join('; ')}`);
    });
  });
  void ended.then(stop);
}

/** Who has started it holds something soon. */
const FIRST_HOLDER_MS = 10_000;

async function endWhenUnused({ supervisor }: Running, api: Api): Promise<void> {
  const holds = await api.holds();
  holds.whenUnused(FIRST_HOLDER_MS, () =>
    supervisor.send({ type: 'close', cause: { by: 'request' }, signal: 'SIGTERM' }),
  );
}

async function tellWhenUp(
  { running, project }: Run,
  instances: AppSpec['instances'],
  how: StartWait,
  say: (news: DaemonNews) => void,
): Promise<void> {
  const isLate = await untilStarted(running, instances, how);
  if (how.wait === 'started') await new Promise<void>((resolve) => void systemClock.after(PROOF_MS, resolve));
  const started = await startedInstances(running, instances, how, isLate, Date.parse(project.owner.since));
  say({
    news: 'up',
    pid: process.pid,
    instances: started.map(({ instance }) => instance),
    remarks: [
      ...project.warnings,
      ...project.previous.map(eventText),
      ...takenPorts(running),
      ...started.flatMap(({ remark }) => remark ?? []),
    ],
  });
}

function takenPorts({ journal }: Running): readonly string[] {
  return journal.after(0).flatMap(({ event }) => (event.type === 'port-taken' ? [eventText(event)] : []));
}

function fail(say: (news: DaemonNews) => void, status: number, message: string): number {
  say({ news: 'failed', status, message });
  return status;
}

const messagesOf = ({ problems }: LoadedApp): string => problems.map(({ message }) => message).join('; ');

interface Started {
  readonly instance: StartedInstance;
  readonly remark?: string;
}

async function startedInstances(
  running: Running,
  instances: AppSpec['instances'],
  how: StartWait,
  isLate: boolean,
  sinceMs: number,
): Promise<readonly Started[]> {
  const taken = snapshotOf(running.supervisor.state, instances, new Map(), systemClock.now());
  return Promise.all(
    taken.map(async (one): Promise<Started> => {
      const isExpected = how.wait !== 'ready' || isUsual(running, one.name);
      const isThere = isUp(one, isExpected);
      const attemptMs = lastAttemptMs(running.journal.about(one.name), sinceMs);
      const lines = isThere ? [] : await lastLines(running.book, one.name, attemptMs);
      const instance = startedInstance(one, isThere, isLate, running.checks.missing(one.name), lines);
      const isSilent = how.wait === 'ready' && isThere && one.state === 'running' && !one.ready;
      return { instance, ...(isSilent && { remark: `${one.name} is running, and listens on no port yet` }) };
    }),
  );
}

/** A task that is done by now was up as well; what waits for room in a cap waits as it should. */
function isUp({ state, ready, exit, waitsFor = [] }: InstanceSnapshot, isReadyEnough: boolean): boolean {
  if (state === 'waiting') return waitsFor.some((awaited) => 'cap' in awaited);
  if (state === 'running') return ready || isReadyEnough;
  return state === 'exited' && exit !== null && 'code' in exit && (exit.code === 0 || exit.success === true);
}

function startedInstance(
  one: InstanceSnapshot,
  isThere: boolean,
  isLate: boolean,
  missing: string | undefined,
  lines: readonly string[],
): StartedInstance {
  const { name, pid, exit } = one;
  const why = exit === null ? stateWords(one, missing) : publicExitText(exit);
  const unfinished = isLate ? STATUS.timeout : STATUS.internal;
  const status = isThere ? STATUS.success : exit === null ? unfinished : statusOf(exitOfPublic(exit));
  const isConsequence =
    one.state === 'waiting' || (exit !== null && 'error' in exit && exit.error === JUDGED.unmetNeed);
  return {
    ...{ name, pid, isUp: isThere, why: isThere && pid !== null ? '' : why, status, lastLines: lines },
    ...(one.restarts > 0 && { attempts: one.restarts + 1 }),
    ...(isConsequence && { isConsequence }),
  };
}

function stateWords({ state, waitsFor = [] }: InstanceSnapshot, missing: string | undefined): string {
  if (state === 'waiting') return `is waiting for ${needsText(waitsFor)}`;
  if (state === 'running') return missing === undefined ? 'is not ready' : `is not ready: ${missing}`;
  return `is ${state}`;
}

/** Of its last attempt in this start: an earlier one may have left lines too. */
async function lastLines(book: LogBook, name: string, sinceMs: number): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of book.read({ names: [name], sinceMs, lines: LAST_LINES })) {
    for (const { text } of batch) lines.push(plainLine(text.toString()));
  }
  return lines;
}

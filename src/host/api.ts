/** The implementation of the API with the real parts of a supervisor. */
import { resolve } from 'node:path';
import type { About, AwaitedState, Api, DetailedSnapshot, Awaited, LogAsk } from '../control/api.ts';
import type { ProcessHolds } from '../control/holds-api.ts';
import { reasonFor } from '../core/why.ts';
import { capSnapshots } from '../core/fleet/caps.ts';
import { killedOf } from '../core/fleet/outcome.ts';
import type { AppSpec, InstanceSpec } from '../core/plan/app-spec.ts';
import { whyNotRolled } from '../core/plan/rolling.ts';
import { selectInstances } from '../core/plan/select.ts';
import type { ProcessState } from '../core/process/state.ts';
import { otherRun, otherRunOf, withOtherRuns } from '../core/other-run.ts';
import { snapshotOf, type InstanceSnapshot } from '../core/snapshot.ts';
import { systemClock } from '../os/clock.ts';
import type { Sampler } from '../ports/measuring.ts';
import { isWanted, type LogQuery } from '../logs/query.ts';
import { partedByRuns } from '../logs/runs.ts';
import { SIGNAL_NAMES } from '../os/process/signal-numbers.ts';
import { createStatsLoop } from '../runtime/stats-loop.ts';
import { reasonText } from '../ui/event-text.ts';
import { changeResult } from './change-result.ts';
import { eventRecord } from './records/event-record.ts';
import { markOf, recordOf } from './records/log-record.ts';
import { recordEvent } from './records/record-event.ts';
import { heldBy } from './held.ts';
import { createReplanner } from './replan.ts';
import { sendInput } from './send-input.ts';
import { startReport } from './daemon/start-report.ts';
import type { Project } from './project.ts';
import type { Running } from './wire.ts';

export interface ClosableApi extends Api {
  close(): void;
}

export function createApi(running: Running, project: Project, sampler: Sampler): ClosableApi {
  const { supervisor, journal, book } = running;
  const stats = createStatsLoop({ sampler, clock: systemClock, roots: () => rootsOf(running) });
  const replanner = createReplanner(running, project);
  const instances = (): readonly InstanceSpec[] => [...supervisor.instances.values()];
  const named = (names: readonly string[]) => {
    const wanted = new Set(names);
    return instances().filter(({ name }) => wanted.has(name));
  };

  const instance = (name: string): readonly InstanceSpec[] => {
    const found = supervisor.instances.get(name);
    return found === undefined ? [] : [found];
  };
  const snapshot = (names: readonly string[], usage: Parameters<typeof snapshotOf>[2]) =>
    snapshotOf(supervisor.state, named(names), withOtherRuns(usage), systemClock.now()).map(withMore);
  const withMore = (one: InstanceSnapshot): InstanceSnapshot => {
    const nextMs = running.schedules.nextOf(one.name);
    const notReady = one.state === 'running' && !one.ready ? running.checks.missing(one.name) : undefined;
    const spec = supervisor.instances.get(one.name);
    const sockets = spec === undefined ? [] : running.sockets.of(spec);
    const port = sockets.find((socket) => socket.port !== null)?.port;
    const member = supervisor.state.members.get(one.name);
    return {
      ...one,
      ...(member && otherRun(member)),
      ...(port != null && { port }),
      ...(sockets.length > 0 && { sockets }),
      ...(running.sockets.awaitsClient(one.name) && { onDemand: true as const }),
      ...(notReady !== undefined && { notReady }),
      ...(nextMs !== undefined && { next: new Date(nextMs).toISOString() }),
    };
  };

  const about = (): About => ({
    root: project.places.root,
    pid: process.pid,
    version: project.owner.version,
    mode: project.owner.mode,
    socket: project.owner.socket,
    procfile: procfileOf(replanner.app, project.cwd),
    portBase: replanner.app.portBase,
    since: project.owner.since,
    instances: instances().map(({ name }) => name),
    lastEvent: journal.lastSeq,
    remarks: remarksOf(running),
  });

  let holds: Promise<ProcessHolds> | undefined;
  const api: ClosableApi = {
    signals: SIGNAL_NAMES,
    about,
    select: (words) => selectInstances(words, instances(), replanner.app.processes),

    async snapshot(names, details) {
      const taken = snapshot(names, await stats.now());
      if (!details) return taken;
      const found = await sampler.details(taken.flatMap(({ pid }) => pid ?? []));
      return taken.map((one) => withDetails(one, found));
    },

    async listening(names) {
      const pids = new Map(
        snapshot(names, NOT_MEASURED).flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])),
      );
      const ports = await sampler.listening([...pids.values()]);
      return new Map([...pids].map(([name, pid]) => [name, ports.get(pid) ?? null]));
    },

    startNames: () => replanner.app.instances.map(({ name }) => name),

    async change(verb, names, cause, how) {
      const results = await supervisor.ask(verb, names, cause, how);
      // Results arrive in any order; they are reported in the order of the Procfile.
      const byName = new Map(results.map((result) => [result.name, result]));
      return names.flatMap((name) => byName.get(name) ?? []).map(changeResult);
    },

    unrollable(names) {
      const reasons = named(names).flatMap(({ plan }) => whyNotRolled(plan) ?? []);
      return [...new Map(reasons.map((why) => [why.message, why])).values()];
    },

    signal(names, signal, cause) {
      const alive = snapshot(names, new Map()).filter(({ pid }) => pid !== null);
      const signalled = alive.map(({ name }) => name);
      if (signalled.length === 0) return signalled;
      recordEvent(running, { type: 'signalled', signal, names: signalled, cause });
      supervisor.send({ type: 'signal', names: signalled, signal });
      return signalled;
    },

    scale: (counts, wait, cause) => replanner.scale(counts, wait, cause),
    reload: (cause) => replanner.reload(cause),
    changedFiles: () => replanner.changedFiles(),
    async down(cause, graceMs) {
      supervisor.send({ type: 'close', cause, signal: 'SIGTERM', graceMs });
      const { status } = await running.ended;
      return { status, killed: killedOf(supervisor.state) };
    },

    wait: (names, state, gone) =>
      new Promise((resolve) => {
        const wanted = new Set(names);
        const open = new Set(names);
        // Of many only those are looked at that have changed, until none of them is open.
        const look = (changed: readonly string[]): void => {
          for (const name of changed.filter((one) => wanted.has(one))) {
            const [one] = snapshotOf(supervisor.state, instance(name), NOT_MEASURED, systemClock.now());
            if (one !== undefined && awaitedOf(one, state) === undefined) open.add(name);
            else open.delete(name);
          }
          if (gone.aborted || open.size === 0) end();
        };
        const end = (): void => {
          stop();
          resolve(snapshot(names, NOT_MEASURED).flatMap((one) => awaitedOf(one, state) ?? []));
        };
        const stop = running.onChange(look);
        gone.addEventListener('abort', end, { once: true });
        look(names);
      }),

    events: (after) => journal.after(after).map(eventRecord),
    eventsAbout: (name) => journal.about(name).map(eventRecord),
    reasonFor({ name, state }) {
      const entry = reasonFor(state, journal.about(name));
      if (entry === undefined) return null;
      const { seq, time, event } = eventRecord(entry);
      return { seq, time, event, text: reasonText(entry.event) };
    },
    analyze: (names) => startReport(running, names),
    onEvent: (listener) => journal.listen(listener),

    hasLogs: (word) => book.names().some((name) => isWanted({ names: [word] }, name)),

    async *logs(ask) {
      const query = { ...queryOf(ask), afterStamp: book.runs.at(-1)?.stamp };
      for await (const batch of book.read(query)) yield batch.map(recordOf);
    },
    allLogs: (ask) => partedByRuns(book.read(queryOf(ask)), book.runs, recordOf, markOf),

    follow({ names, late }, wake) {
      const follower = book.follow({ names: names.length === 0 ? null : names, late }, wake);
      return {
        take(most) {
          const { entries, missed } = follower.take(most);
          return { lines: entries.map(recordOf), missed };
        },
        close: () => follower.close(),
      };
    },

    watchStats(words, intervalMs, each) {
      const chosen = () => selectInstances(words, instances(), replanner.app.processes).names;
      const stop = stats.watch((usage) => each(snapshot(chosen(), usage)), intervalMs);
      return {
        history: Object.fromEntries(chosen().map((name) => [name, stats.history(name)])),
        close: stop,
      };
    },

    caps: () => capSnapshots(supervisor.state),
    claim: (name, uses, gone) => supervisor.claim(name, uses, gone),
    holds: () => (holds ??= openHolds(api, supervisor.instances)),
    exchange: () => running.exchange.open(),
    held: () => heldBy(running.exchange, running.sharedMemory),

    pools: () => running.pools.pools(),
    openPool: (name) => running.pools.openPool(name),

    sharedMemory: running.sharedMemory,
    input: (name, ask) => sendInput(running, name, ask),
    terminal: (name, size, wake) => running.terminals.of(name)?.view(size, wake),
    resize: (name, size) => running.terminals.of(name)?.resize(size),

    close() {
      running.exchange.close();
      stats.close();
      sampler.close();
    },
  };
  return api;
}

async function openHolds(api: Api, instances: ReadonlyMap<string, InstanceSpec>): Promise<ProcessHolds> {
  const { createHolds } = await import('./holds.ts');
  return createHolds({ api, instances, clock: systemClock });
}

const procfileOf = ({ procfile }: AppSpec, cwd: string): string | null =>
  procfile === null || procfile === '' ? null : resolve(cwd, procfile);

const queryOf = ({ names, lines, sinceMs }: LogAsk): LogQuery => ({
  names: names.length === 0 ? null : names,
  lines,
  sinceMs,
});

const NOT_MEASURED = new Map<string, never>();

/** The instances that have a running program, by name. */
function rootsOf({ supervisor }: Running): ReadonlyMap<string, { pid: number; startedAtMs: number }> {
  const roots = new Map<string, { pid: number; startedAtMs: number }>();
  const add = (name: string, { phase }: ProcessState): void => {
    if (phase.name === 'running' || phase.name === 'stopping')
      roots.set(name, { pid: phase.pid, startedAtMs: phase.since });
  };
  for (const [name, { process, beside }] of supervisor.state.members) {
    add(name, process);
    if (beside !== null) add(otherRunOf(name), beside.process);
  }
  return roots;
}

function withDetails(
  one: InstanceSnapshot,
  found: ReadonlyMap<number, { readonly pssBytes: number | null; readonly descriptors: number | null }>,
): DetailedSnapshot {
  const details = one.pid === null ? undefined : found.get(one.pid);
  return { ...one, pss: details?.pssBytes ?? null, descriptors: details?.descriptors ?? null };
}

/** Undefined as long as the state can still be reached. */
function awaitedOf(one: InstanceSnapshot, state: AwaitedState): Awaited | undefined {
  const { name, pid, exit } = one;
  const isOver = one.state === 'stopped' || one.state === 'exited' || one.state === 'failed';
  const isReached =
    state === 'exited' ? isOver : one.state === 'running' && (state === 'running' || one.ready);
  if (isReached) return { name, outcome: 'reached', pid, exit };
  return isOver ? { name, outcome: 'never', pid, exit } : undefined;
}

function remarksOf({ book: { loss } }: Running): readonly string[] {
  return loss === null
    ? []
    : [`missing in the log files: ${String(loss.bytes)} bytes, ${String(loss.lines)} lines (${loss.reason})`];
}

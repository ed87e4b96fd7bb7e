/** Which processes clients hold, and which were started for that: these are stopped when nobody holds them any more. */
import type { Api } from '../control/api.ts';
import type { HeldUntil, HoldAsk, ProcessHolds } from '../control/holds-api.ts';
import { refused, type Refused } from '../core/exchange/refusal.ts';
import type { Asker } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { PublicExit } from '../core/process/public-exit.ts';
import type { InstanceSnapshot } from '../core/snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import type { Holder } from '../runtime/exchange/holder.ts';
import { publicExitText } from '../ui/public-exit-text.ts';

export interface HoldsParts {
  readonly api: Pick<Api, 'select' | 'change' | 'wait' | 'snapshot' | 'reasonFor' | 'about'>;
  /** All of the supervisor, by name. */
  readonly instances: ReadonlyMap<string, Pick<InstanceSpec, 'process' | 'plan'>>;
  readonly clock: Pick<Clock, 'after'>;
}

interface Hold {
  readonly process: string;
  readonly holder: Holder;
  readonly forget: () => void;
}

const LAST_HOLDER_GONE: Asker = {
  by: 'request',
  client: { command: 'the end of the last task that needed it' },
};

export function createHolds({ api, instances, clock }: HoldsParts): ProcessHolds {
  const holds: Hold[] = [];
  /** Instances that run because of holders only. */
  const startedFor = new Set<string>();
  let whenUnused: (() => void) | undefined;
  let isClosing = false;

  const allInstances = (): Promise<readonly InstanceSnapshot[]> => api.snapshot(api.about().instances, false);

  const neededProcesses = (): ReadonlySet<string> => {
    const needed = new Set(holds.map(({ process }) => process));
    for (const process of needed)
      for (const one of instances.values())
        if (one.process === process) for (const need of one.plan.needs) needed.add(need.process);
    return needed;
  };

  /** What others start meanwhile, or have started before, is theirs. */
  const start = async (names: readonly string[], cause: Asker): Promise<void> => {
    const before = new Map((await allInstances()).map((one) => [one.name, one]));
    if (names.every((name) => isUp(before.get(name)))) return;
    const done = api.change('start', names, cause);
    for (const one of await allInstances())
      if (isUp(one) && !isUp(before.get(one.name))) startedFor.add(one.name);
    await done;
    // Those that waited for a need were started after it.
    const needed = neededProcesses();
    for (const one of await allInstances())
      if (needed.has(one.process) && isUp(one) && !isUp(before.get(one.name))) startedFor.add(one.name);
  };

  const haveSucceeded = async (names: readonly string[]): Promise<boolean> =>
    (await api.snapshot(names, false)).every(({ state, exit }) => state === 'exited' && isSuccess(exit));

  const stopUnneeded = async (): Promise<void> => {
    const needed = neededProcesses();
    const all = await allInstances();
    const unneeded = all.filter(({ name, process }) => startedFor.has(name) && !needed.has(process));
    for (const { name } of unneeded) startedFor.delete(name);
    const names = unneeded.filter(isUp).map(({ name }) => name);
    if (names.length > 0) await api.change('stop', names, LAST_HOLDER_GONE);
    await closeIfUnused();
  };

  const closeIfUnused = async (): Promise<void> => {
    if (whenUnused === undefined || holds.length > 0 || isClosing) return;
    if ((await allInstances()).some(isUp) || holds.length > 0) return;
    isClosing = true;
    whenUnused();
  };

  const forget = (process: string, holder: Holder): void => {
    const at = holds.findIndex((one) => one.process === process && one.holder === holder);
    const [one] = at === -1 ? [] : holds.splice(at, 1);
    one?.forget();
  };

  return {
    async hold(name, until, ask) {
      if (isClosing) return refused('session-ended', 'the supervisor is ending');
      const { names } = api.select([name]);
      if (names.length === 0) return refused('unknown-process', `unknown process '${name}'`);
      const { holder, cause } = ask;
      const stop = holder.onEnd(() => {
        forget(name, holder);
        void stopUnneeded();
      });
      holds.push({ process: name, holder, forget: stop });
      if (until !== 'succeeded' || !(await haveSucceeded(names))) await start(names, cause);
      const why = await untilReached(api, names, until, ask);
      if (why === undefined) return { instances: names };
      forget(name, holder);
      await stopUnneeded();
      return why;
    },

    async release(name, holder) {
      forget(name, holder);
      await stopUnneeded();
    },

    whenUnused(patienceMs, listener) {
      whenUnused = listener;
      clock.after(patienceMs, () => void closeIfUnused());
    },
  };
}

const isUp = (one: InstanceSnapshot | undefined): boolean =>
  one !== undefined && !['stopped', 'exited', 'failed'].includes(one.state);

/** Undefined: all of them are as far. */
async function untilReached(
  api: HoldsParts['api'],
  names: readonly string[],
  until: HeldUntil,
  { gone }: HoldAsk,
): Promise<Refused | undefined> {
  const state = until === 'succeeded' ? 'exited' : until === 'started' ? 'running' : 'ready';
  const awaited = await api.wait(names, state, gone);
  if (gone.aborted) return refused('session-ended', 'the session has ended');
  for (const { name, outcome, exit } of awaited) {
    if (until === 'succeeded' ? isSuccess(exit) : outcome === 'reached') continue;
    const [one] = await api.snapshot([name], false);
    const reason = one && api.reasonFor(one)?.text;
    const words =
      exit === null ? `is not ${WORDS[until]}: ${reason ?? 'it was stopped'}` : publicExitText(exit);
    return refused('process-failed', `'${name}' ${words}`, `see 'procsup logs ${name}'`);
  }
  return undefined;
}

const WORDS: Readonly<Record<HeldUntil, string>> = {
  started: 'started',
  ready: 'ready',
  succeeded: 'done',
};

const isSuccess = (exit: PublicExit | null): boolean =>
  exit !== null && 'code' in exit && (exit.code === 0 || exit.success === true);

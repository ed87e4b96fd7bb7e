/** When `start -d` has done what it was asked for. */
import type { AppSpec } from '../../core/plan/app-spec.ts';
import { snapshotOf, type InstanceSnapshot } from '../../core/snapshot.ts';
import { systemClock } from '../../os/clock.ts';
import type { DaemonWords } from './protocol.ts';
import type { Running } from '../wire.ts';

/**
 * Where nobody has said when a process is ready, it is not waited for any longer: it may be a server that starts slowly, or
 * none at all.
 */
const USUAL_MS = 5_000;

const LOOK_MS = 1_000;

export type StartWait = Pick<DaemonWords, 'wait' | 'waitTimeoutMs'>;

/**
 * Resolves when nothing is left to wait for; `true`: because the time is over. A process that has failed is not waited for,
 * whatever its policy, nor are those that wait for it.
 */
export function untilStarted(
  running: Running,
  instances: AppSpec['instances'],
  { wait, waitTimeoutMs }: StartWait,
): Promise<boolean> {
  return new Promise((resolve) => {
    const cancels: (() => void)[] = [];
    const finish = (isLate: boolean): void => {
      for (const cancel of cancels) cancel();
      resolve(isLate);
    };
    // Of many that wait for each other, the next is behind the one that was pending: so a change costs no look at all.
    let pending = 0;
    const look = (): void => {
      if (wait !== 'ready') return isStarting(wait, running, instances) ? undefined : finish(false);
      pending = placeFrom(instances, pending, (one) => isPending(running, one));
      if (pending < 0) finish(false);
    };
    // That one has lived for long enough is no change that is told.
    const lookAgain = (): void => {
      cancelNext = systemClock.after(LOOK_MS, lookAgain);
      look();
    };
    let cancelNext = systemClock.after(LOOK_MS, lookAgain);
    cancels.push(running.onChange(look), () => cancelNext());
    if (waitTimeoutMs !== undefined) cancels.push(systemClock.after(waitTimeoutMs, () => finish(true)));
    look();
  });
}

/** The first that is so, from this place on and round to it again; -1 if there is none. */
function placeFrom<T>(list: readonly T[], start: number, is: (one: T) => boolean): number {
  for (let steps = 0; steps < list.length; steps += 1) {
    const place = (start + steps) % list.length;
    if (is(list[place] as T)) return place;
  }
  return -1;
}

function isPending(running: Running, instance: AppSpec['instances'][number]): boolean {
  const taken = snapshotOf(running.supervisor.state, [instance], new Map(), systemClock.now());
  return taken.some((one) => willBeReady(one, isUsual(running, one.name)));
}

function isStarting(wait: StartWait['wait'], running: Running, instances: AppSpec['instances']): boolean {
  const { state } = running.supervisor;
  const taken = snapshotOf(state, instances, new Map(), systemClock.now());
  const mayBecomeReady = taken.some((one) => willBeReady(one, isUsual(running, one.name)));
  const isAnyStarting = taken.some((one) => one.state === 'starting');
  return (
    isAnyStarting || (wait === 'started' && mayBecomeReady && taken.some((one) => one.state === 'waiting'))
  );
}

function willBeReady({ state, ready, uptime }: InstanceSnapshot, isReadinessUsual: boolean): boolean {
  // What is stopped because it was not ready in time has failed only when it has ended.
  if (state === 'starting' || state === 'stopping') return true;
  return state === 'running' && !ready && !(isReadinessUsual && (uptime ?? 0) * 1000 >= USUAL_MS);
}

/** Nobody has said when it is ready. */
export const isUsual = ({ supervisor }: Running, name: string): boolean =>
  supervisor.state.spec.byName.get(name)?.isReadinessUsual === true;

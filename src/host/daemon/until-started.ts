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
    const isAwaited = lookOutFor(wait, running, instances);
    const look = (): void => {
      if (!isAwaited()) finish(false);
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

type Instances = AppSpec['instances'];

/** Whether there is one left that is waited for. */
function lookOutFor(wait: StartWait['wait'], running: Running, instances: Instances): () => boolean {
  const isThere = (is: (one: InstanceSnapshot) => boolean) => searchFor(running, instances, is);
  const mayBecomeReady = isThere((one) => willBeReady(one, isUsual(running, one.name)));
  if (wait === 'ready') return mayBecomeReady;
  if (wait === 'no') return isThere(({ state }) => state === 'starting');
  // What is being started may become ready; what waits does so for one that may.
  const isUnstarted = isThere(({ state }) => state === 'starting' || state === 'waiting');
  return () => isUnstarted() && mayBecomeReady();
}

/**
 * Of many that are started, or wait for each other, the next is behind the one that was found last: so a change costs a look at
 * one of them, not at all.
 */
function searchFor(
  running: Running,
  instances: Instances,
  is: (one: InstanceSnapshot) => boolean,
): () => boolean {
  let found = 0;
  return () => {
    for (let steps = 0; steps < instances.length; steps += 1) {
      const instance = instances.slice(found, found + 1);
      if (snapshotOf(running.supervisor.state, instance, new Map(), systemClock.now()).some(is)) return true;
      found = (found + 1) % instances.length;
    }
    return false;
  };
}

function willBeReady({ state, ready, uptime }: InstanceSnapshot, isReadinessUsual: boolean): boolean {
  // What is stopped because it was not ready in time has failed only when it has ended.
  if (state === 'starting' || state === 'stopping') return true;
  return state === 'running' && !ready && !(isReadinessUsual && (uptime ?? 0) * 1000 >= USUAL_MS);
}

/** Nobody has said when it is ready. */
export const isUsual = ({ supervisor }: Running, name: string): boolean =>
  supervisor.state.spec.byName.get(name)?.isReadinessUsual === true;

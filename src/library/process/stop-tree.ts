/** Ends a child with all that it has started: of a daemon first its group, then whatever carries its run tag. */
import type { SignalName } from '../../core/process/signals.ts';
import { systemClock } from '../../os/clock.ts';
import type { StopSignals } from '../../runtime/stop-signals.ts';
import { sweep } from '../../runtime/sweep.ts';
import { processGroups, type Launched } from './launch.ts';

export interface Tree extends Pick<Launched, 'child' | 'pid' | 'runId'> {
  readonly daemon: boolean;
  readonly stopSignals: StopSignals;
  /** From its start to its exit. */
  isAlive(): boolean;
  /** Resolves with its exit. */
  ended(): Promise<unknown>;
}

/** SIGTERM, and SIGKILL to what is left after `graceMs`; 0: SIGKILL at once. Resolves when nothing is left. */
export async function stopTree(tree: Tree, graceMs: number): Promise<void> {
  const { pid, runId, daemon, stopSignals } = tree;
  const kill = (): void => signalMain(tree, 'SIGKILL');
  let cancel = (): void => undefined;
  if (tree.isAlive() && graceMs > 0) {
    if (daemon) stopSignals.toGroup({ pid, runId }, 'SIGTERM');
    else stopSignals.toMain({ pid, runId }, 'SIGTERM');
    // A stopped process acts on nothing else.
    signalMain(tree, 'SIGCONT');
    cancel = systemClock.after(graceMs, kill);
  } else kill();
  if (graceMs <= 0) stopSignals.kill(runId);
  await Promise.all([tree.ended(), sweep(stopSignals, runId, graceMs, systemClock)]);
  cancel();
  stopSignals.forget(runId);
}

function signalMain(tree: Tree, signal: SignalName): void {
  if (!tree.isAlive()) return;
  const { pid, runId, child } = tree;
  if (tree.daemon) processGroups.signal({ pid, runId }, signal, 'group');
  else child.kill(signal);
}

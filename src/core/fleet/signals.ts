/** Signals that are sent on request. They pass by the machine: a process that ends of one has ended by itself. */
import type { Draft } from './draft.ts';
import { pidOf } from '../process/state.ts';
import type { SignalName } from '../process/signals.ts';

/** To those of the names that run, even if they are being stopped. */
export function signal(draft: Draft, names: readonly string[], sent: SignalName): void {
  for (const name of new Set(names)) {
    const process = draft.state.members.get(name)?.process;
    const pid = process === undefined ? null : pidOf(process.phase);
    if (process === undefined || pid === null) continue;
    const { run } = process;
    const effect = { type: 'signal', run, pid, signal: sent, reach: 'group', isRequested: true } as const;
    draft.effects.push({ type: 'process', name, effect });
  }
}

/** To all that run, unless they are being stopped. */
export function forward(draft: Draft, sent: SignalName): void {
  const running = [...draft.state.members].filter(([, { process }]) => process.phase.name === 'running');
  signal(
    draft,
    running.map(([name]) => name),
    sent,
  );
}

/** SIGKILL for a supervisor, its guardian or both, at a moment that is drawn and tied to what happens. */
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { guardiansOf, isAlive, linesOf } from './living.js';
import { becomes } from './place.js';

/** `[what, n, jitterMs]`: after the n-th event of this kind, and as long after it. */
export function drawMoment(random) {
  const what = random.pick(['lock', 'start of a program', 'command', 'command', 'event', 'line of output']);
  const most = { lock: 1, 'start of a program': 25, command: 6, event: 40, 'line of output': 60 }[what];
  return { what, n: random.between(1, most), jitterMs: random.between(0, random.pick([3, 30, 300])) };
}

/** Counts what happens; `reached` resolves when the moment has come, or when `giveUp` is called. */
export function awaitMoment({ what, n, jitterMs }, { place }) {
  let seen = 0;
  let come;
  const reached = new Promise((resolve) => (come = resolve));
  const stops = [];
  const happened = (kind, count = seen + 1) => {
    if (kind !== what) return;
    seen = count;
    if (seen >= n) come();
  };
  if (what === 'start of a program') {
    const pids = join(place.root, 'pids');
    const watcher = watch(place.root, () => happened(what, existsSync(pids) ? linesOf(pids).length : 0));
    stops.push(() => watcher.close());
  }
  if (what === 'lock') {
    const timer = setInterval(() => place.supervisor() !== undefined && happened(what), 2);
    stops.push(() => clearInterval(timer));
  }
  return {
    happened,
    giveUp: () => come(),
    async reached() {
      await reached;
      for (const stop of stops) stop();
      await rest(jitterMs);
    },
  };
}

/**
 * `isSure`: the supervisor is stopped first, so that it cannot put another guardian in the place of the first; else it
 * may just do so. Returns what was killed, or undefined if there is no supervisor.
 */
export async function killAt(place, victim, { isSure }) {
  const pid = place.supervisor();
  if (pid === undefined || !isAlive(pid)) return undefined;
  if (victim === 'supervisor') return kill([pid]);
  if (victim === 'both' && isSure) send(pid, 'SIGSTOP');
  const guardians = guardiansOf(place.root);
  if (victim === 'both') return kill([...guardians, pid]);
  const killed = kill(guardians);
  // It is replaced, or the supervisor is on its way out.
  await becomes(() => guardiansOf(place.root).some((other) => !guardians.includes(other)) || !isAlive(pid));
  return killed;
}

function kill(pids) {
  for (const pid of pids) send(pid, 'SIGKILL');
  return pids;
}

export function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

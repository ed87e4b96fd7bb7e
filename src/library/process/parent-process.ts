/** The process that has started us by `Process`, or as a worker of a pool. */
import { systemClock } from '../../os/clock.ts';
import { mayLive, ownIdentity, type ProcessIdentity } from '../../os/process/identity.ts';

export const OWN_PARENT = 'PROCSUP_PARENT';

export interface ParentProcess {
  readonly pid: number;
  readonly alive: boolean;
  /** Resolves with true when it has ended, with false after `timeoutMs`. Rejects with the reason of `signal`. */
  wait(options?: {
    readonly timeoutMs?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<boolean>;
}

/** The system tells nobody but its parent of the end of a process. */
const LOOK_MS = 50;

/** null where no `Process` has started us. */
export function parentProcess(): ParentProcess | null {
  const identity = identityIn(process.env[OWN_PARENT] ?? '');
  if (identity === undefined) return null;
  return {
    pid: identity.pid,
    get alive() {
      return mayLive(identity);
    },
    async wait({ timeoutMs = Infinity, signal } = {}) {
      const deadline = systemClock.now() + timeoutMs;
      for (;;) {
        signal?.throwIfAborted();
        if (!mayLive(identity)) return true;
        const leftMs = deadline - systemClock.now();
        if (leftMs <= 0) return false;
        await new Promise<void>((resolve) => void systemClock.after(Math.min(LOOK_MS, leftMs), resolve));
      }
    },
  };
}

let own: string | undefined;

/** Who we are, for the environment of our children. */
export function ownParentText(): string {
  if (own === undefined) {
    const { pid, started, boot } = ownIdentity();
    own = `${pid} ${started} ${boot ?? ''}`;
  }
  return own;
}

function identityIn(text: string): ProcessIdentity | undefined {
  const [, pid, started = '', boot = ''] = /^(\d+) (\d+) (\S*)$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), started, boot: boot === '' ? null : boot };
}

import { olderThan, type PidCount } from '../../core/pid-order.ts';
import { readText, textOrNothing } from './proc-file.ts';

/** For `before`. Undefined where /proc does not tell it, or is that of another pid namespace. */
export function pidCount(): PidCount | undefined {
  const self = readText('/proc/self/stat');
  if (self.is !== 'read' || parseInt(self.text, 10) !== process.pid) return undefined;
  // Forks between the two are counted as later ones, which is harmless: else there would be more pids than forks.
  const made = readMade();
  return counted(made, readPids());
}

/** `olderThan`, now. */
export function olderThanCount(before: PidCount): ((pid: number) => boolean) | undefined {
  const pids = readPids();
  const now = counted(readMade(), pids);
  const largest = Number(textOrNothing('/proc/sys/kernel/pid_max'));
  return now && olderThan(before, now, largest);
}

const readMade = (): string | undefined => /^processes (\d+)$/m.exec(textOrNothing('/proc/stat'))?.[1];

const readPids = (): RegExpExecArray | null => /\d+\/(\d+) (\d+)\n$/.exec(textOrNothing('/proc/loadavg'));

function counted(made: string | undefined, pids: RegExpExecArray | null): PidCount | undefined {
  const [, existing, newest] = pids ?? [];
  if (made === undefined || existing === undefined || newest === undefined) return undefined;
  return { newest: Number(newest), made: Number(made), existing: Number(existing) };
}

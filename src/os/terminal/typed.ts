/**
 * Reads what is typed on our terminal, as long as that is ours: only in its foreground, and only where our output goes to it
 * as well. With `start | less` the keys are meant for less.
 *
 * The kernel stops a program that reads its terminal from the background (SIGTTIN). So reading ends before we are stopped by
 * Ctrl-Z, and begins again only when we are seen in the foreground. SIGCONT does not tell of each way there: `fg` sends none
 * to a job that was running. So where nothing is read we look once a second.
 */
import { isatty, ReadStream } from 'node:tty';
import type { Clock } from '../../ports/clock.ts';
import { isInForeground } from './group.ts';

export interface TypedText {
  close(): void;
}

const STDIN = 0;
const STDOUT = 1;
const LOOK_AGAIN_MS = 1000;

export interface TypedListener {
  /** For the first time it is read. */
  began(): void;
  /** Whole lines, as the terminal gives them. */
  typed(text: string): void;
}

export function readTyped(clock: Clock, listener: TypedListener): TypedText {
  if (!isatty(STDIN) || !isatty(STDOUT)) return { close: () => undefined };
  let hasBegun = false;
  let stream: ReadStream | undefined;
  let isClosed = false;
  let cancel = (): void => undefined;

  const begin = (): void => {
    cancel();
    if (isClosed || stream !== undefined) return;
    // Without a terminal any more there is nothing to wait for: SIGHUP ends us.
    if (!isatty(STDIN)) return;
    if (isInForeground() !== true) return later();
    try {
      stream = new ReadStream(STDIN);
    } catch {
      return later();
    }
    stream.on('data', (bytes: Buffer) => listener.typed(bytes.toString()));
    // Ctrl-D, or the end of the terminal.
    stream.on('end', again);
    stream.on('error', again);
    stream.unref();
    if (!hasBegun) listener.began();
    hasBegun = true;
  };
  const later = (): void => {
    cancel();
    cancel = clock.after(LOOK_AGAIN_MS, begin);
  };
  const end = (): void => {
    cancel();
    stream?.destroy();
    stream = undefined;
  };
  const again = (): void => {
    end();
    later();
  };
  const suspend = (): void => {
    end();
    process.off('SIGTSTP', suspend);
    // Where no shell could continue us the kernel does not stop us, and there is no SIGCONT.
    cancel = clock.after(LOOK_AGAIN_MS, comeBack);
    process.kill(process.pid, 'SIGTSTP');
  };
  const comeBack = (): void => {
    if (!process.listeners('SIGTSTP').includes(suspend)) process.on('SIGTSTP', suspend);
    // Continued in the background after a SIGSTOP.
    if (isInForeground() !== true) end();
    begin();
  };

  process.on('SIGTSTP', suspend);
  process.on('SIGCONT', comeBack);
  begin();
  return {
    close() {
      isClosed = true;
      end();
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', comeBack);
    },
  };
}

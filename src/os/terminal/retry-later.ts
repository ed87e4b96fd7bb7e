/** Writing again after a while, for what cannot tell us when it is ready: a terminal (libuv refuses it), a full disk. */
import { canPass, writeWhatGoes, type Later, type Written } from './sink.ts';

/** Waits each of `delaysMs` in turn, then the last of them again and again; begins anew when some bytes went. */
export function retryAfter(fd: number, delaysMs: readonly number[]): Later {
  return retryWith((bytes) => writeWhatGoes(fd, bytes), delaysMs);
}

export function retryWith(write: (bytes: Uint8Array) => Written, delaysMs: readonly number[]): Later {
  let timer: NodeJS.Timeout | undefined;
  let unwrittenBytes = 0;

  const wait = (rest: Uint8Array, failures: number, settled: (errno?: string) => void): void => {
    unwrittenBytes = rest.length;
    const delayMs = delaysMs[Math.min(failures, delaysMs.length - 1)];
    timer = setTimeout(() => {
      const { takenBytes, errno } = write(rest);
      if (errno !== undefined && canPass(errno)) {
        wait(rest.subarray(takenBytes), takenBytes > 0 ? 0 : failures + 1, settled);
        return;
      }
      unwrittenBytes = 0;
      settled(errno);
    }, delayMs);
  };

  return {
    post: (rest, settled) => wait(rest, 0, settled),
    close() {
      clearTimeout(timer);
      return unwrittenBytes;
    },
  };
}

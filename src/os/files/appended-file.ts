import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs';

/** The descriptor of a regular file of mode 0600, made if need be. Throws the system's error, or `EINVAL` for another kind. */
export function openForAppending(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  // O_NONBLOCK: a FIFO would block us until somebody reads it.
  const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    if (!fstatSync(fd).isFile())
      throw Object.assign(new Error(`'${path}' is not a regular file`), { code: 'EINVAL' });
    fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

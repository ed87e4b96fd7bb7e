/**
 * Reading in /proc. That something cannot be looked at now (no descriptor is free, it is another user's) is told apart
 * from its being gone, for nobody may be taken for dead because we cannot look.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** `why`: the name of the errno. */
export interface Unknown {
  readonly is: 'unknown';
  readonly why: string;
}

export type ReadFailure = { readonly is: 'gone' } | Unknown;
export type ReadResult = { readonly is: 'read' } | ReadFailure;

export const READ: { readonly is: 'read' } = { is: 'read' };
export const GONE: { readonly is: 'gone' } = { is: 'gone' };

/** ESRCH: the process ended between the opening and the reading. */
export function failureOf(error: unknown): ReadFailure {
  const { code = 'EIO' } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH' ? GONE : { is: 'unknown', why: code };
}

export const lacksPermission = ({ why }: Unknown): boolean => why === 'EACCES' || why === 'EPERM';
export const lacksDescriptors = ({ why }: Unknown): boolean => why === 'EMFILE' || why === 'ENFILE';

/** Most of what we read is shorter; an environment is seldom longer. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/** Calls `take` with what a single read gives: enough for what the kernel writes as one line. */
export function readOnce(path: string, take: (bytes: Uint8Array, size: number) => ReadResult): ReadResult {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return take(shared, readSync(fd, shared));
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

type Text = { readonly is: 'read'; readonly text: string } | ReadFailure;

/** The whole file, in latin1. A third of the cost of readFileSync. */
export const readText = (path: string): Text => readUntil(path, (size) => size < shared.length);

/** A table of the kernel, which comes in parts of whole lines: what is shorter than asked for is not the end. */
export const readTable = (path: string): Text => readUntil(path, (size) => size === 0);

function readUntil(path: string, isLast: (size: number) => boolean): Text {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let text = '';
    for (;;) {
      const size = readSync(fd, shared);
      text += shared.toString('latin1', 0, size);
      if (isLast(size)) return { is: 'read', text };
    }
  } catch (error) {
    return failureOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** For those who make no difference: empty for what is gone or cannot be looked at. */
export const textOrNothing = (path: string): string => orNothing(readText(path));

/** The same of a table. */
export const tableOrNothing = (path: string): string => orNothing(readTable(path));

const orNothing = (read: Text): string => (read.is === 'read' ? read.text : '');

export function readNames(
  path: string,
): { readonly is: 'read'; readonly names: readonly string[] } | ReadFailure {
  try {
    return { is: 'read', names: readdirSync(path) };
  } catch (error) {
    return failureOf(error);
  }
}

/** As `textOrNothing`. */
export function namesOrNone(path: string): readonly string[] {
  const read = readNames(path);
  return read.is === 'read' ? read.names : [];
}

/**
 * A pseudo-terminal: we hold both ends. The slave's is held until the program has ended, because libuv takes a short read
 * together with a hang-up for the end, and would lose the last output (libuv issue 4992).
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ControlDevice } from '../pipes/koffi.ts';

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface Pty {
  /** Non-blocking. */
  readonly master: number;
  /** Of the slave: `/dev/pts/3`. */
  readonly path: string;
  /** Tells the program by SIGWINCH if it has changed. */
  resize(size: TerminalSize): void;
  /** What the program has set. */
  lineMode(): LineMode;
  /** The number of bytes that went, 0 where there is no room, or the name of the errno. */
  write(bytes: Uint8Array): number | string;
  /** Closes our slave end: the master ends when no program has one. */
  letGo(): void;
  /** Closes both ends: nobody has read it. */
  discard(): void;
  /** The master has been closed, by whoever read it. */
  closed(): void;
}

export interface LineMode {
  /** Lines are edited by the kernel. */
  readonly isCanonical: boolean;
  readonly echoes: boolean;
}

// Linux, <asm-generic/ioctls.h> and <asm-generic/termbits.h>
const TCGETS = 0x5401;
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;
const LOCAL_FLAGS_AT = 12;
const ICANON = 2;
const ECHO = 8;

/** Throws the system's error where there is none. */
export function openPty(control: ControlDevice, size: TerminalSize): Pty {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const master = openSync('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK);
  let slave: number | undefined;
  try {
    const number = Buffer.alloc(4);
    demand(control(master, TIOCSPTLCK, Buffer.alloc(4)), 'unlock');
    demand(control(master, TIOCGPTN, number), 'name');
    const path = `/dev/pts/${String(number.readUInt32LE())}`;
    slave = openSync(path, O_RDWR | O_NOCTTY);
    return ptyOf(control, { master, slave, path, size });
  } catch (error) {
    closeSync(master);
    if (slave !== undefined) closeSync(slave);
    throw error;
  }
}

function ptyOf(
  control: ControlDevice,
  ends: {
    readonly master: number;
    readonly slave: number;
    readonly path: string;
    readonly size: TerminalSize;
  },
): Pty {
  const { master, path } = ends;
  let slave: number | undefined = ends.slave;
  let isOpen = true;

  const resize = ({ rows, columns }: TerminalSize): void => {
    const size = new Uint16Array([rows, columns, 0, 0]);
    if (isOpen) control(master, TIOCSWINSZ, new Uint8Array(size.buffer));
  };
  resize(ends.size);

  const letGo = (): void => {
    if (slave !== undefined) closeSync(slave);
    slave = undefined;
  };

  return {
    master,
    path,
    resize,
    lineMode() {
      const attributes = Buffer.alloc(64);
      if (isOpen) control(master, TCGETS, attributes);
      const flags = attributes.readUInt32LE(LOCAL_FLAGS_AT);
      return { isCanonical: (flags & ICANON) !== 0, echoes: (flags & ECHO) !== 0 };
    },
    write(bytes) {
      if (!isOpen) return 'EIO';
      try {
        return writeSync(master, bytes);
      } catch (error) {
        const { code = 'EIO' } = error as NodeJS.ErrnoException;
        return code === 'EAGAIN' ? 0 : code;
      }
    },
    letGo,
    discard() {
      letGo();
      closeSync(master);
      isOpen = false;
    },
    closed: () => void (isOpen = false),
  };
}

function demand(errno: number, what: string): void {
  if (errno !== 0) throw new Error(`cannot ${what} a pseudo-terminal (errno ${String(errno)})`);
}

/** Those who are attached to a terminal. The first of them types, and the terminal has his size; the others look on. */
import type { TerminalSize } from './pty.ts';

export interface TerminalView {
  readonly types: boolean;
  /** What the program has written since the last call; undefined when the terminal has ended. At first: the screen. */
  take(): Uint8Array | undefined;
  close(): void;
}

export interface Viewers {
  readonly isTyped: boolean;
  /** The terminal of whoever types has this size now. */
  resize(size: TerminalSize): void;
  add(size: TerminalSize, wake: () => void): TerminalView;
  push(bytes: Uint8Array): void;
  end(): void;
}

export interface ViewersOptions {
  readonly resize: (size: TerminalSize) => void;
  /** While nobody types. */
  readonly usualSize: TerminalSize;
  /** The screen as it is, for a terminal of this size. */
  readonly replay: (size: TerminalSize) => string;
}

/** Who reads slower than this gets the screen as it is then. */
const MOST_BYTES = 1024 * 1024;

interface Viewer {
  readonly wake: () => void;
  size: TerminalSize;
  unread: Uint8Array[];
  bytes: number;
}

export function createViewers({ resize, usualSize, replay }: ViewersOptions): Viewers {
  const all = new Set<Viewer>();
  let typist: Viewer | undefined;
  let hasEnded = false;

  const show = (viewer: Viewer): void => {
    const screen = Buffer.from(replay(viewer.size));
    viewer.unread = [screen];
    viewer.bytes = screen.length;
  };

  /** Programs redraw when their size changes, so it must. */
  const fit = (size: TerminalSize): void => {
    resize({ ...size, rows: size.rows + 1 });
    resize(size);
  };

  return {
    get isTyped() {
      return typist !== undefined;
    },
    resize(size) {
      if (typist === undefined) return;
      typist.size = size;
      resize(size);
    },
    add(size, wake) {
      const viewer: Viewer = { wake, size, unread: [], bytes: 0 };
      all.add(viewer);
      show(viewer);
      typist ??= viewer;
      if (typist === viewer) fit(size);
      return {
        types: typist === viewer,
        take() {
          if (hasEnded && viewer.unread.length === 0) return undefined;
          const taken = Buffer.concat(viewer.unread.splice(0));
          viewer.bytes = 0;
          return taken;
        },
        close() {
          all.delete(viewer);
          if (typist !== viewer) return;
          typist = undefined;
          resize(usualSize);
        },
      };
    },
    push(bytes) {
      for (const viewer of all) {
        if (viewer.bytes > MOST_BYTES) show(viewer);
        else {
          viewer.unread.push(Uint8Array.from(bytes));
          viewer.bytes += bytes.length;
        }
        viewer.wake();
      }
    },
    end() {
      hasEnded = true;
      for (const { wake } of all) wake();
    },
  };
}

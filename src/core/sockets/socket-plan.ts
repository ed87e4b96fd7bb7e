/** A socket that procsup opens for a process and keeps: what `listen` of procsup.yaml says. */
export type SocketAddress =
  /** `host`: an IP address; empty for all addresses of the machine. `port`: 0 for a free one. */
  | { readonly kind: 'tcp' | 'udp'; readonly host: string; readonly port: number }
  /** As written by the user, relative to the root. */
  | { readonly kind: 'unix'; readonly path: string };

export interface SocketPlan {
  /** Unique among those of its process. */
  readonly name: string;
  readonly address: SocketAddress;
  /** How many clients may wait; the kernel has a limit of its own. Default: 4096. */
  readonly backlog?: number;
  /** Default: false, as programs with a plain accept() need it. */
  readonly nonblocking?: boolean;
  /** Permissions of a path. Default: by the umask. */
  readonly mode?: number;
}

export const DEFAULT_BACKLOG = 4096;

/** The first descriptor that systemd's protocol hands on. */
export const FIRST_DESCRIPTOR = 3;

/** A path that fits into sockaddr_un with its final NUL. */
export const LONGEST_PATH = 107;

/** One that is open. Its field names are public. */
export interface KeptSocket {
  readonly name: string;
  /** `127.0.0.1:3000`, `port 3000`, `UDP port 5353`, `./run/web.sock` */
  readonly address: string;
  /** The real one; null for a path. */
  readonly port: number | null;
  readonly descriptor: number;
}

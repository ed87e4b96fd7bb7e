/** What comes back when a check is asked. */

/** A TCP socket of the tree of a run, in state LISTEN. */
export interface ListeningSocket {
  /** Names the socket: no later one has the same. */
  readonly inode: string;
  readonly port: number;
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::` */
  readonly address: string;
}

export type Answer =
  /** `line`: the line of output that matched. */
  | { readonly is: 'yes'; readonly line?: string }
  /** `words`: what was seen instead. `againMs`: when asking again makes sense, if not in the usual time. */
  | { readonly is: 'no'; readonly words: string; readonly againMs?: number }
  /** To `listening`: all sockets on which its tree listens. `null`: the system does not tell now. */
  | { readonly is: 'listens'; readonly sockets: readonly ListeningSocket[] | null }
  /** It cannot be asked at all, now or later. */
  | { readonly is: 'impossible'; readonly words: string };

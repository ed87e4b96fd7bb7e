/** What `locks.request` is given, and gives. */
export interface LockOptions {
  /** `shared`: beside others that are. Default `exclusive`. */
  readonly mode?: 'exclusive' | 'shared' | undefined;
  /** If it is not free, the callback is called at once, with null. */
  readonly ifAvailable?: boolean | undefined;
  /** So many may hold it at a time: a semaphore. Default: as many as it has, or 1. */
  readonly slots?: number | undefined;
  /** Rejects with `TIMEOUT` if it is not granted within this time. Default: waits for ever. */
  readonly timeoutMs?: number | undefined;
  /** Aborted before it is granted, the request rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Path of the supervisor's socket. Default: PROCSUP_SOCKET, else that of the project of the working directory. */
  readonly socket?: string | undefined;
}

/** What is held while the callback runs. */
export interface Lock {
  readonly name: string;
  readonly mode: 'exclusive' | 'shared';
  /** The process that had it last ended without releasing it: what it guards may be half done. */
  readonly abandoned: boolean;
  /** Aborted when the lock is lost with the supervisor. */
  readonly lost: AbortSignal;
}

/** As `procsup locks --json` tells it. */
export interface LockInfo {
  readonly name: string;
  readonly slots: number;
  readonly abandoned: boolean;
  readonly holders: readonly LockUserInfo[];
  readonly waiting: readonly LockUserInfo[];
}

export interface LockUserInfo {
  readonly pid: number | null;
  readonly command: string | null;
  readonly mode: 'exclusive' | 'shared';
  /** ISO time. */
  readonly since: string;
}

export interface Locks {
  /**
   * Waits for its turn, calls back, and releases the lock when what the callback returns has settled. Resolves with its result. As
   * in the Web Locks API of browsers, for all processes of a project; `steal` does not exist.
   *
   * A process that ends, in whatever way, gives its locks up; one that is stopped keeps them. Rejects with a `LockError`.
   */
  request<T>(name: string, callback: (lock: Lock) => T | Promise<T>): Promise<T>;
  request<T>(
    name: string,
    options: LockOptions & { readonly ifAvailable: true },
    callback: (lock: Lock | null) => T | Promise<T>,
  ): Promise<T>;
  request<T>(name: string, options: LockOptions, callback: (lock: Lock) => T | Promise<T>): Promise<T>;
  /** All locks that are held, waited for or abandoned. */
  query(options?: Pick<LockOptions, 'socket'>): Promise<readonly LockInfo[]>;
}

export interface SharedMemoryOptions {
  /** Path of the supervisor's socket. Default: PROCSUP_SOCKET, which every process of a supervisor has. */
  readonly socket?: string | undefined;
}

export interface CreateSharedMemoryOptions extends SharedMemoryOptions {
  /** Path of a file with which it begins. The rest is zeros. */
  readonly from?: string | undefined;
}

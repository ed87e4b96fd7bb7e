export interface SharedMemoryOptions {
  /** Path of the supervisor's socket. Default: PROCSUP_SOCKET, else that of the project of the working directory. */
  readonly socket?: string | undefined;
}

export interface CreateSharedMemoryOptions extends SharedMemoryOptions {
  /** Path of a file with which it begins. The rest is zeros. */
  readonly from?: string | undefined;
}

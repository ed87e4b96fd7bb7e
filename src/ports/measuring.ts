import type { MemoryKind } from '../core/tree-memory.ts';

/** One sample of a program and its descendants. */
export interface TreeReading {
  /**
   * CPU time so far in milliseconds, children that have ended included as far as the system tells. Never falls from one
   * reading of a root to the next.
   */
  readonly cpuMs: number;
  /** What the tree costs the machine, as far as the system tells it within a budget of time. */
  readonly memoryBytes: number;
  readonly memoryKind: MemoryKind;
  /** Number of processes, without zombies. */
  readonly processes: number;
}

/** null: the system does not tell, or not of all of them. */
export interface TreeDetails {
  /** Proportional memory (PSS): what is shared counts in parts. */
  readonly pssBytes: number | null;
  readonly descriptors: number | null;
}

/**
 * Measures whole process trees. A root is the pid of a child of ours that leads its own session; exited roots are left
 * out of the answer. Never rejects: processes that exit meanwhile, or cannot be read, count as nothing.
 */
export interface Sampler {
  /** Roots that are not named are forgotten; if they are named again, they begin anew. */
  sample(roots: readonly number[]): Promise<ReadonlyMap<number, TreeReading>>;
  /** Has no budget of time; forgets no root. */
  details(roots: readonly number[]): Promise<ReadonlyMap<number, TreeDetails>>;
  /**
   * The TCP ports on which each tree listens, in order; null: the system does not tell. The sockets of the machine are read
   * once for all roots. Forgets no root.
   */
  listening(roots: readonly number[]): Promise<ReadonlyMap<number, readonly number[] | null>>;
  close(): void;
}

/** Long work in slices, between which everything else has its turn. */
export interface Slice {
  isOver(): boolean;
  /** Until everything else has had its turn. Rejects with the signal's reason. */
  rest(): Promise<void>;
}

const LONGEST_MS = 8;

export function createSlice(signal?: AbortSignal): Slice {
  let endMs = performance.now() + LONGEST_MS;
  return {
    isOver: () => performance.now() > endMs,
    async rest() {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      endMs = performance.now() + LONGEST_MS;
    },
  };
}

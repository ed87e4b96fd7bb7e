/** What processes exchange through their supervisor. It is made at the first request for any of it. */
export interface Exchange {
  /** Nothing is given out or taken any more. */
  close(): void;
}

export function createExchange(): Exchange {
  return {
    close: () => undefined,
  };
}

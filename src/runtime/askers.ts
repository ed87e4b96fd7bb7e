import type { TicketResult } from '../core/fleet/tickets.ts';

type Results = readonly TicketResult[];

/** Those who wait for the answers to their requests, by the numbers of their tickets. */
export interface Askers {
  /** How many wait. */
  readonly size: number;
  /** Gives the request a number, sends it, and resolves when that is settled. Rejects with what `send` throws. */
  ask(send: (ticket: number) => void): Promise<Results>;
  /** Comes once for each ticket. */
  settle(ticket: number, results: Results): void;
}

export function createAskers(): Askers {
  const waiting = new Map<number, (results: Results) => void>();
  let tickets = 0;
  return {
    get size() {
      return waiting.size;
    },
    async ask(send) {
      const ticket = (tickets += 1);
      const answered = new Promise<Results>((resolve) => waiting.set(ticket, resolve));
      try {
        send(ticket);
      } catch (error) {
        // Even if it has its answer by now: nobody else would hear of the defect.
        waiting.delete(ticket);
        throw error;
      }
      return answered;
    },
    settle(ticket, results) {
      waiting.get(ticket)?.(results);
      waiting.delete(ticket);
    },
  };
}

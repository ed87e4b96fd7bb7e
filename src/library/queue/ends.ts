/** How the leases of this process end. What ends in one turn is one request. */
import { QueueError } from './error.ts';

export type Ask = (verb: string, input: object) => Promise<unknown>;

interface Lost {
  readonly lost: readonly string[];
}

export interface Ends {
  /** Resolves with the leases of that request that were lost. */
  ack(lease: string): Promise<ReadonlySet<string>>;
  /** Rejects with `LEASE_LOST`. */
  end(verb: string, id: string, input: object): Promise<void>;
  /** They were no failures, and come first again. */
  giveBack(leases: readonly string[]): Promise<unknown>;
}

interface Batch {
  readonly leases: string[];
  readonly answer: Promise<ReadonlySet<string>>;
}

/** Of one request. */
const MOST_LEASES = 1000;

export function createEnds(ask: Ask): Ends {
  let open: Batch | undefined;

  const send = async (leases: readonly string[]): Promise<ReadonlySet<string>> => {
    const { lost } = (await ask('ack', { leases })) as Lost;
    return lost.length === 0 ? NONE : new Set(lost);
  };

  // A tick comes when all that is ready has run, each pass of a loop over messages too.
  const begin = (): Batch => {
    const leases: string[] = [];
    const answer = new Promise<ReadonlySet<string>>((resolve) => {
      process.nextTick(() => {
        if (open?.leases === leases) open = undefined;
        resolve(send(leases));
      });
    });
    return { leases, answer };
  };

  return {
    ack(lease) {
      if (open === undefined || open.leases.length === MOST_LEASES) open = begin();
      open.leases.push(lease);
      return open.answer;
    },
    async end(verb, id, input) {
      const { lost } = (await ask(verb, input)) as Lost;
      if (lost.length > 0) throw lostError(id);
    },
    giveBack: (leases) => ask('nack', { leases, again: true, delay: 0 }),
  };
}

const NONE: ReadonlySet<string> = new Set();

export const lostError = (id: string): QueueError =>
  new QueueError('LEASE_LOST', `message ${id} is finished or was given to another reader`);

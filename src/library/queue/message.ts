/** A message in the hands of its reader. */
import { bytesOf, type SentMessage } from '../../control/session/message.ts';
import { lostError, type Ends } from './ends.ts';
import type { NackOptions } from './options.ts';

/** A message that was given to this process. */
export interface QueueMessage {
  readonly id: string;
  /** Which run this is; 1 is the first. */
  readonly attempt: number;
  /** As UTF-8. */
  readonly text: string;
  readonly bytes: Uint8Array;
  /** The work is done. Rejects with `LEASE_LOST` if another reader has it. */
  ack(): Promise<void>;
  /** Gives it back. */
  nack(options?: NackOptions): Promise<void>;
  /** Sets the end of its lease to so many milliseconds from now. */
  extend(leaseMs: number): Promise<void>;
}

/** As the protocol has it. */
export interface Given {
  readonly id: string;
  readonly lease: string;
  readonly attempt: number;
  readonly message: SentMessage;
}

export class GivenMessage implements QueueMessage {
  readonly #given: Given;
  readonly #ends: Ends;

  constructor(given: Given, ends: Ends) {
    this.#given = given;
    this.#ends = ends;
  }

  get id(): string {
    return this.#given.id;
  }

  get attempt(): number {
    return this.#given.attempt;
  }

  get text(): string {
    const { message } = this.#given;
    return typeof message === 'string' ? message : bytesOf(message).toString();
  }

  get bytes(): Uint8Array {
    return bytesOf(this.#given.message);
  }

  get lease(): string {
    return this.#given.lease;
  }

  async ack(): Promise<void> {
    const { id, lease } = this.#given;
    const lost = await this.#ends.ack(lease);
    if (lost.has(lease)) throw lostError(id);
  }

  nack({ again, delayMs: delay, reason }: NackOptions = {}): Promise<void> {
    const { id, lease } = this.#given;
    return this.#ends.end('nack', id, { leases: [lease], again, delay, reason });
  }

  extend(leaseMs: number): Promise<void> {
    const { id, lease } = this.#given;
    return this.#ends.end('extend', id, { leases: [lease], lease: leaseMs });
  }
}

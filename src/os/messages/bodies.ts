/**
 * Bodies of messages in memory by their numbers, which grow. A string costs V8 fifty bytes more than its text, so where
 * many wait, full chunks of short ones are kept as one block of text each, until one of them is asked for.
 */
import type { MessageBody } from '../../core/exchange/queue/events.ts';

export interface Stored {
  readonly body: MessageBody;
  readonly queue: number;
  readonly bytes: number;
}

interface Chunk {
  /** Undefined: packed. */
  bodies: (MessageBody | undefined)[] | undefined;
  packed: Buffer | undefined;
  readonly queues: Uint32Array;
  readonly sizes: Uint32Array;
  count: number;
  bytes: number;
  isText: boolean;
}

const SIZE = 1024;
/** Chunks that are kept as they are, for what is put is mostly taken soon. */
const LOOSE = 64;
/** Of a chunk; larger bodies cost little more than their text. */
const MOST_PACKED_BYTES = 256 * 1024;
/** Those that are left of an old chunk are kept singly: it takes 16 KiB. */
const FEW = 128;

export class Bodies {
  readonly #chunks = new Map<number, Chunk>();
  /** What is left of old chunks. */
  readonly #few = new Map<number, Stored>();
  #loose = 0;
  #newest = 0;

  get(seq: number): Stored | undefined {
    const chunk = this.#chunks.get(Math.floor(seq / SIZE));
    if (chunk === undefined) return this.#few.get(seq);
    const at = seq % SIZE;
    const body = this.#bodiesOf(chunk)[at];
    return body === undefined
      ? undefined
      : { body, queue: chunk.queues[at] ?? 0, bytes: chunk.sizes[at] ?? 0 };
  }

  bodyOf(seq: number): MessageBody | undefined {
    const chunk = this.#chunks.get(Math.floor(seq / SIZE));
    return chunk === undefined ? this.#few.get(seq)?.body : this.#bodiesOf(chunk)[seq % SIZE];
  }

  /** One that is there is replaced. */
  set(seq: number, queue: number, body: MessageBody, bytes: number): void {
    const key = Math.floor(seq / SIZE);
    let chunk = this.#chunks.get(key);
    if (chunk === undefined && this.#few.has(seq)) {
      this.#few.set(seq, { body, queue, bytes });
      return;
    }
    if (chunk === undefined) {
      this.#newest = Math.max(this.#newest, key);
      chunk = newChunk();
      this.#chunks.set(key, chunk);
      this.#loose += 1;
      this.#packOne(key - LOOSE);
    }
    const at = seq % SIZE;
    const bodies = this.#bodiesOf(chunk);
    if (bodies[at] === undefined) chunk.count += 1;
    else chunk.bytes -= chunk.sizes[at] ?? 0;
    bodies[at] = body;
    chunk.queues[at] = queue;
    chunk.sizes[at] = bytes;
    chunk.bytes += bytes;
    chunk.isText &&= typeof body === 'string';
  }

  /** The size of what was removed; undefined: it was not there. */
  delete(seq: number): number | undefined {
    const key = Math.floor(seq / SIZE);
    const chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      const one = this.#few.get(seq);
      this.#few.delete(seq);
      return one?.bytes;
    }
    const at = seq % SIZE;
    const bodies = this.#bodiesOf(chunk);
    if (bodies[at] === undefined) return undefined;
    bodies[at] = undefined;
    const bytes = chunk.sizes[at] ?? 0;
    chunk.count -= 1;
    chunk.bytes -= bytes;
    if (chunk.count === 0 || (chunk.count <= FEW && key < this.#newest)) this.#dissolve(key, chunk);
    return bytes;
  }

  /** Those of one queue; they may be deleted meanwhile. */
  *seqsOf(queue: number): Generator<number> {
    for (const [seq, one] of this.#few) if (one.queue === queue) yield seq;
    for (const [key, chunk] of this.#chunks) {
      if (!chunk.queues.includes(queue)) continue;
      const bodies = this.#bodiesOf(chunk);
      // A chunk may be dissolved meanwhile; its bodies are still here.
      for (let at = 0; at < SIZE; at += 1)
        if (bodies[at] !== undefined && chunk.queues[at] === queue) yield key * SIZE + at;
    }
  }

  #dissolve(key: number, chunk: Chunk): void {
    this.#chunks.delete(key);
    this.#loose -= 1;
    if (chunk.count === 0) return;
    for (const [at, body] of this.#bodiesOf(chunk).entries()) {
      const [queue = 0, bytes = 0] = [chunk.queues[at], chunk.sizes[at]];
      if (body !== undefined) this.#few.set(key * SIZE + at, { body, queue, bytes });
    }
  }

  clear(): void {
    this.#few.clear();
    this.#chunks.clear();
    this.#loose = 0;
  }

  /** The one that was full a while ago, if no reader has come to it. */
  #packOne(key: number): void {
    const chunk = this.#loose > LOOSE ? this.#chunks.get(key) : undefined;
    if (chunk?.bodies === undefined || chunk.count < SIZE) return;
    if (!chunk.isText || chunk.bytes > MOST_PACKED_BYTES) return;
    chunk.packed = Buffer.from(JSON.stringify(chunk.bodies));
    chunk.bodies = undefined;
    this.#loose -= 1;
  }

  #bodiesOf(chunk: Chunk): (MessageBody | undefined)[] {
    if (chunk.bodies === undefined) {
      chunk.bodies = JSON.parse(chunk.packed?.toString() ?? '[]') as string[];
      chunk.packed = undefined;
      this.#loose += 1;
    }
    return chunk.bodies;
  }
}

const newChunk = (): Chunk => ({
  ...{ bodies: new Array<undefined>(SIZE).fill(undefined), packed: undefined },
  ...{ queues: new Uint32Array(SIZE), sizes: new Uint32Array(SIZE), count: 0, bytes: 0, isText: true },
});

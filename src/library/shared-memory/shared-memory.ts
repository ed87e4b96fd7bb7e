import { SharedMemoryError } from './error.ts';
import type { Mapping } from './mapping.ts';
import type { CreateSharedMemoryOptions, SharedMemoryOptions } from './options.ts';

/**
 * Memory that processes share, by the supervisor of the project: the same bytes for all that open it, in any language.
 *
 *     const memory = await SharedMemory.open('counter');
 *     Atomics.add(new Int32Array(memory.buffer), 0, 1);
 *
 * `Atomics.add`, `load`, `store`, `exchange` and `compareExchange` are atomic across processes. `Atomics.wait` and `notify`
 * are not for it: they need a SharedArrayBuffer, which is memory of one process.
 *
 * It exists until `remove`, `procsup shm rm` or the end of the supervisor, whatever becomes of those that have opened it.
 */
export class SharedMemory {
  /**
   * Makes it, of `bytes` zeros, and opens it. All of it is allocated. Rejects with a `SharedMemoryError`: `EXISTS`, `NO_ROOM`,
   * and those of `open`.
   */
  static async create(
    name: string,
    bytes: number,
    options: CreateSharedMemoryOptions = {},
  ): Promise<SharedMemory> {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new TypeError('bytes must be an integer, at least 0');
    const { createMapping } = await import('./mapping.ts');
    return new SharedMemory(await createMapping(name, bytes, options));
  }

  /** Rejects with a `SharedMemoryError`: `MISSING`, `NO_SUPERVISOR`, `UNREACHABLE`, `NO_KOFFI`, `NOT_MAPPED`. */
  static async open(name: string, options: SharedMemoryOptions = {}): Promise<SharedMemory> {
    const { openMapping } = await import('./mapping.ts');
    return new SharedMemory(await openMapping(name, options));
  }

  readonly name: string;
  /** Of the file. Other programs map it. */
  readonly path: string;
  readonly byteLength: number;
  readonly #mapping: Mapping;
  #isClosed = false;

  private constructor(mapping: Mapping) {
    this.name = mapping.name;
    this.path = mapping.path;
    this.byteLength = mapping.buffer.byteLength;
    this.#mapping = mapping;
  }

  /** The shared bytes. It is no copy: what is written to it, others read at once. Throws `CLOSED` after `close`. */
  get buffer(): ArrayBuffer {
    if (!this.#isClosed) return this.#mapping.buffer;
    throw new SharedMemoryError('CLOSED', `shared memory '${this.name}' was closed`);
  }

  /**
   * Leaves it; others keep it. Arrays that were made of `buffer` are empty then; on Node 20 they read zeros. Without `close` it
   * is left when the process ends. Again has no effect.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#mapping.unmap();
  }

  /** Removes its name and file. Those that have opened it, this process too, keep their bytes until they close it. */
  async remove(): Promise<void> {
    await this.#mapping.remove();
  }

  /** `using memory = await SharedMemory.open(...)`: `close` at the end of the block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

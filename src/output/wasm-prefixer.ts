/**
 * The prefixer with the SIMD inserter (insert-prefix.as.ts). Pipes are read straight into its memory:
 *
 *     [ prefix, one page | workspace | output, with room for the longest line over its limit ]
 *
 * The memory never grows, which would detach every view of it.
 */
import {
  cleanIn,
  createPlainPrefixer,
  LINE_LIMIT_BYTES,
  OUTPUT_BYTES,
  WORKSPACE_BYTES,
  type Prefix,
  type Prefixer,
} from './prefixer.ts';

const PAGE_BYTES = 64 * 1024;
const WORKSPACE_AT = PAGE_BYTES;
const OUTPUT_AT = WORKSPACE_AT + Math.ceil(WORKSPACE_BYTES / PAGE_BYTES) * PAGE_BYTES;
const OUTPUT_LIMIT = OUTPUT_AT + OUTPUT_BYTES;
const MEMORY_BYTES = OUTPUT_LIMIT + LINE_LIMIT_BYTES + PAGE_BYTES;

/** What insert-prefix.as.ts exports: its end is negative where there may be something to clean. */
interface Inserter {
  readonly insert: (
    from: number,
    end: number,
    to: number,
    limit: number,
    prefix: number,
    length: number,
  ) => number;
  readonly stoppedAt: { readonly value: number };
}

/** The little of WebAssembly that is used here; its types otherwise come only with those of a browser. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

type Memory = InstanceType<typeof WebAssembly.Memory>;

/** Loading the inserter takes 1 ms: most runs never print so much that it is worth that. */
const WORTH_LOADING_BYTES = 256 * 1024;

/**
 * Begins as the plain prefixer, and becomes the faster one when much is printed: at once, for until a promise is kept many
 * writers print much more. `readCode` gives dist/insert-prefix.wasm. Where that or WebAssembly is not to be had (its
 * memory reserves 10 GB of addresses, which `ulimit -v` forbids) it stays plain: same output, more CPU.
 */
export function createGrowingPrefixer(readCode: () => Uint8Array): Prefixer {
  const memory = reserveMemory();
  if (memory === undefined) return createPlainPrefixer();
  let current = createPlainPrefixer(workspaceIn(memory));
  let untilLoading = WORTH_LOADING_BYTES;

  const grow = (): void => {
    try {
      current = createWasmPrefixer(readCode(), memory);
    } catch {
      // The plain one does the same.
    }
  };

  return {
    workspace: current.workspace,
    insert(start, end, prefix, emit, clean) {
      if (untilLoading > 0) {
        untilLoading -= end - start;
        if (untilLoading <= 0) grow();
      }
      current.insert(start, end, prefix, emit, clean);
    },
  };
}

function reserveMemory(): Memory | undefined {
  const pages = MEMORY_BYTES / PAGE_BYTES;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

function workspaceIn(memory: Memory): Buffer {
  return Buffer.from(memory.buffer, WORKSPACE_AT, WORKSPACE_BYTES);
}

/** Throws where `code` is not what the build makes. */
export function createWasmPrefixer(code: Uint8Array, memory = reserveMemory()): Prefixer {
  if (memory === undefined) throw new Error('there is no memory for WebAssembly');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  const { insert, stoppedAt } = exports as Inserter;

  const prefixBytes = Buffer.from(memory.buffer, 0, PAGE_BYTES);
  const workspace = workspaceIn(memory);
  const output = Buffer.from(memory.buffer, OUTPUT_AT);
  let loaded: Prefix | undefined;

  return {
    workspace,
    insert(start, end, prefix, emit, clean) {
      if (prefix !== loaded) {
        prefixBytes.set(prefix.bytes);
        loaded = prefix;
      }
      let from = WORKSPACE_AT + start;
      let linesEnd = WORKSPACE_AT + end;
      let isClean = clean === undefined;
      while (from < linesEnd) {
        const outputEnd = insert(from, linesEnd, OUTPUT_AT, OUTPUT_LIMIT, 0, prefix.bytes.length);
        if (outputEnd < 0 && !isClean) {
          linesEnd = WORKSPACE_AT + cleanIn(workspace, from - WORKSPACE_AT, linesEnd - WORKSPACE_AT, clean);
          isClean = true;
          continue;
        }
        from = stoppedAt.value;
        emit(output.subarray(0, Math.abs(outputEnd) - OUTPUT_AT));
      }
    },
  };
}

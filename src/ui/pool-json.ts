/**
 * The lines of `procsup pool --json`, one for each job. Output may be larger than the longest string: it is made in pieces.
 */
import type { Job, JobExit, JobOutput, JobResult, NotDone } from '../core/pool/job.ts';
import { bytesOfValue, isUtf8Value, readableValue } from '../core/pool/quote-value.ts';

/** A line. Text that is not UTF-8 has U+FFFD in its place, and is there once more as base64. */
export interface PoolRecord {
  /** From 1, in the order of the input. */
  readonly seq: number;
  readonly values: readonly string[];
  readonly valuesBase64?: readonly string[];
  /** `stopped`: by the pool; `not-run`: it was read from the input, but not started. Both have no more than `exit`, null. */
  readonly outcome: 'succeeded' | 'failed' | 'timed-out' | NotDone;
  readonly exit: JobExit | null;
  readonly attempts?: number;
  readonly slot?: number;
  readonly command?: string;
  /** Of the last attempt, as ISO 8601. */
  readonly start?: string;
  readonly durationMs?: number;
  readonly stdout?: string;
  readonly stdoutBase64?: string;
  readonly stderr?: string;
  readonly stderrBase64?: string;
}

export function notDoneRecord({ seq, values }: Job, outcome: NotDone): Iterable<Uint8Array> {
  const record: PoolRecord = { seq, ...valuesOf(values), outcome, exit: null };
  return [ENCODER.encode(`${JSON.stringify(record)}\n`)];
}

export function* endedRecord(job: Job, result: JobResult, output: JobOutput): Iterable<Uint8Array> {
  const { seq, exit, attempts, slot, command, startedAtMs, runtimeMs } = result;
  const record: PoolRecord = {
    ...{ seq, ...valuesOf(job.values), outcome: outcomeOf(result), exit, attempts, slot },
    ...{ command: readableValue(command), start: new Date(startedAtMs).toISOString() },
    durationMs: Math.round(runtimeMs),
  };
  yield ENCODER.encode(JSON.stringify(record).slice(0, -1));
  for (const stream of ['stdout', 'stderr'] as const) {
    const isText = isUtf8(output.read(stream));
    yield ENCODER.encode(`,"${stream}":"`);
    for (const text of decoded(output.read(stream))) yield ENCODER.encode(JSON.stringify(text).slice(1, -1));
    yield QUOTE;
    if (isText) continue;
    yield ENCODER.encode(`,"${stream}Base64":"`);
    for (const text of base64(output.read(stream))) yield ENCODER.encode(text);
    yield QUOTE;
  }
  yield ENCODER.encode('}\n');
}

const ENCODER = new TextEncoder();
const QUOTE = ENCODER.encode('"');

function outcomeOf({ exit, timedOut }: JobResult): PoolRecord['outcome'] {
  if (timedOut) return 'timed-out';
  return 'code' in exit && exit.code === 0 ? 'succeeded' : 'failed';
}

function valuesOf(values: readonly string[]): Pick<PoolRecord, 'values' | 'valuesBase64'> {
  if (values.every(isUtf8Value)) return { values };
  return {
    values: values.map((value) => [...decoded([bytesOfValue(value)])].join('')),
    valuesBase64: values.map((value) => [...base64([bytesOfValue(value)])].join('')),
  };
}

function isUtf8(blocks: Iterable<Uint8Array>): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (const block of blocks) decoder.decode(block, { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** A character may be in two blocks. */
function* decoded(blocks: Iterable<Uint8Array>): Generator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const block of blocks) yield decoder.decode(block, { stream: true });
  yield decoder.decode();
}

/** Three bytes are four characters: what is left of a block goes to the next one. */
function* base64(blocks: Iterable<Uint8Array>): Generator<string, void, undefined> {
  let rest: number[] = [];
  for (const block of blocks) {
    const whole = block.length + rest.length - ((block.length + rest.length) % 3);
    let text = String.fromCharCode(...rest);
    for (let at = 0; at < block.length; at += CHARACTERS_AT_ONCE)
      text += String.fromCharCode(...block.subarray(at, at + CHARACTERS_AT_ONCE));
    yield btoa(text.slice(0, whole));
    rest = Array.from(text.slice(whole), (character) => character.charCodeAt(0));
  }
  yield btoa(String.fromCharCode(...rest));
}

/** Arguments of one call. */
const CHARACTERS_AT_ONCE = 8192;

/** Formats log lines: with time and name, as JSON, or bare. */
import { isUtf8 } from 'node:buffer';
import type { LogRecord } from '../../control/api.ts';
import { processIn } from '../../core/plan/select.ts';
import { colourless, plainBytes, safeBytes } from '../../text/terminal-safe.ts';
import { logPrefix, type Timestamps } from '../../ui/log-prefix.ts';
import type { Io } from '../io.ts';
import { createBareLine } from './bare-line.ts';
import { createLineJoiner, type JoinedLine } from './join-lines.ts';

export interface LogLinesOptions {
  readonly json: boolean;
  readonly prefix: boolean;
  readonly timestamps: Timestamps;
  readonly grep: RegExp | undefined;
  /** All instances in the order of the Procfile, which decides their colors and the width of the names. */
  readonly instances: readonly string[];
  readonly io: Io;
  readonly forTerminal: boolean;
}

/** The line with its newline; undefined if it is filtered out, or a piece that is shown together with the next. */
export type LogLines = (
  line: LogRecord | { readonly missed: number } | { readonly past: 'over' },
) => Uint8Array | undefined;

/** Longer lines come in marked pieces. Without a prefix only what no string can hold is cut. */
const PREFIXED_LIMIT_BYTES = 1024 * 1024;
const BARE_LIMIT_BYTES = 128 * 1024 * 1024;

export async function createLogLines(options: LogLinesOptions): Promise<LogLines> {
  const { json, grep, io, forTerminal } = options;
  const { stdout: isColoured } = io.coloured;
  const hasPrefix = options.prefix && !json;
  const prefixFor = options.prefix ? await prefixOf(options) : () => '';
  const join = createLineJoiner(hasPrefix ? PREFIXED_LIMIT_BYTES : BARE_LIMIT_BYTES);
  const bare = createBareLine();

  const clean = isColoured ? safeBytes : plainBytes;
  const cleaned = (bytes: Buffer): Buffer => {
    if (hasPrefix || forTerminal) return Buffer.from(clean(bytes.toString('latin1')), 'latin1');
    return isColoured || !bytes.includes(ESC)
      ? bytes
      : Buffer.from(colourless(bytes.toString('latin1')), 'latin1');
  };

  return (line) => {
    if ('past' in line) return undefined;
    if ('missed' in line) {
      if (json) return Buffer.from(`${JSON.stringify(line)}\n`);
      const text = `dropped ${String(line.missed)} lines (reader too slow)\n`;
      // Bare output contains only what the program wrote.
      if (!options.prefix) {
        io.stderr(`procsup: ${text}`);
        return undefined;
      }
      return Buffer.from(prefixFor({ name: 'system', time: new Date().toISOString() }, true) + text);
    }
    const joined = join(line);
    if (joined === undefined) return undefined;
    const { record, bytes, unfinished } = joined;
    if (grep?.test(colourless(bytes.toString())) === false) return undefined;
    if (json) return Buffer.from(`${JSON.stringify(recordOf(joined, isColoured))}\n`);
    if (hasPrefix) {
      return Buffer.concat([
        Buffer.from(prefixFor(record, unfinished === undefined)),
        cleaned(bytes),
        NEWLINE,
      ]);
    }
    return bare({
      name: record.name,
      bytes: cleaned(bytes),
      isUnfinished: unfinished !== undefined,
      isRedrawn: forTerminal && bytes.includes(CR),
    });
  };
}

/** `base64` has the bytes as they were written; colours in the text are there only if ours are. */
function recordOf({ record, bytes, unfinished }: JoinedLine, isColoured: boolean): LogRecord {
  const { time, name, base64 } = record;
  const text = bytes.toString();
  return {
    ...{ time, name, text: isColoured ? text : colourless(text) },
    ...((base64 !== undefined || !isUtf8(bytes)) && { base64: bytes.toString('base64') }),
    ...(unfinished !== undefined && { unfinished }),
  };
}

const [ESC, CR] = [0x1b, 0x0d];
const NEWLINE = Buffer.from('\n');

async function prefixOf({ instances, timestamps, io }: LogLinesOptions) {
  const theme = await io.theme('stdout');
  const processes = [...new Set(instances.map(processIn))];
  const colour = (text: string, index: number) =>
    index < 0 ? theme.system(text) : theme.process(index)(text);
  const width = Math.max(...['system', ...instances].map((name) => name.length));
  const prefix = logPrefix({ timestamps, width, colour });
  return ({ name, time }: Pick<LogRecord, 'name' | 'time'>, isFinished: boolean) =>
    prefix({ name, index: processes.indexOf(processIn(name)) }, Date.parse(time), isFinished);
}

/** Formats log lines: with time and name, as JSON, or bare. */
import type { LogRecord } from '../../control/api.ts';
import { processIn } from '../../core/plan/select.ts';
import { safeBytes } from '../../text/terminal-safe.ts';
import { logPrefix, type Timestamps } from '../../ui/log-prefix.ts';
import type { Io } from '../io.ts';

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

/** The line with its newline, or undefined if it is filtered out. */
export type LogLines = (
  line: LogRecord | { readonly missed: number } | { readonly past: 'over' },
) => Uint8Array | undefined;

export async function createLogLines(options: LogLinesOptions): Promise<LogLines> {
  const { json, grep, io, forTerminal } = options;
  const prefixFor = options.prefix ? await prefixOf(options) : () => '';
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
      return Buffer.from(prefixFor({ name: 'system', time: new Date().toISOString(), text }) + text);
    }
    if (grep?.test(line.text) === false) return undefined;
    if (json) return Buffer.from(`${JSON.stringify(line)}\n`);
    const bytes = line.base64 === undefined ? Buffer.from(line.text) : Buffer.from(line.base64, 'base64');
    const shown = forTerminal ? Buffer.from(safeBytes(bytes.toString('latin1')), 'latin1') : bytes;
    return Buffer.concat([Buffer.from(prefixFor(line)), shown, NEWLINE]);
  };
}

const NEWLINE = Buffer.from('\n');

async function prefixOf({ instances, timestamps, io }: LogLinesOptions) {
  const theme = await io.theme('stdout');
  const processes = [...new Set(instances.map(processIn))];
  const colour = (text: string, index: number) =>
    index < 0 ? theme.system(text) : theme.process(index)(text);
  const width = Math.max(...['system', ...instances].map((name) => name.length));
  const prefix = logPrefix({ timestamps, width, colour });
  return ({ name, time }: LogRecord) =>
    prefix({ name, index: processes.indexOf(processIn(name)) }, Date.parse(time), true);
}

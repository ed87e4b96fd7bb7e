import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import type { About, LogRecord } from '../../control/api.ts';
import { processIn, selectInstances } from '../../core/plan/select.ts';
import { nodeDisk } from '../../logs/disk.ts';
import { listLogs } from '../../logs/paths.ts';
import { readLogFiles } from '../../logs/read.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf } from '../../os/files/places.ts';
import { isatty } from 'node:tty';
import type { Timestamps } from '../../ui/log-prefix.ts';
import { createLogLines, type LogLines } from '../client/log-lines.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { printStream } from '../client/print-stream.ts';
import { sinceOf } from '../client/since.ts';
import type { Io } from '../io.ts';
import { recordOf } from '../../host/log-record.ts';
import type { SettingsReader } from '../read-settings.ts';
import { namesOrAll } from './ps.ts';

export interface LogsSettings {
  readonly names: readonly string[];
  readonly follow: boolean;
  readonly lines: number | undefined;
  readonly since: number | undefined;
  readonly grep: RegExp | undefined;
  readonly json: boolean;
  readonly timestamps: Timestamps;
  readonly prefix: boolean;
}

/** `procsup logs` */
export const logs = controlCommand<LogsSettings>({
  settings: (read, names) => ({
    names,
    follow: read.isOn('follow'),
    lines: read.count('lines'),
    since: sinceOf(read),
    grep: grepOf(read),
    json: read.isOn('json'),
    timestamps: read.choice('timestamps'),
    prefix: !read.isOn('no-prefix'),
  }),

  async carryOut(context, settings) {
    const { names, follow, since, lines, grep } = settings;
    const about = bodyOf<About>(await context.client.get('/v1/supervisor'));
    const print = await linesFor(context.io, settings, about.instances);
    // What is parsed or matched is whole lines.
    const late = (follow && !settings.json && grep === undefined) || undefined;
    const query = { names: namesOrAll(names), follow, since, late };
    // Lines are matched here: an expensive pattern must not block the supervisor.
    if (grep === undefined || lines === undefined) {
      return printStream(context, '/v1/logs', { ...query, lines }, (line) => print(line as LogRecord));
    }
    return printStream(context, '/v1/logs', query, lastOnes(lines, print));
  },

  async alone(io, settings, root) {
    const { since, lines, follow } = settings;
    const { logDirectory } = placesOf(root, io.env);
    if (!existsSync(logDirectory)) {
      io.stderr(`procsup: no supervisor is running for ${root}, and there are no log files\n`);
      return STATUS.supervisor;
    }
    const { names, unknown } = namesInFiles(logDirectory, settings.names);
    for (const { word, meant } of unknown) {
      const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
      io.stderr(`procsup: no supervisor is running for ${root}, and '${word}' has no log file${hint}\n`);
    }
    if (unknown.length > 0) return STATUS.usage;
    const query = { names, sinceMs: since ?? null, lines: null };
    const print = await linesFor(io, settings, names);
    const kept: Uint8Array[] = [];
    for await (const batch of readLogFiles(logDirectory, query, systemClock)) {
      for (const entry of batch) {
        const line = print(recordOf(entry));
        if (line !== undefined) kept.push(line);
        if (lines !== undefined && kept.length > lines) kept.shift();
      }
      if (lines === undefined) for (const line of kept.splice(0)) io.stdout(line);
    }
    for (const line of kept) io.stdout(line);
    io.stderr(`procsup: no supervisor is running for ${root}; showing the log files of the last one\n`);
    return follow ? STATUS.supervisor : STATUS.success;
  },
});

/** The instances that have log files: no supervisor can be asked which instances `web` has. */
function namesInFiles(directory: string, words: readonly string[]) {
  const kept = [...listLogs(nodeDisk, directory).keys()].sort();
  const named = kept.map((name) => ({ name, process: processIn(name) }));
  return selectInstances(words, named, []);
}

function linesFor(io: Io, settings: LogsSettings, instances: readonly string[]): Promise<LogLines> {
  return createLogLines({ ...settings, instances, io, forTerminal: isatty(1) });
}

/** Keeps the last `count` past lines and prints them when the past is over. */
function lastOnes(count: number, print: LogLines): (line: unknown) => Uint8Array | undefined {
  let kept: Uint8Array[] | undefined = [];
  return (line) => {
    const printed = isEndOfPast(line) ? undefined : print(line as LogRecord);
    if (kept === undefined) return printed;
    if (printed !== undefined) kept.push(printed);
    if (kept.length > count) kept.shift();
    if (!isEndOfPast(line)) return undefined;
    const past = Buffer.concat(kept);
    kept = undefined;
    return past;
  };
}

const isEndOfPast = (line: unknown): boolean => (line as { readonly past?: unknown }).past === 'over';

function grepOf(read: SettingsReader): RegExp | undefined {
  return read.text<RegExp>('grep', (text) => {
    try {
      return { value: new RegExp(text, 'u') };
    } catch {
      return {
        message: `invalid regular expression '${text}'`,
        remedy: 'escape special characters with a backslash',
      };
    }
  });
}

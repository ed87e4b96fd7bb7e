import { existsSync } from 'node:fs';
import { STATUS } from '../../core/process/exit.ts';
import type { About, RunMark } from '../../control/api.ts';
import { processIn, selectInstances } from '../../core/plan/select.ts';
import { nodeDisk } from '../../logs/disk.ts';
import { listLogs } from '../../logs/paths.ts';
import { readLogFiles } from '../../logs/read.ts';
import { partedByRuns, readRuns } from '../../logs/runs.ts';
import { systemClock } from '../../os/clock.ts';
import { placesOf } from '../../os/files/places.ts';
import { isatty } from 'node:tty';
import type { Timestamps } from '../../ui/log-prefix.ts';
import { createLogLines, type LogLines } from '../client/log-lines.ts';
import { createRunMarks } from '../client/run-marks.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { printStream } from '../client/print-stream.ts';
import { sinceOf } from '../client/since.ts';
import type { Io } from '../io.ts';
import { markOf, recordOf } from '../../host/records/log-record.ts';
import type { SettingsReader } from '../read-settings.ts';
import { namesOrAll } from './ps.ts';

export interface LogsSettings {
  readonly names: readonly string[];
  readonly follow: boolean;
  /** Also of earlier runs. */
  readonly all: boolean;
  readonly lines: number | undefined;
  readonly since: number | undefined;
  readonly grep: RegExp | undefined;
  readonly json: boolean;
  readonly timestamps: Timestamps;
  readonly prefix: boolean;
}

/** With `-f` so many lines come first, unless something else was asked for. */
const FOLLOWED_LINES = 100;

/** `procsup logs` */
export const logs = controlCommand<LogsSettings>({
  settings(read, names) {
    const [follow, since] = [read.isOn('follow'), sinceOf(read)];
    const isUnbounded = !follow || since !== undefined;
    return {
      ...{ names, follow, since, all: read.isOn('all') },
      lines: read.count('lines') ?? (isUnbounded ? undefined : FOLLOWED_LINES),
      grep: grepOf(read),
      json: read.isOn('json'),
      timestamps: read.choice('timestamps'),
      prefix: !read.isOn('no-prefix'),
    };
  },

  async carryOut(context, settings) {
    const { names, follow, since, lines, grep, all } = settings;
    const about = bodyOf<About>(await context.client.get('/v1/supervisor'));
    const print = await linesFor(context.io, settings, about.instances);
    // What is parsed or matched is whole lines.
    const late = (follow && !settings.json && grep === undefined) || undefined;
    const query = { names: namesOrAll(names), follow, since, late, all: all || undefined };
    // Lines are matched here: an expensive pattern must not block the supervisor.
    if (grep === undefined || lines === undefined) {
      return printStream(context, '/v1/logs', { ...query, lines }, (line) => print(line as LogLine)?.bytes());
    }
    return printStream(context, '/v1/logs', query, lastOnes(lines, print));
  },

  async alone(io, settings, root) {
    const { since, lines, follow, all } = settings;
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
    const runs = readRuns(nodeDisk, logDirectory);
    const query = {
      ...{ names, sinceMs: since ?? null, lines: null },
      afterStamp: all ? undefined : runs.at(-1)?.stamp,
    };
    const print = await linesFor(io, settings, names);
    const kept: Printed[] = [];
    const entries = readLogFiles(logDirectory, query, systemClock);
    for await (const batch of partedByRuns(entries, all ? runs : [], recordOf, markOf)) {
      for (const record of batch) {
        const line = print(record);
        if (line !== undefined) kept.push(line);
        if (lines !== undefined && kept.length > lines) kept.shift();
      }
      if (lines === undefined) for (const line of kept.splice(0)) io.stdout(line.bytes());
    }
    for (const line of kept) io.stdout(line.bytes());
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

/** What the stream of a supervisor consists of. */
type LogLine = Parameters<LogLines>[0] | RunMark;

/** A line to be shown. `bytes` is called in the order of the output: it begins with the mark of a run where another one begins. */
interface Printed {
  bytes(): Uint8Array;
}

async function linesFor(
  io: Io,
  settings: LogsSettings,
  instances: readonly string[],
): Promise<(line: LogLine) => Printed | undefined> {
  const wordsOf = await createLogLines({ ...settings, instances, io, forTerminal: isatty(1) });
  const marked = createRunMarks({ ...settings, io });
  let run: RunMark | undefined;
  return (line) => {
    if ('run' in line) {
      run = line;
      return undefined;
    }
    const [of, words] = [run, wordsOf(line)];
    return words && { bytes: () => marked(of, words) };
  };
}

/** Keeps the last `count` past lines and prints them when the past is over. */
function lastOnes(
  count: number,
  print: (line: LogLine) => Printed | undefined,
): (line: unknown) => Uint8Array | undefined {
  let kept: Printed[] | undefined = [];
  return (line) => {
    const printed = isEndOfPast(line) ? undefined : print(line as LogLine);
    if (kept === undefined) return printed?.bytes();
    if (printed !== undefined) kept.push(printed);
    if (kept.length > count) kept.shift();
    if (!isEndOfPast(line)) return undefined;
    const past = Buffer.concat(kept.map((one) => one.bytes()));
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

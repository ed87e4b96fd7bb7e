/** The schema of what a process is: its program, its surroundings, and when it is started at all. */
import { command, flag, NAME, text, texts, whole, wordLike } from './parts.ts';
import { z } from './zod.ts';

const value = () => z.nullable(z.union([z.string(), z.number(), z.boolean()]));

const envFile = z.strictObject({
  path: text('Path of the file, relative to the project.'),
  required: z.optional(flag('false: the file may be missing. Default: true.')),
});

const schedule = z.strictObject({
  cron: text("Five fields, 'minute hour day month weekday', or six with seconds first."),
  tz: z.optional(text('Time zone, such as Europe/Berlin. Default: that of the machine.')),
  overlap: z.optional(
    wordLike(
      'While the last run lives: leave the next one out (skip), start it afterwards (queue), or stop the last one for it (replace). Default: skip.',
      ['skip', 'queue', 'replace'],
    ),
  ),
});

/** What also pools have. */
export const SURROUNDINGS = {
  working_dir: z.optional(
    text('Directory in which it runs, relative to the project. Default: that of the project.'),
  ),
  environment: z.optional(
    z.union([
      z
        .record(z.string(), value())
        .check(z.describe('Variables and their values. They override those of env_file and .env.')),
      z.array(z.string()).check(z.describe('Variables as NAME=VALUE.')),
    ]),
  ),
  env_file: z.optional(
    z.union([
      text('File with variables, relative to the project. It overrides .env.'),
      envFile.check(z.describe('A file that may be missing.')),
      z
        .array(z.union([text('One file.'), envFile.check(z.describe('A file that may be missing.'))]))
        .check(z.describe('Files with variables. Later ones override earlier ones.')),
    ]),
  ),
  profiles: z.optional(texts('Start it only with --profile NAME, when it is named, or when it is needed.')),
  autostart: z.optional(flag('false: start it only when it is named or needed. Default: true.')),
};

/** Keys that may stand below `defaults` as well. */
export const PROGRAM_DEFAULTS = {
  instances: z.optional(whole('Number of instances. -m and scale override it. Default: 1.', 0, 1_000)),
  ...SURROUNDINGS,
  stdin: z.optional(
    z.nullable(
      wordLike('open: a pipe that does not end. null: /dev/null. Default: that of the command line.', [
        'open',
        'null',
      ]),
    ),
  ),
  tty: z.optional(flag('A terminal of its own, to which procsup attach gives access. Default: false.')),
};

/** Keys of one process. */
export const PROGRAM = {
  command: z.optional(command('What runs. Without it, the command of the Procfile.')),
  kind: z.optional(
    wordLike('service: meant to go on running. task: runs to its end once. Default: service.', [
      'service',
      'task',
    ]),
  ),
  ports: z.optional(
    z.union([
      whole('Port that it listens on.', 1, 65_535),
      z.string().check(z.meta({ description: 'The same as a string.', pattern: String.raw`^\d+$` })),
      z
        .array(z.union([z.number(), z.string()]))
        .check(z.describe('Ports that it listens on, beside its PORT.')),
    ]),
  ),
  schedule: z.optional(
    z.union([
      schedule.check(z.describe('When it is started, over and over.')),
      text("Cron expression: '*/5 * * * *'. It is started at these times."),
    ]),
  ),
};

export const processName = () => z.string().check(z.meta({ pattern: NAME }));

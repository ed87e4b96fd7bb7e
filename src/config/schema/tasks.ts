/** The schema of tasks: commands that are run once. */
import { NAMED_CAPS } from './caps.ts';
import { command, duration, flag, TASK_NAME, text, texts, whole, wordLike } from './parts.ts';
import { SURROUNDINGS } from './program.ts';
import { z } from './zod.ts';

const condition = () =>
  wordLike('Of a process: started, ready or succeeded. Of a task always succeeded.', [
    ...['started', 'ready', 'succeeded'],
  ]);

const need = z.strictObject({ condition: z.optional(condition()) });

const cache = z.strictObject({
  max_age: z.optional(duration('An older result is not used. Default: no limit.')),
});

const { working_dir, environment, env_file } = SURROUNDINGS;

const task = z.strictObject({
  command: z.optional(
    command(
      'What runs. npm:NAME is a script of its package.json. Without it: the script of the same name, or nothing.',
    ),
  ),
  description: z.optional(text('What it is for, as procsup task ls prints it.')),
  depends_on: z.optional(
    z.union([
      z
        .record(z.string(), z.nullable(z.union([need.check(z.describe('How it is needed.')), condition()])))
        .check(z.describe('Tasks and processes that it needs, with the condition.')),
      z
        .array(z.string())
        .check(
          z.describe(
            'Tasks that must have succeeded, and processes that must be ready. ^NAME: that task of all packages of the workspace on which its own depends.',
          ),
        ),
      text('One of them.'),
    ]),
  ),
  inputs: z.optional(
    texts('Files that its result depends on: globs relative to its directory; !GLOB takes back.'),
  ),
  outputs: z.optional(
    z.union([
      z
        .array(text('One of several.'))
        .check(
          z.describe('Files that it makes: globs relative to its directory. []: only its success counts.'),
        ),
      text('A glob of the files that it makes, relative to its directory.'),
    ]),
  ),
  env: z.optional(texts('Variables whose values its result depends on, by name or pattern: VITE_*.')),
  tools: z.optional(texts('Commands whose output its result depends on, such as node --version.')),
  cache: z.optional(
    z.union([
      cache.check(z.describe('Which results are used.')),
      flag(
        'false: it is always run. true: a result with the same inputs is used instead, where inputs and outputs are named. Default: true.',
      ),
    ]),
  ),
  timeout: z.optional(duration('Time limit of one attempt: its status is 124 then. Default: none.')),
  retries: z.optional(whole('How often it is tried again when it fails. Default: 0.', 0, 1_000)),
  uses: z.optional(NAMED_CAPS('it uses while it runs')),
  lock: z.optional(text('Named lock that it holds while it runs.')),
  args: z.optional(wordLike('pass: it is given what follows -- on the command line.', ['pass'])),
  interactive: z.optional(
    flag('true: it has the terminal, and nothing else runs meanwhile. Default: false.'),
  ),
  working_dir,
  environment,
  env_file,
});

export const tasks = z
  .record(
    z.string().check(z.meta({ pattern: TASK_NAME })),
    z.union([task.check(z.describe('What it does, and from what.')), command('A task that only runs this.')]),
  )
  .check(
    z.describe(
      "Commands that are run once, by procsup task NAME. '*#NAME': that script of every package of the workspace.",
    ),
  );

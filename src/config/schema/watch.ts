/** The schema of what a process watches. */
import { command, duration, flag, text, texts } from './parts.ts';
import { z } from './zod.ts';

const paths = (description: string) =>
  z.union([
    flag('true: the whole project. false: nothing.'),
    text(description),
    z.array(text('One of several.')).check(z.describe(description)),
  ]);

const watch = z.strictObject({
  paths: paths('Files, directories and globs, relative to the project.'),
  ignore: z.optional(
    texts(
      'Names at any depth, or with a slash paths, that are left out beside the usual ones; !NAME takes one back.',
    ),
  ),
  action: z.optional(
    command('restart (the default), a signal such as SIGHUP, or a command that is run beside it.'),
  ),
  run: z.optional(text('Task that is run before. When it fails, the process runs on as it is.')),
  debounce: z.optional(duration('How long it must be quiet. Default: 200ms.')),
  gitignore: z.optional(flag('true: leave out what the repository ignores. Default: false.')),
  poll: z.optional(
    z.union([
      flag('true: look once a second, for file systems that tell nothing. Default: false.'),
      duration('Look so often.'),
    ]),
  ),
});

/** It may stand below `defaults` as well. */
export const WATCH = {
  watch: z.optional(
    z.union([
      watch.check(z.describe('What it watches, and what is done.')),
      flag('true: it is restarted when any file of the project changes. false: it is not watched.'),
      text('File, directory or glob, relative to the project: it is restarted when that changes.'),
      z.array(text('One of several.')).check(z.describe('The same for several.')),
    ]),
  ),
};

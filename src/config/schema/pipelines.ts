/** The schema of pipelines. */
import { duration, NAME, text } from './parts.ts';
import { z } from './zod.ts';

const STAGE_NAME = '^(?=.*[A-Za-z_-])[A-Za-z0-9_-]{1,63}$';

const restart = (description: string) =>
  z.optional(z.enum(['never', 'on-failure', 'always']).check(z.describe(description)));

const stage = z.strictObject({
  name: z.optional(
    z.string().check(
      z.meta({
        description:
          'Name of the stage: ingest/NAME instead of ingest/2. Unique in the pipeline; not only digits.',
        pattern: STAGE_NAME,
      }),
    ),
  ),
  command: text("Command line for /bin/sh, as in the Procfile. A '|' in it is handled by the shell."),
  restart: restart('Restart policy of this stage. Overrides that of its pipeline and of the command line.'),
});

const stageList = (description: string) =>
  z
    .array(
      z.union([
        text("Command line for /bin/sh: one stage, even if it contains a '|'."),
        stage.check(z.describe('One stage.')),
      ]),
    )
    .check(z.minLength(1), z.describe(description));

const PIPE_TEXT = "Commands separated by '|' or '|&'; each is a stage.";
const STAGE_LIST = 'The stages in order: each reads the output of the one before it.';

const pipeline = z.strictObject({
  stages: z.union([text(PIPE_TEXT), stageList(STAGE_LIST)]),
  restart: restart('Restart policy of stages without their own. Default: that of the command line.'),
  drain: z.optional(
    duration(
      'How long each stage may read its remaining input when the pipeline is stopped: 500ms, 10s, 1m30s; 0 means no waiting. Default: 5s.',
    ),
  ),
});

/** A pipeline, or a short form of one with only `stages`. */
export const pipelines = z
  .record(
    z.string().check(z.meta({ pattern: NAME })),
    z.union([
      text(`Short for 'stages': ${PIPE_TEXT}`),
      stageList(`Short for 'stages': ${STAGE_LIST}`),
      pipeline.check(z.describe('A supervised pipeline: each stage is an instance.')),
    ]),
  )
  .check(z.describe('Pipelines by name. The names must differ from those of processes.'));

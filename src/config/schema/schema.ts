/**
 * The schema of procsup.yaml: the shape of its values, by groups of keys in `schema/`. What the values mean is checked by
 * those who read them. The build makes a JSON Schema for editors from it (scripts/build.js); the patterns are only for
 * editors.
 */
import { caps, USES } from './caps.ts';
import { ENDING } from './ending.ts';
import { issuesOf } from './issues.ts';
import { AUTOSTART, LISTEN } from './listen.ts';
import { ORDER, ORDER_DEFAULTS } from './order.ts';
import { pipelines } from './pipelines.ts';
import { pools } from './pools.ts';
import { LIMITS } from './limits.ts';
import { processName, PROGRAM, PROGRAM_DEFAULTS } from './program.ts';
import { queues } from './queues.ts';
import { tasks } from './tasks.ts';
import { WATCH } from './watch.ts';
import { z } from './zod.ts';
import type { ShapeIssue } from '../shape.ts';

const DEFAULTS = { ...PROGRAM_DEFAULTS, ...ORDER_DEFAULTS, ...USES, ...ENDING, ...LIMITS, ...WATCH };

const process = z.strictObject({ ...PROGRAM, ...LISTEN, ...ORDER, ...DEFAULTS, ...AUTOSTART });

const port = z.union([
  z.enum(['auto']).check(z.describe('Ports that no other directory has, the same at each start.')),
  z.number().check(z.meta({ description: 'Base port, as -p.', minimum: 1, maximum: 65_535 })),
]);

export const appFileSchema = z
  .strictObject({
    port: z.optional(
      port.check(z.describe('Base port, from which the PORT of each process is derived. -p overrides it.')),
    ),
    env_expand: z.optional(
      z
        .boolean()
        .check(
          z.describe('Expand ${NAME}, $NAME and ${NAME:-default} in environment files, as --env-expand.'),
        ),
    ),
    defaults: z.optional(
      z.nullable(
        z
          .strictObject(DEFAULTS)
          .check(z.describe('What holds for every process that does not say it itself.')),
      ),
    ),
    processes: z.optional(
      z.nullable(
        z
          .record(processName(), z.nullable(process))
          .check(z.describe('Processes by name: how those of the Procfile run, and others with a command.')),
      ),
    ),
    pipelines: z.optional(z.nullable(pipelines)),
    pools: z.optional(z.nullable(pools)),
    caps: z.optional(z.nullable(caps)),
    queues: z.optional(z.nullable(queues)),
    tasks: z.optional(z.nullable(tasks)),
    scripts: z.optional(
      z
        .boolean()
        .check(
          z.describe(
            'true: the scripts of package.json are tasks as well, those of a workspace as PACKAGE#NAME. Default: false.',
          ),
        ),
    ),
  })
  .check(
    z.meta({
      title: 'procsup.yaml',
      description: 'Configuration of procsup, beside a Procfile or instead of it.',
    }),
  );

/** All places where `value` does not match the schema; null means an empty file. */
export function shapeIssues(value: unknown): readonly ShapeIssue[] {
  if (value === null) return [];
  const { error } = z.safeParse(appFileSchema, value);
  return issuesOf(appFileSchema, error?.issues ?? [], value);
}

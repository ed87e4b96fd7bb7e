/** The schema of what a process may use. */
import { duration, flag, size, whole, wordLike } from './parts.ts';
import { z } from './zod.ts';

const cores = (description: string) => z.number().check(z.meta({ description, exclusiveMinimum: 0 }));

/** A limit that procsup looks at: the greatest amount alone, or with what follows. */
const watched = <T extends z.ZodMiniType>(description: string, max: T) =>
  z.optional(
    z.union([
      max,
      z
        .strictObject({
          max,
          for: z.optional(duration('How long it may use more. Default: 3s, of cpu 30s.')),
          action: z.optional(wordLike('What is done then. Default: restart.', ['warn', 'restart', 'stop'])),
        })
        .check(z.describe(description)),
    ]),
  );

const limits = z.strictObject({
  memory: watched(
    'Memory of all its processes, shared memory counted once.',
    size('Memory of all its processes.'),
  ),
  cpu: watched('CPU time of all its processes, in cores.', cores('Cores.')),
  processes: watched('Number of its processes.', whole('Number of its processes.', 1, 10_000_000)),
  enforce: z.optional(
    flag(
      'true: the kernel keeps memory, cpu and processes by a control group, where it can. Default: false.',
    ),
  ),
  nofile: z.optional(whole('Open files of each of its processes, set by the kernel.', 3, 1_000_000_000)),
  core: z.optional(z.union([size('Size of a core dump, 0 for none.'), wordLike('No limit.', ['unlimited'])])),
  nproc: z.optional(whole('Processes of its user, set by the kernel.', 1, 10_000_000)),
  priority: z.optional(whole('Nice value: higher ones leave the CPU to others.', -20, 19)),
});

/** May stand below `defaults` as well. */
export const LIMITS = {
  limits: z.optional(limits.check(z.describe('What it may use, with all that it starts.'))),
};

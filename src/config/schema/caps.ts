/** The schema of caps, and of what a process uses of them. */
import { NAME, text, whole } from './parts.ts';
import { z } from './zod.ts';

const MOST = 1_000_000;

const amount = (description: string) => whole(description, 1, MOST);

const cap = z.strictObject({
  soft: z.optional(amount('What would go beyond it waits. Default: the hard cap.')),
  hard: z.optional(amount('What would go beyond it, with all that wait already, is refused. Default: none.')),
});

export const caps = z
  .record(
    z.string().check(z.meta({ pattern: NAME })),
    z.union([
      cap.check(z.describe('Limits of one cap.')),
      amount('How much may be in use at the same time: what would go beyond it waits.'),
    ]),
  )
  .check(z.describe("Named amounts that processes, pools and tasks use together, see 'uses'."));

/** `who`: what uses them, with the time. */
export const NAMED_CAPS = (who: string) =>
  z.union([
    z.record(z.string(), amount('So much of it.')).check(z.describe(`Caps with the amounts that ${who}.`)),
    z.array(z.string()).check(z.describe(`Caps of which ${who.replace(' uses ', ' uses 1 ')}.`)),
    text('One cap.'),
  ]);

/** Keys that may stand below `defaults` as well. */
export const USES = { uses: z.optional(NAMED_CAPS('each instance uses while it is up')) };

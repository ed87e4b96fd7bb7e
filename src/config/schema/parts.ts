/** What several keys of procsup.yaml have in common. Patterns and limits are only for editors: readers judge values. */
import { z } from './zod.ts';

export const NAME = '^[A-Za-z0-9_-]{1,63}$';
export const QUEUE_NAME = '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$';
/** Of a task: also `lint:fix`, `web#build`, `@acme/web#build` and `*#build`. */
export const TASK_NAME = String.raw`^[\w@*][\w@*./:#-]{0,213}$`;
const DURATION = String.raw`^(?=.)(?:\d*\.?\d+|(?:\d*\.?\d+d)?(?:\d*\.?\d+h)?(?:\d*\.?\d+m)?(?:\d*\.?\d+s)?(?:\d*\.?\d+ms)?)$`;

export const text = (description: string) =>
  z.string().check(z.meta({ description, pattern: String.raw`\S` }));

/** A string that is one of these words for editors, or matches the pattern. */
export const wordLike = (description: string, words: readonly string[], pattern?: string) => {
  const known = { type: 'string' as const, enum: [...words] };
  const forms = pattern === undefined ? known : { anyOf: [known, { type: 'string' as const, pattern }] };
  return z.string().check(z.meta({ description, ...forms }));
};

export const whole = (description: string, minimum: number, maximum: number) =>
  z.number().check(z.meta({ description, minimum, maximum }));

export const flag = (description: string) => z.boolean().check(z.describe(description));

export const duration = (description: string) =>
  z.union([
    z.string().check(z.meta({ description, pattern: DURATION })),
    z.number().check(z.meta({ description: 'The same in seconds.', minimum: 0 })),
  ]);

export const size = (description: string) =>
  z.union([
    z.string().check(z.meta({ description, pattern: String.raw`^\s*(\d*\.?\d+)\s*([KMGT]i?B|B)?\s*$` })),
    z.number().check(z.meta({ description: 'The same in bytes.', minimum: 0 })),
  ]);

const word = () => z.union([z.string(), z.number(), z.boolean()]);

/** A command line, or words. */
export const command = (description: string) =>
  z.union([
    text(`${description} A string is a command line for /bin/sh.`),
    z.array(word()).check(z.describe('The program and its arguments, without a shell.')),
  ]);

export const texts = (description: string) =>
  z.union([text(description), z.array(text('One of several.')).check(z.describe(description))]);

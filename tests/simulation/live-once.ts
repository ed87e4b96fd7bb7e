import { seeded } from './random.ts';
import { randomStory, withGraces, withPlans, withRolls } from './stories.ts';
import type { Core } from './oracle.ts';
import { live, type Life } from './world.ts';

/** How many stories are lived, with the seeds from 1 on. */
export const STORIES = 2000;

export function liveOnce(seed: number, core: Core): Life {
  const random = seeded(seed);
  const story = withGraces(randomStory(random), seeded(STORIES + seed));
  const planned = withPlans(story, seeded(2 * STORIES + seed), core);
  return live(withRolls(planned, seeded(3 * STORIES + seed), core), core, random);
}

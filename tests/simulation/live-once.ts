import { seeded } from './random.ts';
import { randomStory, withGraces, withPlans } from './stories.ts';
import type { Core } from './oracle.ts';
import { live, type Life } from './world.ts';

/** How many stories are lived, with the seeds from 1 on. */
export const STORIES = 2000;

export function liveOnce(seed: number, core: Core): Life {
  const random = seeded(seed);
  const story = withGraces(randomStory(random), seeded(STORIES + seed));
  return live(withPlans(story, seeded(2 * STORIES + seed), core), core, random);
}

import { createProcSampler, hasProc } from '../os/proc/sampler.ts';
import type { Sampler } from '../ports/measuring.ts';

/** Keeps few descriptors: the supervisor's own sampler has most of what may be kept. */
const KEPT = 200;

/** A sampler that looks at some processes only. */
export async function createOwnSampler(): Promise<Sampler> {
  if (hasProc()) return createProcSampler({ keepAtMost: KEPT });
  return (await import('../os/proc/pidusage-sampler.ts')).createPidusageSampler();
}

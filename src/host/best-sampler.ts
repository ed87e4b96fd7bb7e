import { createProcSampler, hasProc, type ProcSamplerOptions } from '../os/proc/sampler.ts';
import type { Sampler } from '../ports/measuring.ts';

/** The sampler of this system. `options`: of that of Linux. */
export async function createBestSampler(options: ProcSamplerOptions): Promise<Sampler> {
  if (hasProc()) return createProcSampler(options);
  return (await import('../os/proc/pidusage-sampler.ts')).createPidusageSampler();
}

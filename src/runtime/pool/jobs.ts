/** Numbers the values and makes jobs of them. */
import type { Job } from '../../core/pool/job.ts';
import type { Values } from './sources.ts';
import type { Template } from '../../core/pool/template.ts';

/** `isWanted` decides which jobs are left out: those that `--resume` finds done. They keep their numbers. */
export async function* toJobs(
  batches: AsyncIterable<Values>,
  template: Template,
  isWanted: (job: Job) => boolean,
): AsyncGenerator<Job, void, undefined> {
  let seq = 0;
  for await (const values of batches) {
    seq += 1;
    const job = jobOf(seq, values, template);
    if (isWanted(job)) yield job;
  }
}

function jobOf(seq: number, values: Values, template: Template): Job {
  return { seq, values, commandFor: (slot) => template.render(values, seq, slot) };
}

import { readProcfile } from '../../config/procfile.ts';
import type { AppSpec } from '../../core/plan/app-spec.ts';
import { planApp as planReadings, type PlanInput as Readings } from '../../core/plan/plan-app.ts';
import type { Checked } from '../../core/problem.ts';

/** What `planApp` works from. Pipelines of procsup.yaml are not part of it. */
export interface PlanInput extends Omit<Readings, 'procfile' | 'appFile'> {
  /**
   * The text of the Procfile, and its path as the user would write it. `'none'`: there is none. Undefined: it could not
   * be read; then there is no plan, but problems of the other inputs are found.
   */
  readonly procfile: { readonly file: string; readonly text: string } | 'none' | undefined;
}

/** What `procsup start` would run, or all problems of the Procfile, the environment files and the options. */
export function planApp(input: PlanInput): Checked<AppSpec> {
  const { procfile } = input;
  return planReadings({
    ...input,
    procfile: typeof procfile === 'object' ? readProcfile(procfile.text, procfile.file) : procfile,
  });
}

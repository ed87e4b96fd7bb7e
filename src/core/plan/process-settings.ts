/** What procsup.yaml and the command line say about processes of the Procfile: how they run, not what. */
import { suggest } from '../../text/suggest.ts';
import type { Place, Problem } from '../problem.ts';
import type { ProcessPlan, ServicePlan } from './process-plan.ts';

/** An entry below `processes` in procsup.yaml, or what `--tty` names. */
export interface ProcessSettings extends Partial<Omit<ServicePlan, 'name' | 'place'>> {
  readonly name: string;
  readonly place: Place;
}

export interface Settled {
  readonly plans: readonly ProcessPlan[];
  readonly problems: readonly Problem[];
}

/** Later settings win. Problems: `settings-unknown-process`, `settings-pipeline`. */
export function settlePlans(plans: readonly ProcessPlan[], settings: readonly ProcessSettings[]): Settled {
  if (settings.length === 0) return { plans, problems: [] };
  const services = new Set(plans.filter(({ kind }) => kind !== 'stage').map(({ name }) => name));
  const pipelines = new Set(plans.flatMap((plan) => (plan.kind === 'stage' ? plan.pipeline : [])));
  const problems = settings
    .filter(({ name }) => !services.has(name))
    .map((one) => (pipelines.has(one.name) ? ofPipeline(one) : unknown(one, [...services])));
  const settled = plans.map((plan) =>
    plan.kind === 'stage'
      ? plan
      : settings.filter(({ name }) => name === plan.name).reduce(withSettings, plan),
  );
  return { plans: settled, problems };
}

/** A process keeps its place in the file that it comes from. */
function withSettings(plan: ServicePlan, settings: ProcessSettings): ServicePlan {
  return { ...plan, ...settings, name: plan.name, place: plan.place };
}

function unknown({ name, place }: ProcessSettings, known: readonly string[]): Problem {
  const meant = suggest(name, known);
  return {
    code: 'settings-unknown-process',
    severity: 'error',
    message: `unknown process '${name}'`,
    place,
    remedy:
      meant === undefined
        ? 'name a process of the Procfile'
        : `did you mean '${meant}'? name a process of the Procfile`,
  };
}

function ofPipeline({ name, place }: ProcessSettings): Problem {
  return {
    code: 'settings-pipeline',
    severity: 'error',
    message: `'${name}' is a pipeline: its stages read and write pipes, and cannot have a terminal`,
    place,
    remedy: 'make it a process of the Procfile',
  };
}

/** `--tty web,worker` */
export function ttySettings(names: readonly string[]): readonly ProcessSettings[] {
  const text = names.join(',');
  let column = 1;
  return names.map((name) => {
    const place = { file: '--tty', line: 1, column, length: Math.max(1, name.length), text };
    column += name.length + 1;
    return { name, place, tty: true };
  });
}

/** Programs ask their environment what they may do. `isSet`: by the user, for this application. */
export function terminalVariables(isSet: (name: string) => boolean): Record<string, string | undefined> {
  const variables = {
    // git and less wait for a key where it is dumb or unset.
    TERM: 'xterm-256color',
    // A pager would wait for a key that nobody presses.
    PAGER: 'cat',
    COLUMNS: undefined,
    LINES: undefined,
  };
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isSet(name)));
}

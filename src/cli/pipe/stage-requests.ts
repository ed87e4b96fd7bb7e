/** Turns the stages of a pipeline into commands: a process of the Procfile by its name, else any program. */
import { procfileProcesses, type AppSpec, type InstanceSpec } from '../../core/plan/app-spec.ts';
import { ownEnvironment, wholeEnvironment } from '../../core/plan/environment.ts';
import type { Pipeline, Stage } from '../../core/pipeline/parse.ts';
import { hasErrors, type Checked, type Problem } from '../../core/problem.ts';
import { scriptFor } from '../../core/shell/command.ts';
import { quoteWords } from '../../core/shell/words.ts';
import type { StageRequest } from '../../ports/pipelines.ts';
import { shellFor } from '../../os/process/shell.ts';
import { withArguments } from '../../core/shell/arguments.ts';

/** Problems: `arguments-unplaced`, as in `procsup run`. */
export function stageRequests(pipeline: Pipeline, app: AppSpec): Checked<readonly StageRequest[]> {
  const problems: Problem[] = [];
  const requests = pipeline.map((stage, index): StageRequest => {
    const { joinsStderr } = stage;
    const instance = processOf(stage, app);
    if (instance === undefined) {
      const { script, args } = stage;
      return { script, args, env: stageEnvironment(app, index + 1), joinsStderr };
    }
    const commandLine = processCommand(stage, instance);
    if (commandLine === undefined) problems.push(unplaced(instance));
    return { script: '', args: [], ...commandLine, env: wholeEnvironment(instance.env), joinsStderr };
  });
  return { value: hasErrors(problems) ? undefined : requests, problems };
}

/** A process is meant only by an unquoted first word; quotes select a program of the same name. */
function processOf({ text, words: [name = ''] }: Stage, app: AppSpec): InstanceSpec | undefined {
  const isMeant = procfileProcesses(app).includes(name) && text.startsWith(name);
  return isMeant ? app.instances.find(({ process }) => process === name) : undefined;
}

/** Adds what follows the name: words unchanged, a shell command line as text. */
function processCommand(
  { text, words, args }: Stage,
  { process: name, command, script, env }: InstanceSpec,
): Pick<StageRequest, 'script' | 'args'> | undefined {
  const rest = text.slice(name.length);
  if (rest === '') return { script, args: [] };
  const open = words.length > 1 ? withArguments(command) : script;
  if (open === undefined) return undefined;
  if (args.length > 0) return { script: open, args: args.slice(1) };
  const shell = shellFor(wholeEnvironment(env));
  const line = quoteWords([shell.file, ...shell.flags, '-c', open, name]);
  return { script: scriptFor(`${line}${rest}`), args: [] };
}

function stageEnvironment({ environment, portBase }: AppSpec, number: number): Record<string, string> {
  const name = `pipe.${String(number)}`;
  const own = ownEnvironment({ name, process: 'pipe', instance: number, port: portBase });
  return wholeEnvironment({ common: environment, own });
}

function unplaced({ process: name, command }: InstanceSpec): Problem {
  return {
    code: 'arguments-unplaced',
    severity: 'error',
    message: `cannot add arguments to '${name}': its command '${command}' has no unambiguous place for them`,
    remedy: 'put "$@" into the command where the arguments belong',
  };
}

import {
  allInstances,
  procfileProcesses,
  type AppSpec,
  type InstanceSpec,
} from '../../core/plan/app-spec.ts';
import { ownEnvironment, wholeEnvironment } from '../../core/plan/environment.ts';
import { STATUS, statusOf } from '../../core/process/exit.ts';
import { hasErrors, type Problem } from '../../core/problem.ts';
import { suggest } from '../../text/suggest.ts';
import type { CommandRequest } from '../../os/process/command.ts';
import { findProgram } from '../../os/process/find-program.ts';
import { shellFor } from '../../os/process/shell.ts';
import { problemsText, problemText } from '../../ui/problem-text.ts';
import type { Io } from '../io.ts';
import { loadApp } from '../../config/load-app.ts';
import { withArguments } from '../../core/shell/arguments.ts';
import type { Located } from '../locate.ts';
import { supervisorVariables } from '../supervisor-variables.ts';
import { reapAsProcessOne } from '../reap-as-process-one.ts';
import type { RunSettings } from '../settings.ts';
import { colourOnOurStdout } from '../host-options.ts';

/** The command to execute, or the problem and exit status if it cannot be executed. */
type Resolved =
  | { readonly kind: 'request'; readonly request: CommandRequest }
  | { readonly kind: 'refusal'; readonly problem: Problem; readonly status: number };

/** `procsup run`: runs one process, or any command, in the application's environment. Returns its exit status. */
export async function run(settings: RunSettings & Partial<Located>, io: Io): Promise<number> {
  const { value: app, problems } = await loadApp(
    { ...settings, colour: colourOnOurStdout(settings), procfileIsOptional: true, mayBeEmpty: true },
    io.env,
    io.cwd,
  );
  io.stderr(problemsText(problems, io.paint));
  if (app === undefined || hasErrors(problems)) return STATUS.usage;

  const resolved = resolve(settings, app, io.cwd);
  if (resolved.kind === 'refusal') {
    io.stderr(problemText(resolved.problem, io.paint));
    return resolved.status;
  }

  const { runCommand } = await import('../../os/process/command.ts');
  const stopReaping = await reapAsProcessOne(io);
  const { request } = resolved;
  const env = { ...request.env, ...(await supervisorVariables(app.root, io)) };
  const exit = await runCommand({ ...request, env });
  stopReaping();
  if (exit.by === 'refusal') {
    io.stderr(
      problemText(problem('command-refused', `cannot run '${settings.target}': ${exit.message}`), io.paint),
    );
  }
  return statusOf(exit);
}

function resolve(
  { target, args, foundBy }: RunSettings & Partial<Located>,
  app: AppSpec,
  cwd: string,
): Resolved {
  if (app.pipelines.includes(target)) return pipelineRefusal(target);
  const instance = app.processes.includes(target)
    ? allInstances(app).find(({ process }) => process === target)
    : undefined;
  if (instance !== undefined) return processRequest(instance, args, app);
  // The paths in its arguments are those of the directory in which it was typed, unless -C or -f names another one.
  return programRequest(target, args, app, foundBy === 'option' ? app.root : cwd);
}

function pipelineRefusal(name: string): Resolved {
  return refusal(
    STATUS.usage,
    'run-pipeline',
    `cannot run '${name}': it is a pipeline`,
    `start it with 'procsup start ${name}'`,
  );
}

function processRequest(instance: InstanceSpec, args: readonly string[], app: AppSpec): Resolved {
  const { process: name, command } = instance;
  const env = wholeEnvironment(instance.env);
  const script = args.length === 0 ? instance.script : withArguments(command);
  if (script !== undefined) {
    const shell = shellFor(env);
    const words = [...shell.flags, '-c', script, name, ...args];
    const root = instance.plan.workingDir ?? app.root;
    return { kind: 'request', request: { words: [shell.file, ...words], root, env } };
  }
  return refusal(
    STATUS.usage,
    'arguments-unplaced',
    `cannot add arguments to '${name}': its command '${command}' has no unambiguous place for them`,
    'put "$@" into the command where the arguments belong',
  );
}

function programRequest(target: string, args: readonly string[], app: AppSpec, root: string): Resolved {
  const env = commandEnvironment(app);
  const found = findProgram(target, env['PATH'], root);
  switch (found.kind) {
    case 'program': {
      // The shell would read a word with a dash as an option, and uses its own default search path without PATH.
      const program = target.startsWith('-') || env['PATH'] === undefined ? found.path : target;
      return { kind: 'request', request: { words: [program, ...args], root, env } };
    }
    case 'not-executable': {
      const where = found.path === target ? '' : ` (${found.path})`;
      const message = `cannot run '${target}': ${found.why}${where}`;
      return refusal(STATUS.notExecutable, 'command-not-executable', message, found.remedy);
    }
    case 'missing':
      return refusal(STATUS.notFound, 'command-not-found', ...notFound(target, app, root, env['PATH']));
  }
}

function notFound(
  target: string,
  app: AppSpec,
  root: string,
  path: string | undefined,
): [message: string, remedy: string | undefined] {
  const { procfile } = app;
  if (target.includes('/')) return [`cannot run '${target}': no such file in '${root}'`, undefined];
  const meant = suggest(target, procfileProcesses(app));
  const remedy =
    meant === undefined ? `the application's PATH is ${path ?? 'not set'}` : `did you mean '${meant}'?`;
  const where = procfile === null ? 'in PATH (no Procfile)' : 'in the Procfile or in PATH';
  return [`cannot run '${target}': not found ${where}`, remedy];
}

/** The environment of the first process of a Procfile, under the name `run`. */
function commandEnvironment({ environment, portBase }: AppSpec): Record<string, string> {
  const own = ownEnvironment({ name: 'run.1', process: 'run', instance: 1, port: portBase });
  return wholeEnvironment({ common: environment, own });
}

function refusal(status: number, code: string, message: string, remedy?: string): Resolved {
  return { kind: 'refusal', status, problem: problem(code, message, remedy) };
}

function problem(code: string, message: string, remedy?: string): Problem {
  return { code, severity: 'error', message, ...(remedy !== undefined && { remedy }) };
}

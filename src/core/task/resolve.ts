/** Makes tasks of what procsup.yaml says and of the scripts of packages: which command, where, and what it stands on. */
import { matchesGlob } from '../../text/glob.ts';
import { suggest } from '../../text/suggest.ts';
import type { Problem } from '../problem.ts';
import { ownScripts, packageAndScript, scriptCommand, scriptEnvironment, scriptNameOf } from './scripts.ts';
import type { ScriptPackage, TaskSettings, WrittenNeed } from './settings.ts';
import type { Task, TaskNeed } from './task.ts';

export interface TasksInput {
  /** Absolute. */
  readonly root: string;
  readonly settings: readonly TaskSettings[];
  /** `scripts: true` */
  readonly allScripts: boolean;
  readonly packages: readonly ScriptPackage[];
  /** Processes and pipelines that a task may need. */
  readonly processes: ReadonlyMap<string, 'service' | 'task'>;
  /** Tasks that the command line names: scripts among them need not be mentioned anywhere else. */
  readonly named: readonly string[];
  /** PATH without what is added for a package. */
  readonly path: string;
}

export interface ResolvedTasks {
  /** In the order of the file, then scripts. */
  readonly tasks: readonly Task[];
  readonly problems: readonly Problem[];
}

/** `#` between package and script, after `*`: of every package of the workspace. */
const EVERY = '*';

/**
 * Problems: `task-name-taken`, `task-no-command`, `task-unknown-script`, `task-unknown-package`, `task-unknown-need`,
 * `task-condition`, `task-never-cached`.
 */
export function resolveTasks(input: TasksInput): ResolvedTasks {
  const problems: Problem[] = [];
  const all = new Map<string, TaskSettings>();
  for (const one of written(input, problems)) all.set(one.name, { ...all.get(one.name), ...one });
  if (input.allScripts) for (const one of scriptsOf(input)) if (!all.has(one.name)) all.set(one.name, one);
  const known = (name: string): boolean => {
    if (all.has(name)) return true;
    const script = scriptSettings(name, input);
    if (script !== undefined) all.set(name, script);
    return script !== undefined;
  };
  for (const name of input.named) known(name);

  const tasks: Task[] = [];
  // Needs may add scripts to the end.
  for (const settings of all.values()) {
    const task = taskOf(settings, { input, known, names: () => [...all.keys()], problems });
    if (task !== undefined) tasks.push(task);
  }
  return { tasks, problems };
}

/** Those for every package first, so that what is said of one wins. */
function* written(
  { settings, packages, processes }: TasksInput,
  problems: Problem[],
): Iterable<TaskSettings> {
  for (const one of settings) {
    const [owner, script] = packageAndScript(one.name) ?? [];
    if (owner !== EVERY || script === undefined) continue;
    const those = packages.filter(({ isRoot, scripts }) => !isRoot && scripts.has(script));
    for (const { name } of those) yield { ...one, name: `${name}#${script}`, isOfEvery: true };
    if (those.length === 0)
      problems.push({
        code: 'task-unknown-script',
        severity: 'warning',
        message: `'${one.name}' means nothing: no package of the workspace has a script '${script}'`,
        place: one.place,
        remedy: packages.some(({ isRoot }) => !isRoot)
          ? 'check the name, or remove it'
          : "name the packages with 'workspaces' in package.json, or in pnpm-workspace.yaml",
      });
  }
  for (const one of settings) {
    if (packageAndScript(one.name)?.[0] === EVERY) continue;
    if (processes.has(one.name))
      problems.push({
        code: 'task-name-taken',
        severity: 'error',
        message: `duplicate name '${one.name}': it is also a process`,
        place: one.place,
        remedy: 'rename one of them',
      });
    yield one;
  }
}

/** A process keeps its name: the script is then `npm:NAME`. */
function scriptsOf(input: TasksInput): readonly TaskSettings[] {
  return input.packages.flatMap((one) =>
    ownScripts(one)
      .map((script) => (one.isRoot ? script : `${one.name}#${script}`))
      .filter((name) => !input.processes.has(name) && name !== 'ls')
      .flatMap((name) => settingsOfScript(name, findScript(name, input)) ?? []),
  );
}

interface FoundScript {
  readonly owner: ScriptPackage;
  readonly script: string;
}

/** Of `npm:build`, `web#build`, or in the package of the root of `build`. */
function findScript(name: string, { packages }: Pick<TasksInput, 'packages'>): FoundScript | undefined {
  const [owner, script] = packageAndScript(name) ?? [null, scriptNameOf(name) ?? name];
  const found = packages.find((one) => (owner === null ? one.isRoot : one.name === owner));
  return found?.scripts.has(script) ? { owner: found, script } : undefined;
}

/** What is mentioned nowhere else; a plain name is no script unless `scripts` says so. */
const scriptSettings = (name: string, input: TasksInput): TaskSettings | undefined =>
  scriptNameOf(name) === undefined && packageAndScript(name) === undefined
    ? undefined
    : settingsOfScript(name, findScript(name, input));

function settingsOfScript(name: string, found: FoundScript | undefined): TaskSettings | undefined {
  const place = found?.owner.scripts.get(found.script)?.place;
  return place && { name, place };
}

interface Context {
  readonly input: TasksInput;
  readonly known: (name: string) => boolean;
  readonly names: () => readonly string[];
  readonly problems: Problem[];
}

function taskOf(settings: TaskSettings, context: Context): Task | undefined {
  const { input, problems } = context;
  const { name, place, saidAt = {} } = settings;
  const owner = ownerOf(settings, input);
  const said = commandOf(settings, owner, context);
  const needs = (settings.needs ?? []).flatMap((need) => needsOf(need, settings, owner, context));
  if (said === undefined && settings.needs === undefined) {
    if (settings.command === undefined) problems.push(noCommand(settings, input));
    return undefined;
  }
  if (settings.cache?.enabled === true && settings.interactive !== true)
    for (const key of ['inputs', 'outputs'] as const)
      if (settings[key] === undefined) problems.push(neverCached(settings, key));
  const { description, inputs, outputs, fileVariables, timeoutMs, lock } = settings;
  return {
    ...{ name, place, needs, workingDir: settings.workingDir ?? owner?.directory ?? input.root },
    ...(description !== undefined && { description }),
    ...(said !== undefined && { command: said.command }),
    environment: { ...said?.environment, ...settings.environment },
    ...(fileVariables !== undefined && { fileVariables }),
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
    ...{ env: settings.env ?? [], tools: settings.tools ?? [], uses: settings.uses ?? [] },
    cache: settings.cache ?? { enabled: true },
    ...(timeoutMs !== undefined && { timeoutMs }),
    retries: settings.retries ?? 0,
    ...(lock !== undefined && { lock }),
    takesArguments: settings.takesArguments ?? (said?.isScript === true && !('args' in saidAt)),
    interactive: settings.interactive ?? false,
    ...(settings.isOfEvery === true && { isOfEvery: true }),
    ...(settings.saidAt !== undefined && { saidAt }),
  };
}

/** The package that it belongs to: by its name, else by its directory. */
function ownerOf(
  { name, workingDir }: TaskSettings,
  { packages, root }: TasksInput,
): ScriptPackage | undefined {
  const named = packageAndScript(name)?.[0];
  if (named !== undefined) return packages.find((one) => one.name === named);
  const directory = workingDir ?? root;
  return packages.find((one) => one.directory === directory);
}

interface SaidCommand {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly isScript: boolean;
}

/** Its own command, the script that this names, or the script of its name. */
function commandOf(
  settings: TaskSettings,
  owner: ScriptPackage | undefined,
  { input, problems }: Context,
): SaidCommand | undefined {
  const { name, command, script: own, saidAt, place } = settings;
  const named = command === undefined ? undefined : scriptNameOf(command);
  if (command !== undefined && named === undefined)
    return { command: own ?? command, environment: {}, isScript: false };
  const ofItsName = packageAndScript(name)?.[1] ?? scriptNameOf(name);
  // `test: {depends_on: [lint, unit]}` stands for these, whatever else is in package.json.
  const isGroup = ofItsName === undefined && settings.needs !== undefined && !input.allScripts;
  const script = named ?? ofItsName ?? name;
  const text = isGroup && named === undefined ? undefined : owner && scriptCommand(owner, script);
  if (owner !== undefined && text !== undefined)
    return { command: text, environment: scriptEnvironment(owner, script, input), isScript: true };
  if (named !== undefined) {
    const meant = suggest(named, [...(owner?.scripts.keys() ?? [])]);
    problems.push({
      code: 'task-unknown-script',
      severity: 'error',
      message:
        owner === undefined
          ? `'${name}' runs the script '${named}', but there is no package.json`
          : `unknown script '${named}': it is not in '${owner.file}'`,
      place: saidAt?.['command'] ?? place,
      remedy: meant === undefined ? 'add it there, or write a command' : `did you mean '${meant}'?`,
    });
  }
  return undefined;
}

function noCommand({ name, place }: TaskSettings, { packages }: TasksInput): Problem {
  const [owner] = packageAndScript(name) ?? [];
  const names = packages.filter(({ isRoot }) => !isRoot).map((one) => one.name);
  if (owner !== undefined && !names.includes(owner)) {
    const meant = suggest(owner, names);
    return {
      code: 'task-unknown-package',
      severity: 'error',
      message: `unknown package '${owner}' of task '${name}'`,
      place,
      remedy:
        names.length === 0
          ? "name the packages with 'workspaces' in package.json, or in pnpm-workspace.yaml"
          : meant === undefined
            ? `known packages: ${names.join(', ')}`
            : `did you mean '${meant}'?`,
    };
  }
  return {
    code: 'task-no-command',
    severity: 'error',
    message: `task '${name}' has no command`,
    place,
    remedy: "add 'command', a script of this name in package.json, or 'depends_on' for what it stands for",
  };
}

const neverCached = ({ name, place, saidAt }: TaskSettings, key: string): Problem => ({
  code: 'task-never-cached',
  severity: 'warning',
  message: `the results of '${name}' are not kept, because it has no '${key}'`,
  place: saidAt?.['cache'] ?? place,
  remedy: key === 'outputs' ? "name them, or write 'outputs: []' if only its success counts" : 'name them',
});

function needsOf(
  need: WrittenNeed,
  of: TaskSettings,
  owner: ScriptPackage | undefined,
  { input, known, names, problems }: Context,
): readonly TaskNeed[] {
  const { name, until, place } = need;
  const wrong = (code: string, message: string, remedy: string): readonly TaskNeed[] => {
    problems.push({ code, severity: 'error', message, place, remedy });
    return [];
  };
  const onTasks = (those: readonly string[]): readonly TaskNeed[] =>
    until === undefined || until === 'succeeded'
      ? those.map((one) => ({ kind: 'task', name: one, place }))
      : wrong(
          'task-condition',
          `'${of.name}' cannot wait until the task '${name}' is ${until}`,
          "use 'succeeded', or make it a process",
        );

  if (name.startsWith('^')) {
    if (owner === undefined || owner.isRoot)
      return wrong(
        'task-unknown-need',
        `'${name}' in '${of.name}', which belongs to no package of a workspace`,
        `use '${EVERY}#${name.slice(1)}' for the task of every package`,
      );
    return onTasks(
      input.packages
        .filter((one) => owner.dependencies.has(one.name) && one.name !== owner.name)
        .map((one) => `${one.name}#${name.slice(1)}`)
        .filter(known),
    );
  }
  if (name.includes('*')) {
    const scripts = input.packages.flatMap((one) =>
      one.isRoot ? [] : [...one.scripts.keys()].map((script) => `${one.name}#${script}`),
    );
    const those = [...new Set([...names(), ...scripts])].filter(
      (one) => one !== of.name && matchesGlob(name, one),
    );
    return those.length === 0
      ? wrong('task-unknown-need', `no task matches '${name}' in '${of.name}'`, 'check the pattern')
      : onTasks(those.filter(known));
  }
  const kind = input.processes.get(name);
  if (!names().includes(name) && kind !== undefined)
    return [{ kind: 'process', name, until: until ?? (kind === 'task' ? 'succeeded' : 'ready'), place }];
  if (known(name)) return onTasks([name]);
  const candidates = [...names(), ...input.processes.keys()];
  const meant = findScript(name, input) === undefined ? suggest(name, candidates) : `npm:${name}`;
  return wrong(
    'task-unknown-need',
    `'${of.name}' depends on the unknown task or process '${name}'`,
    meant === undefined ? `known ones: ${candidates.join(', ')}` : `did you mean '${meant}'?`,
  );
}

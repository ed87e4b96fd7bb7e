/** Environment of our own process, as Node gives it. */
export type RealEnv = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSources {
  readonly realEnv: RealEnv;
  /** The variables of the environment files; later files override earlier ones. */
  readonly fileValues: readonly Readonly<Record<string, string>>[];
  /** PORT of the first instance of each process of the Procfile. */
  readonly ports: readonly { readonly process: string; readonly port: number }[];
  readonly comforts?: Comforts | undefined;
}

/** What makes programs behave as in a terminal, where the user has not said otherwise. */
export interface Comforts {
  /** `forced`: the output is shown where colours can be. `none`: no colours are wanted. Default: the program decides. */
  readonly colour?: 'forced' | 'none' | undefined;
  /** Python writes what it prints at once. */
  readonly unbuffered?: boolean | undefined;
  readonly localBin?: LocalBin | undefined;
}

/** Directories with programs of the project, as absolute paths. */
export interface LocalBin {
  /** Each `node_modules/.bin`, the nearest first. */
  readonly node: readonly string[];
  /** The nearest virtual environment of Python. */
  readonly venv: string | undefined;
}

/** The common part of all environments. */
export function commonEnvironment(sources: EnvironmentSources): Record<string, string> {
  const users = usersVariables(Object.assign({}, sources.realEnv, ...sources.fileValues) as RealEnv);
  return { ...users, ...portVariables(sources.ports), ...comfortingVariables(sources) };
}

/** The variables that are ours, not the user's. */
export function comfortingVariables({
  realEnv,
  fileValues,
  comforts = {},
}: Omit<EnvironmentSources, 'ports'>): Record<string, string> {
  const files: RealEnv = Object.assign({}, ...fileValues) as RealEnv;
  const users = usersVariables({ ...realEnv, ...files });
  return {
    ...(comforts.unbuffered === true && users['PYTHONUNBUFFERED'] === undefined && { PYTHONUNBUFFERED: '1' }),
    ...colorVariables(users, comforts.colour),
    // A PATH in an environment file is the whole PATH.
    ...(comforts.localBin !== undefined &&
      files['PATH'] === undefined &&
      localVariables(users, comforts.localBin)),
  };
}

/**
 * A virtual environment that the user has activated stays the one. Without a PATH programs are searched in places that
 * only the shell knows.
 */
function localVariables(users: RealEnv, { node, venv }: LocalBin): Record<string, string> {
  const path = users['PATH'];
  if (path === undefined || path === '') return {};
  const known = new Set(path.split(':'));
  const mayAdd = (directory: string): boolean => !known.has(directory) && !directory.includes(':');
  const activated = venv !== undefined && !users['VIRTUAL_ENV'] && mayAdd(`${venv}/bin`) ? venv : undefined;
  const added = [...node.filter(mayAdd), ...(activated === undefined ? [] : [`${activated}/bin`])];
  if (added.length === 0) return {};
  return {
    PATH: [...added, path].join(':'),
    ...(activated !== undefined && { VIRTUAL_ENV: activated }),
  };
}

/**
 * The environment of one instance in two parts, because what all have in common is large: with a variable for each
 * process, as many copies as there are instances would grow with their square.
 */
export interface InstanceEnvironment {
  /** The same object for all instances of a plan. */
  readonly common: Readonly<Record<string, string>>;
  /** Overrides `common`; undefined takes a variable away. */
  readonly own: RealEnv;
}

/** What an instance has for itself: the variables of its plan, and those that tell what it is. */
export function ownEnvironment(
  one: { readonly name: string; readonly process: string; readonly instance: number; readonly port: number },
  planned: RealEnv = {},
): Record<string, string | undefined> {
  return {
    ...planned,
    PORT: String(one.port),
    PS: one.name,
    PROCSUP_PROCESS: one.process,
    PROCSUP_INSTANCE: String(one.instance),
  };
}

/**
 * What the child is given, an object of its own. `common` has a variable for each process, so nothing is done with each of
 * its variables but this one copy: it would be done for each process, at every start of one.
 */
export function wholeEnvironment({ common, own }: InstanceEnvironment): Record<string, string> {
  const whole: Record<string, string | undefined> = { ...common, ...own };
  for (const name of OURS_ALONE) Reflect.deleteProperty(whole, name);
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) Reflect.deleteProperty(whole, name);
  }
  return whole as Record<string, string>;
}

export const isShellName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name);

/** Names of variables that are no names to a shell: `app.name`, `BASH_FUNC_x%%`. */
export function oddNames(env: RealEnv): readonly string[] {
  return Object.keys(env).filter((name) => !isShellName(name));
}

/** `PROCSUP_MY_WEB_PORT` for `my-web`. */
export function portVariable(process: string): string {
  return `PROCSUP_${process.toUpperCase().replaceAll('-', '_')}_PORT`;
}

function portVariables(ports: EnvironmentSources['ports']): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { process, port } of ports) variables[portVariable(process)] ??= String(port);
  return variables;
}

const FORCING = ['FORCE_COLOR', 'CLICOLOR_FORCE'] as const;

// Node and others warn if both are set; NO_COLOR wins.
function colorVariables(users: RealEnv, colour: Comforts['colour']): Record<string, string> {
  if (colour === 'forced' && !users['NO_COLOR']) {
    return Object.fromEntries(FORCING.map((name) => [name, users[name] ?? '1']));
  }
  const isSaid = ['NO_COLOR', ...FORCING].some((name) => users[name] !== undefined);
  return colour === 'none' && !isSaid ? { NO_COLOR: '1' } : {};
}

/** Of our variables about colours those that contradict what the plan of a process says. */
export function withdrawn(planned: RealEnv, comforting: RealEnv): Record<string, undefined> {
  const isSet = (name: string): boolean => Boolean(planned[name]);
  const opposed = [...(FORCING.some(isSet) ? ['NO_COLOR'] : []), ...(isSet('NO_COLOR') ? FORCING : [])];
  return Object.fromEntries(
    opposed.filter((name) => comforting[name] !== undefined).map((name) => [name, undefined]),
  );
}

/** They are between our launcher script, or the service manager that has started us, and us. */
const OURS_ALONE = new Set([
  ...['PROCSUP_SOFT_NOFILE', 'PROCSUP_IGNORED', 'NOTIFY_SOCKET'],
  ...['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES'],
]);

function usersVariables(env: RealEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !OURS_ALONE.has(pair[0]),
    ),
  );
}

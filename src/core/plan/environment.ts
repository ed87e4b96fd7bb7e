/** Environment of our own process, as Node gives it. */
export type RealEnv = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSources {
  readonly realEnv: RealEnv;
  /** The variables of the environment files; later files override earlier ones. */
  readonly fileValues: readonly Readonly<Record<string, string>>[];
  /** PORT of the first instance of each process of the Procfile. */
  readonly ports: readonly { readonly process: string; readonly port: number }[];
  /** Our own output is coloured, so the children's may be. */
  readonly forceColor: boolean;
}

/** The common part of all environments. */
export function commonEnvironment(sources: EnvironmentSources): Record<string, string> {
  const users = usersVariables(Object.assign({}, sources.realEnv, ...sources.fileValues) as RealEnv);
  return { ...users, ...portVariables(sources.ports), ...(sources.forceColor && colorVariables(users)) };
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

/** What the child is given. */
export function wholeEnvironment({ common, own }: InstanceEnvironment): Record<string, string> {
  return usersVariables({ ...common, ...own });
}

const SHELL_NAME = /^[A-Za-z_]\w*$/;

/** Names of variables that are no names to a shell: `app.name`, `BASH_FUNC_x%%`. */
export function oddNames(env: RealEnv): readonly string[] {
  return Object.keys(env).filter((name) => !SHELL_NAME.test(name));
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

// Node and others warn if both are set; NO_COLOR wins.
function colorVariables(users: Readonly<Record<string, string>>): Record<string, string> {
  if (users['NO_COLOR']) return {};
  return {
    FORCE_COLOR: users['FORCE_COLOR'] ?? '1',
    CLICOLOR_FORCE: users['CLICOLOR_FORCE'] ?? '1',
  };
}

/** They are between our launcher script and us. */
const FROM_LAUNCHER = new Set(['PROCSUP_SOFT_NOFILE', 'PROCSUP_IGNORED']);

function usersVariables(env: RealEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !FROM_LAUNCHER.has(pair[0]),
    ),
  );
}

/** Environment of our own process, as Node gives it. */
export type RealEnv = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSources {
  readonly realEnv: RealEnv;
  /** What the environment files set; the later wins. */
  readonly fileValues: readonly Readonly<Record<string, string>>[];
  /** PORT of the first instance of each process of the Procfile. */
  readonly ports: readonly { readonly process: string; readonly port: number }[];
  /** Our own output is coloured, so the children's may be. */
  readonly forceColor: boolean;
}

/** What all instances have in common. */
export function commonEnvironment(sources: EnvironmentSources): Record<string, string> {
  const users = usersVariables(Object.assign({}, sources.realEnv, ...sources.fileValues) as RealEnv);
  return { ...users, ...portVariables(sources.ports), ...(sources.forceColor && colorVariables(users)) };
}

/** The whole environment of one instance. */
export function instanceEnvironment(
  common: Readonly<Record<string, string>>,
  one: { readonly name: string; readonly process: string; readonly instance: number; readonly port: number },
  own?: RealEnv,
): Record<string, string> {
  const variables = {
    ...common,
    PORT: String(one.port),
    PS: one.name,
    PROCSUP_PROCESS: one.process,
    PROCSUP_INSTANCE: String(one.instance),
  };
  return own === undefined ? variables : usersVariables({ ...variables, ...own });
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

// Node and others complain when both are set, and who asks for no colour means it.
function colorVariables(users: Readonly<Record<string, string>>): Record<string, string> {
  if (users['NO_COLOR']) return {};
  return {
    FORCE_COLOR: users['FORCE_COLOR'] ?? '1',
    CLICOLOR_FORCE: users['CLICOLOR_FORCE'] ?? '1',
  };
}

/** PROCSUP_SOFT_NOFILE is between our launcher script and us. */
function usersVariables(env: RealEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && pair[0] !== 'PROCSUP_SOFT_NOFILE',
    ),
  );
}

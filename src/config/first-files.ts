/** The texts that `procsup init` writes: a procsup.yaml for a Procfile, or a first Procfile for what is in a directory. */

/** What is in a directory that has no Procfile. */
export interface Seen {
  /** Of package.json, by name; undefined: there is none. */
  readonly scripts: Readonly<Record<string, unknown>> | undefined;
  /** Names of files. */
  readonly files: readonly string[];
}

interface NamedCommand {
  readonly name: string;
  readonly command: string;
}

const APP_FILE_HEAD = `# How the processes of the Procfile run. Everything is optional: remove the # of what you need.
# 'procsup check' shows what it means.

# defaults: # for every process that does not say it itself
#   restart: on-failure
#   stop_grace_period: 10s

processes:
`;

/** Whatever is uncommented in it is valid. */
export function firstAppFile(processes: readonly NamedCommand[]): string {
  return APP_FILE_HEAD + processes.map((one, at) => entryOf(one, processes[at - 1]?.name)).join('\n');
}

/** `needed`: an earlier one, so that there is no cycle. */
function entryOf({ name, command }: NamedCommand, needed: string | undefined): string {
  const keys = [
    ...(needed === undefined ? [] : [`depends_on: [${needed}] # is started when that is ready`]),
    name === 'web'
      ? 'ready: { http: /, within: 30s } # also listening, tcp, log, exec, notify, fd, delay'
      : 'ready: { log: "ready|listening", within: 30s } # also listening, tcp, http, exec, notify, fd, delay',
    'restart: on-failure # never, on-failure, always',
    'environment: { LOG_LEVEL: debug }',
    'env_file: [{ path: .env.local, required: false }]',
    'working_dir: .',
    'stop_signal: SIGTERM',
    'stop_grace_period: 10s',
  ];
  return [`  ${quoted(name)}: # ${command}`, ...keys.map((key) => `    # ${key}`), ''].join('\n');
}

/** Names that YAML takes for something else than a string. */
const quoted = (name: string): string => (/^[A-Za-z_][\w-]*$/.test(name) ? name : `'${name}'`);

/** Undefined: nothing is known of what is there. */
export function firstProcfile(seen: Seen): string | undefined {
  const processes = [...serversIn(seen), ...scriptsIn(seen)];
  const names = new Set<string>();
  const lines = processes.flatMap(({ name, command }) => {
    if (names.has(name)) return [];
    names.add(name);
    return [`${name}: ${command}\n`];
  });
  if (lines.length === 0) return undefined;
  return `# Each line is a process: 'name: command'. PORT is set for each of them.\n${lines.join('')}`;
}

function serversIn({ files }: Seen): readonly NamedCommand[] {
  if (files.includes('manage.py')) return [{ name: 'web', command: 'python3 manage.py runserver $PORT' }];
  if (!files.includes('config.ru')) return [];
  if (files.includes('bin/rails')) return [{ name: 'web', command: 'bin/rails server -p $PORT' }];
  const prefix = files.includes('Gemfile') ? 'bundle exec ' : '';
  return [{ name: 'web', command: `${prefix}rackup -p $PORT` }];
}

/** The script that serves, and those that go on beside it. */
function scriptsIn(seen: Seen): readonly NamedCommand[] {
  const names = Object.entries(seen.scripts ?? {}).flatMap(([name, script]) =>
    typeof script === 'string' ? [name] : [],
  );
  const main = ['dev', 'start', 'serve'].find((name) => names.includes(name));
  const beside = names.filter((name) =>
    /^(?:watch|worker|queue|build:watch)(?:[:-]|$)|^(?:dev|start):/.test(name),
  );
  const run = runnerOf(seen);
  const isServed = serversIn(seen).length > 0;
  return [
    ...(main === undefined ? [] : [{ name: isServed ? 'frontend' : 'web', command: run(main) }]),
    ...beside.map((name) => ({ name: processName(name), command: run(name) })),
  ];
}

const LOCK_FILES: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

function runnerOf({ files }: Seen): (script: string) => string {
  const lockFile = Object.keys(LOCK_FILES).find((name) => files.includes(name));
  const runner = LOCK_FILES[lockFile ?? ''] ?? 'npm';
  return (script) => {
    const word = /^[\w:.@/-]+$/.test(script) ? script : `'${script.replaceAll("'", `'\\''`)}'`;
    return `${runner} run ${word}`;
  };
}

const processName = (script: string): string => script.replace(/[^\w-]+/g, '-').slice(0, 63);

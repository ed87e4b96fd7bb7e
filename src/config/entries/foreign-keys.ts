/** Keys of other tools, and keys of procsup in the wrong place: what to write instead. */
import type { ValuePath } from '../yaml/value-path.ts';

const CONTAINER = 'remove it: procsup runs programs, not containers';

const OF_FILE: Readonly<Record<string, string>> = {
  services: "use 'processes'",
  version: 'remove it',
  name: 'remove it: a project is named by its directory',
  ...Object.fromEntries(['volumes', 'networks', 'secrets', 'configs'].map((key) => [key, CONTAINER])),
};

const OF_PROCESS: Readonly<Record<string, string>> = {
  healthcheck:
    "use 'ready: {exec: COMMAND}' for what others wait for, and 'health' for a check that goes on; 'interval' is 'every', 'retries' is 'failures', 'start_period' is not needed",
  entrypoint: "use 'command'",
  cmd: "use 'command'",
  script: "use 'command'",
  cwd: "use 'working_dir'",
  dir: "use 'working_dir'",
  directory: "use 'working_dir'",
  env: "use 'environment'",
  vars: "use 'environment'",
  scale: "use 'instances'",
  replicas: "use 'instances'",
  deploy: "use 'instances', 'restart' and 'limits'",
  mem_limit: "use 'limits: {memory: 512MiB}'",
  cpus: "use 'limits: {cpu: 1.5}'",
  pids_limit: "use 'limits: {processes: 50}'",
  ulimits: "use 'limits: {nofile: 4096}'",
  numprocs: "use 'instances'",
  readiness_probe: "use 'ready'",
  ready_log_line: "use 'ready: {log: REGEX}'",
  liveness_probe: "use 'health'",
  availability: "use 'restart', and 'on_exit' for its end",
  shutdown: "use 'stop_signal', 'stop_grace_period' and 'stop_command'",
  stop_timeout: "use 'stop_grace_period'",
  stopsignal: "use 'stop_signal'",
  disabled: "use 'autostart: false'",
  is_tty: "use 'tty'",
  is_daemon: 'remove it: let the program run in the foreground',
  exitcodes: "use 'success_status'",
  needs: "use 'depends_on'",
  after: "use 'depends_on'",
  requires: "use 'depends_on'",
  port: "use 'ports' for ports that it listens on; its PORT follows from the base port",
  stdin_open: 'remove it: stdin is open by default',
  ...Object.fromEntries(
    [
      ...['image', 'build', 'container_name', 'volumes', 'networks', 'expose', 'links', 'hostname'],
      ...['privileged', 'cap_add', 'cap_drop', 'network_mode', 'pull_policy', 'platform', 'extra_hosts'],
    ].map((key) => [key, CONTAINER]),
  ),
};

const OF_TASK: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['cmd', 'cmds', 'run', 'script', 'exec'].map((key) => [key, "use 'command'"])),
  ...Object.fromEntries(
    ['deps', 'depends', 'needs', 'dependsOn', 'dependencies', 'requires'].map((key) => [
      key,
      "use 'depends_on'",
    ]),
  ),
  ...Object.fromEntries(['sources', 'srcs', 'files', 'input'].map((key) => [key, "use 'inputs'"])),
  ...Object.fromEntries(['generates', 'output', 'outs'].map((key) => [key, "use 'outputs'"])),
  ...Object.fromEntries(['cwd', 'dir', 'directory'].map((key) => [key, "use 'working_dir'"])),
  ...Object.fromEntries(['vars', 'environments'].map((key) => [key, "use 'environment'"])),
  passThroughEnv: 'remove it: a task has all variables, and those in env count',
  desc: "use 'description'",
  persistent: "make it a process below 'processes', which a task may need",
  service: "make it a process below 'processes', which a task may need",
  watch: 'remove it: procsup task NAME --watch',
  clean: 'remove it: old outputs are removed when others are put back',
};

/** Keys that hold for one process and not for all. */
const OF_ONE = ['command', 'kind', 'depends_on', 'ports', 'schedule'];

/** An imperative; undefined: it is nobody's key. */
export function remedyForForeignKey(path: ValuePath): string | undefined {
  const key = String(path.at(-1));
  const [top] = path;
  if (path.length === 1) return own(OF_FILE, key);
  if (top === 'defaults' && path.length === 2)
    return OF_ONE.includes(key) ? `say it for each process below 'processes'` : own(OF_PROCESS, key);
  if (top === 'tasks' && path.length === 3) return own(OF_TASK, key);
  return top === 'processes' && path.length === 3 ? own(OF_PROCESS, key) : undefined;
}

const own = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

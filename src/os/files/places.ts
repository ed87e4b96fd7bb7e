/** Where a project's state, logs and socket are. Nothing is made here. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { projectHash, projectKey } from '../../core/project-key.ts';
import { isTaken, whyNotPrivate } from './private-directory.ts';

export interface Places {
  /** The project's directory, symbolic links resolved. */
  readonly root: string;
  readonly key: string;
  /** Of all projects of this user. */
  readonly stateBase: string;
  readonly stateDirectory: string;
  readonly logDirectory: string;
  /** The daemon's own output. */
  readonly daemonLog: string;
  readonly runtimeDirectory: string;
  /**
   * Where a new supervisor listens. Not where a client looks: XDG_RUNTIME_DIR differs between a terminal, cron and
   * ssh, so the lock file in the state directory says where the living one listens.
   */
  readonly socket: string;
  /** Why it is not where it would be. */
  readonly socketRemark?: string;
}

/** sun_path holds 104 bytes on macOS, including a NUL, and Node silently truncates longer paths. */
const LONGEST_SOCKET_BYTES = 103;

/**
 * Throws the system's error if `root` does not exist. `temporary`: the last resort for the socket; not TMPDIR, which
 * differs between terminals.
 */
export function placesOf(root: string, env: NodeJS.ProcessEnv, temporary = '/tmp'): Places {
  const realRoot = realpathSync.native(root);
  const key = projectKey(realRoot);
  const stateBase = stateBaseOf(env);
  const stateDirectory = join(stateBase, key);
  return {
    root: realRoot,
    key,
    stateBase,
    stateDirectory,
    logDirectory: join(stateDirectory, 'logs'),
    daemonLog: join(stateDirectory, 'daemon.log'),
    // Named by the state directory, not by the project: the owner of another lock has another socket.
    ...runtimePlaces(`${projectHash(stateDirectory)}.sock`, env, temporary, stateBase),
  };
}

/**
 * The path to `root` as the user knows it: with the links in the shell's working directory, if PWD tells. A link such as
 * `current` may lead elsewhere later, and the user still means the same project.
 */
export function givenPath(root: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const pwd = absolute(env['PWD']);
  const below = relative(cwd, root);
  if (pwd === undefined || isAbsolute(below) || !leadsTo(pwd, cwd)) return root;
  const given = join(pwd, below);
  // `..` of a link is not the parent of where it leads.
  return below.startsWith('..') && !leadsTo(given, root) ? root : given;
}

function leadsTo(path: string, realPath: string): boolean {
  try {
    return realpathSync.native(path) === realPath;
  } catch {
    return false;
  }
}

/** Of the project with this real root, which may not exist any more. */
export function stateDirectoryOf(realRoot: string, env: NodeJS.ProcessEnv): string {
  return join(stateBaseOf(env), projectKey(realRoot));
}

/** Where the state of all projects of this user is. */
export function stateBaseOf(env: NodeJS.ProcessEnv): string {
  return join(stateHome(env), 'procsup');
}

/** A relative path is ignored, as the XDG Base Directory Specification says. */
function stateHome(env: NodeJS.ProcessEnv): string {
  const stated = absolute(env['XDG_STATE_HOME']);
  return stated ?? join(absolute(env['HOME']) ?? homeOfUser(), '.local/state');
}

function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    throw new Error('cannot find your home directory: set HOME or XDG_STATE_HOME');
  }
}

function runtimePlaces(
  name: string,
  env: NodeJS.ProcessEnv,
  temporary: string,
  stateBase: string,
): Pick<Places, 'runtimeDirectory' | 'socket' | 'socketRemark'> {
  const stated = absolute(env['XDG_RUNTIME_DIR']);
  const candidates = [
    ...(stated !== undefined && isPrivate(stated) ? [join(stated, 'procsup')] : []),
    join(temporary, `procsup-${String(process.geteuid?.() ?? 0)}`),
  ];
  const fitting = candidates.find((directory) => fits(join(directory, name)));
  if (fitting !== undefined && (fitting !== candidates.at(-1) || !isTaken(fitting))) {
    return { runtimeDirectory: fitting, socket: join(fitting, name) };
  }
  // In /tmp any user can take our name.
  const runtimeDirectory = join(stateBase, 'run');
  if (fitting !== undefined && fits(join(runtimeDirectory, name))) {
    const socketRemark = `${whyNotPrivate(fitting) ?? fitting}; the control socket is in '${runtimeDirectory}' instead`;
    return { runtimeDirectory, socket: join(runtimeDirectory, name), socketRemark };
  }
  if (fitting !== undefined) return { runtimeDirectory: fitting, socket: join(fitting, name) };
  throw new Error(`socket path too long (the limit is ${String(LONGEST_SOCKET_BYTES)} bytes)`);
}

const fits = (socket: string): boolean => Buffer.byteLength(socket) <= LONGEST_SOCKET_BYTES;

/** One that cannot even be looked at is not ours to use. */
function isPrivate(path: string): boolean {
  try {
    return whyNotPrivate(path) === undefined;
  } catch {
    return false;
  }
}

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

/**
 * Who listens on which TCP port: on Linux from /proc/net/tcp and tcp6, and by the descriptors of processes, which name
 * the inodes of their sockets; elsewhere from lsof.
 */
import { execFile } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { namesOrNone, readNames, textOrNothing } from './proc-file.ts';

/** Ports by the inodes of the sockets that listen on them. */
export type ListeningSockets = ReadonlyMap<string, number>;

export interface Listener {
  readonly port: number;
  /** Null: a process that we may not look at. */
  readonly pid: number | null;
}

const LISTEN = '0A';

/** In the network namespace of this process. Undefined: the system does not tell. */
export function listeningSockets(proc = '/proc'): ListeningSockets | undefined {
  if (!existsSync(`${proc}/net/tcp`)) return undefined;
  const sockets = new Map<string, number>();
  for (const name of ['tcp', 'tcp6']) addListening(textOrNothing(`${proc}/net/${name}`), sockets);
  return sockets;
}

/** Of UDP: bound, and connected to nobody. */
const UNCONNECTED = '07';

/** Those that keep others from binding a port. */
export function socketsBound(kind: 'tcp' | 'udp', proc = '/proc'): ListeningSockets {
  const sockets = new Map<string, number>();
  for (const name of [kind, `${kind}6`])
    addListening(textOrNothing(`${proc}/net/${name}`), sockets, kind === 'udp' ? UNCONNECTED : LISTEN);
  return sockets;
}

/** Those of the Unix domain that are bound to a path, all with the number 0. */
export function socketsAtPath(path: string, proc = '/proc'): ListeningSockets {
  const lines = textOrNothing(`${proc}/net/unix`).split('\n');
  const inodes = lines.flatMap((line) => {
    const [, , , flags, , , inode = '', ...words] = line.trim().split(/\s+/);
    return flags === ACCEPTS && words.join(' ') === path ? [inode] : [];
  });
  return new Map(inodes.map((inode) => [inode, 0]));
}

/** __SO_ACCEPTCON */
const ACCEPTS = '00010000';

/** A line: `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ...`, addresses and state in hex. */
function addListening(text: string, sockets: Map<string, number>, wanted = LISTEN): void {
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== wanted || inode === undefined) continue;
    sockets.set(inode, Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
  }
}

/** The ports on which these processes listen, each once, in order; null where none of them may be looked at. */
export function portsOfProcesses(
  directories: readonly string[],
  sockets: ListeningSockets,
): readonly number[] | null {
  const ports = new Set<number>();
  let isKnown = directories.length === 0 || sockets.size === 0;
  if (!isKnown) {
    for (const directory of directories) {
      const inodes = socketsOf(directory);
      if (inodes !== null) isKnown = true;
      for (const inode of inodes ?? []) {
        const port = sockets.get(inode);
        if (port !== undefined) ports.add(port);
      }
    }
  }
  return isKnown ? [...ports].sort((a, b) => a - b) : null;
}

/** Who listens on these ports. All processes are looked at, but only if one of the ports is taken. */
export function listenersOn(
  ports: ReadonlySet<number>,
  sockets: ListeningSockets,
  proc = '/proc',
): readonly Listener[] {
  const wanted = new Map([...sockets].filter(([, port]) => ports.has(port)));
  const found = new Map<number, number | null>([...wanted.values()].map((port) => [port, null]));
  if (wanted.size > 0) {
    for (const pid of namesOrNone(proc).map(Number).filter(Number.isInteger)) {
      for (const inode of socketsOf(`${proc}/${String(pid)}`) ?? []) {
        const port = wanted.get(inode);
        // A parent has a lower number than the workers that share its socket.
        if (port !== undefined && found.get(port) === null) found.set(port, pid);
      }
    }
  }
  return [...found].map(([port, pid]) => ({ port, pid }));
}

/** The inodes of the sockets of a process; null: it may not be looked at. */
export function socketsOf(directory: string): readonly string[] | null {
  const listed = readNames(`${directory}/fd`);
  if (listed.is !== 'read') return listed.is === 'gone' ? [] : null;
  return listed.names.flatMap((fd) => socketAt(`${directory}/fd/${fd}`) ?? []);
}

function socketAt(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined; // Closed meanwhile.
  }
}

const LSOF_MS = 5000;

/** By lsof(8), where there is no /proc. Undefined: there is no lsof, or it fails. Sees only processes of the same user. */
export function listenersByLsof(lsof = 'lsof'): Promise<readonly Listener[] | undefined> {
  return new Promise((resolve) => {
    const words = ['-nP', '-iTCP', '-sTCP:LISTEN', '-Fpn'];
    execFile(lsof, words, { timeout: LSOF_MS, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      // Its status is 1 if nothing listens.
      resolve(error === null || stdout !== '' || error.code === 1 ? parseLsof(stdout) : undefined);
    });
  });
}

/** `p123`, then for each socket of that process `n127.0.0.1:5000` or `n*:5000`. */
export function parseLsof(text: string): readonly Listener[] {
  const listeners: Listener[] = [];
  let pid: number | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    const port = line.startsWith('n') ? Number(/:(\d+)$/.exec(line)?.[1]) : NaN;
    if (Number.isInteger(port)) listeners.push({ port, pid });
  }
  return listeners;
}

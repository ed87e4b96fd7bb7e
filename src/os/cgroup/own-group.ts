/** Our own control group of cgroup v2 (cgroups(7)), as far as it concerns limits. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerOf, type OwnGroup } from '../../core/limits/enforcing.ts';
import { emptyStat } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';
import { unitOf, type SystemdTools } from './systemd.ts';

/** Null: there is no cgroup v2 here, or we cannot see ours. */
export async function readOwnGroup(tools: SystemdTools): Promise<OwnGroup | null> {
  const path = withoutDead(/^0::(\/.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1]);
  const directory = path && directoryOf(path, textOf('/proc/self/mountinfo'));
  if (path === undefined || directory === undefined || !existsSync(join(directory, 'cgroup.controllers')))
    return null;
  const unit = unitOf(path);
  return {
    directory,
    controllers: textOf(join(directory, 'cgroup.controllers')).trim().split(' '),
    // systemd moves processes as it likes in a unit that it has not delegated, writable or not.
    isOurs: isWritable(directory) && (unit === undefined || (await tools.isDelegated(unit))),
    isRoot: !existsSync(join(directory, 'cgroup.type')),
    // All that is in a container is of it.
    hasStrangers: path !== '/' && pidsIn(directory).some((pid) => !isOfUs(pid)),
  };
}

/** A supervisor that was killed has left us in a group below ours. */
function withoutDead(path: string | undefined): string | undefined {
  const [, own = '', name = ''] = /^(.*)\/([^/]+)\/supervisor$/.exec(path ?? '') ?? [];
  return isDead(name) ? own || '/' : path;
}

/** Whether it is a group of a supervisor that is gone. */
export function isDead(name: string): boolean {
  const owner = ownerOf(name);
  return owner !== undefined && !existsSync(`/proc/${String(owner)}`);
}

/** Where the control group with this path, as in /proc/self/cgroup, is in the file system. */
export function directoryOf(path: string, mountinfo: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    const [own = '', filesystem = ''] = line.split(' - ');
    if (!filesystem.startsWith('cgroup2 ')) continue;
    const [, , , root = '/', place = ''] = own.split(' ');
    const below = root === '/' ? path : path === root ? '/' : path.slice(root.length);
    const isBelow = root === '/' || path === root || path.startsWith(`${root}/`);
    // A group above the root of our namespace is shown as `/..`.
    if (isBelow && !path.startsWith('/..')) return join(unescaped(place), below).replace(/(.)\/$/, '$1');
  }
  return undefined;
}

/** proc(5): blanks and the like are written in octal. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

export const pidsIn = (directory: string): readonly number[] =>
  textOf(join(directory, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);

function isWritable(directory: string): boolean {
  try {
    for (const name of ['.', 'cgroup.procs', 'cgroup.subtree_control'])
      accessSync(join(directory, name), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** One that has ended meanwhile is in nobody's way. 0: a process of another pid namespace. */
function isOfUs(pid: number): boolean {
  const stat = emptyStat();
  for (let at = pid; at !== process.pid; at = stat.parent) {
    if (at <= 1) return false;
    if (readStat(at, stat).is !== 'read') return true;
  }
  return true;
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

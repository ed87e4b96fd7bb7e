/**
 * What a command has read and written, from the lines of `strace -f -y -xx -e trace=%file,fchdir`, and what of it a task does not
 * declare. With -y a descriptor is told with its path, AT_FDCWD with the working directory; with -xx names are in hexadecimal
 * digits, so that none can be mistaken.
 */
import { namesOf } from '../watch/pattern.ts';
import { isWithin } from '../watch/scope.ts';
import { fileRules, ruleOf } from './files.ts';
import type { Task } from './task.ts';

export interface Accesses {
  /** Absolute paths. Not what it has made itself before. */
  readonly reads: ReadonlySet<string>;
  /** What is there, or gone, because of it. */
  readonly writes: ReadonlySet<string>;
}

interface Call {
  readonly pid: string;
  readonly name: string;
  readonly args: readonly Argument[];
  /** The path of the descriptor that it returned. */
  readonly result: string | undefined;
}

/** A descriptor or AT_FDCWD with its path, a name, or another word. */
interface Argument {
  readonly at?: string;
  readonly name?: string;
  readonly word?: string;
}

const LINE = /^(\d+) +(\w+)\((.*)\) += (\d+)(?:<((?:\\x[0-9a-f]{2})*)>)?/;
const UNFINISHED = /^(\d+) +(.*) <unfinished \.\.\.>$/;
const RESUMED = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/;
const ARGUMENT = /(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>|"((?:\\x[0-9a-f]{2})*)"|([A-Z][A-Z0-9_|]*)/g;

/** `cwd`: in which the command began. */
export function accessesIn(lines: Iterable<string>, cwd: string): Accesses {
  const reads = new Set<string>();
  const writes = new Set<string>();
  /** Made by it and gone again. */
  const made = new Set<string>();
  const begun = new Map<string, string>();
  const directories = new Map<string, string>();

  const write = (path: string): void => {
    if (!writes.has(path) && !reads.has(path)) made.add(path);
    writes.add(path);
  };
  const remove = (path: string): void => {
    if (made.has(path)) writes.delete(path);
    else writes.add(path);
  };
  const take = ({ pid, name, args, result }: Call): void => {
    const [at] = args.flatMap((one) => one.at ?? []);
    if (at !== undefined && args[0]?.at !== undefined) directories.set(pid, at);
    const paths = pathsOf(args, directories.get(pid) ?? cwd);
    const [first, second] = paths;
    if (first === undefined) return;
    switch (name) {
      case 'open':
      case 'openat':
      case 'openat2':
      case 'creat': {
        const flags = args.flatMap(({ word }) => word?.split('|') ?? []);
        const path = result ?? first;
        if (flags.includes('O_DIRECTORY') || flags.includes('O_PATH')) return;
        if (name === 'creat' || flags.some((flag) => WRITING.includes(flag))) write(path);
        else if (!writes.has(path)) reads.add(path);
        return;
      }
      case 'execve':
      case 'execveat':
        if (!writes.has(first)) reads.add(first);
        return;
      case 'rename':
      case 'renameat':
      case 'renameat2':
        remove(first);
        if (second !== undefined) write(second);
        return;
      case 'link':
      case 'linkat':
        if (second !== undefined) write(second);
        return;
      case 'symlink':
      case 'symlinkat':
        if (second !== undefined) write(second);
        return;
      case 'truncate':
        writes.add(first);
        return;
      case 'unlink':
      case 'unlinkat':
        remove(first);
        return;
      case 'chdir':
        directories.set(pid, first);
    }
  };

  for (const line of lines) {
    const [, pid = '', part] = UNFINISHED.exec(line) ?? [];
    if (part !== undefined) {
      begun.set(pid, part);
      continue;
    }
    const [, resumed = '', rest] = RESUMED.exec(line) ?? [];
    const call = callOf(rest === undefined ? line : `${resumed} ${begun.get(resumed) ?? ''}${rest}`);
    if (call !== undefined) take(call);
  }
  return { reads, writes };
}

const WRITING: readonly string[] = ['O_WRONLY', 'O_RDWR', 'O_CREAT', 'O_TRUNC'];

/** Undefined: it has failed, or is none. */
function callOf(line: string): Call | undefined {
  const [, pid, name, args = '', , path] = LINE.exec(line) ?? [];
  if (pid === undefined || name === undefined) return undefined;
  return { pid, name, args: argumentsOf(args), result: path === undefined ? undefined : fromHex(path) };
}

function argumentsOf(text: string): readonly Argument[] {
  return [...text.matchAll(ARGUMENT)].map(([, at, name, word]) => {
    if (at !== undefined) return { at: fromHex(at) };
    return name === undefined ? { word: word ?? '' } : { name: fromHex(name) };
  });
}

/** Each name, from the directory before it or the current one. */
function pathsOf(args: readonly Argument[], cwd: string): readonly string[] {
  let from = cwd;
  return args.flatMap(({ at, name }) => {
    if (at !== undefined) from = at;
    if (name === undefined) return [];
    const path = joined(from, name);
    from = cwd;
    return [path];
  });
}

function joined(from: string, name: string): string {
  const names: string[] = [];
  for (const one of namesOf(name.startsWith('/') ? name : `${from}/${name}`))
    if (one === '..') names.pop();
    else if (one !== '.') names.push(one);
  return `/${names.join('/')}`;
}

/** The bytes are UTF-8; one that is none becomes the sign for that. */
const fromHex = (text: string): string => {
  const escaped = text.replaceAll('\\x', '%');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped
      .replace(/%([0-7][0-9a-f])/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      .replace(/%[0-9a-f]{2}/g, '\ufffd');
  }
};

export interface Undeclared {
  /** Relative to the root, sorted. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

const NOT_ASKED: readonly string[] = ['node_modules', '.git'];

/** `needed`: the tasks that it needs, directly or not: their outputs are known by their keys. */
export function undeclaredOf(
  { reads, writes }: Accesses,
  { task, needed, root }: { readonly task: Task; readonly needed: readonly Task[]; readonly root: string },
): Undeclared {
  const outputs = fileRules(task.outputs ?? [], task.workingDir);
  const readable = [fileRules(task.inputs ?? [], task.workingDir), outputs];
  for (const one of needed) readable.push(fileRules(one.outputs ?? [], one.workingDir));
  const isAsked = (path: string): boolean =>
    path !== root &&
    isWithin(root, path) &&
    !namesOf(path.slice(root.length)).some((name) => NOT_ASKED.includes(name));
  const told = (paths: Iterable<string>): readonly string[] =>
    [...paths]
      .filter(isAsked)
      .map((path) => path.slice(root === '/' ? 1 : root.length + 1))
      .sort();
  return {
    reads: told([...reads].filter((path) => !readable.some((rules) => ruleOf(rules, path)))),
    writes: told([...writes].filter((path) => !ruleOf(outputs, path))),
  };
}

/** Runs a task under strace, and tells what it reads and writes that it does not declare. */
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync, type Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { accessesIn, undeclaredOf, type Undeclared } from '../../core/task/audit.ts';
import type { Task } from '../../core/task/task.ts';

export type Audit =
  | ({ readonly is: 'audited'; readonly status: number } & Undeclared)
  /** Nothing was run. */
  | { readonly is: 'refused'; readonly message: string; readonly remedy: string };

export interface AuditOrder {
  /** All variables that its command gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What `/bin/sh -c` gets after the command. */
  readonly words?: readonly string[];
  /** The tasks that it needs, directly or not. */
  readonly needed: readonly Task[];
  /** Nothing outside of it is told. */
  readonly root: string;
  /** Of stdout and stderr; ours if it is missing. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  readonly strace?: string;
}

const FLAGS = ['-f', '-y', '-xx', '-qq', '-s', '4096', '-e', 'signal=none', '-e', 'trace=%file,fchdir'];

export async function auditTask(task: Task, order: AuditOrder): Promise<Audit> {
  const { strace = 'strace', root, needed } = order;
  const refusal = refusalOf(strace);
  if (refusal !== undefined) return { is: 'refused', ...refusal };
  const directory = mkdtempSync(join(tmpdir(), 'procsup-audit-'));
  const trace = join(directory, 'trace');
  try {
    const status = await run(task, trace, order);
    const lines: string[] = [];
    for await (const line of createInterface({ input: createReadStream(trace, 'latin1') })) lines.push(line);
    const { reads, writes } = undeclaredOf(accessesIn(lines, task.workingDir), { task, needed, root });
    const isFile = (path: string): boolean => statsOf(join(root, path))?.isDirectory() !== true;
    return { is: 'audited', status, reads: reads.filter(isFile), writes: writes.filter(isFile) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A container may not allow ptrace(2). */
function refusalOf(strace: string): { readonly message: string; readonly remedy: string } | undefined {
  if (process.platform !== 'linux')
    return { message: 'cannot audit: strace needs Linux', remedy: 'audit it on Linux' };
  const { error, status, stderr } = spawnSync(strace, [...FLAGS, '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (error !== undefined)
    return { message: `cannot audit: '${strace}' not found`, remedy: 'install strace' };
  if (status === 0) return undefined;
  const why = stderr.trim().split('\n')[0] ?? '';
  return {
    message: `cannot audit: strace fails: ${why}`,
    remedy: 'allow ptrace, such as by docker run --cap-add SYS_PTRACE',
  };
}

function run({ command = '', workingDir }: Task, trace: string, order: AuditOrder): Promise<number> {
  const { strace = 'strace', environment, words = [], onOutput } = order;
  const output = onOutput === undefined ? 'inherit' : 'pipe';
  const args = [...FLAGS, '-o', trace, '/bin/sh', '-c', command, ...words];
  return new Promise((resolve, reject) => {
    const child = spawn(strace, args, {
      cwd: workingDir,
      env: environment,
      stdio: ['ignore', output, output],
    });
    child.stdout?.on('data', (bytes: Buffer) => onOutput?.('stdout', bytes));
    child.stderr?.on('data', (bytes: Buffer) => onOutput?.('stderr', bytes));
    child.on('error', reject);
    // strace ends as its command did, by the same signal.
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Commands whose output a result depends on: `node --version`. Each is run once for all tasks of a run. */
import { execFile } from 'node:child_process';
import { sha256 } from './hash.ts';

export interface Tools {
  /** Digest of what the command prints. Rejects where it fails. */
  digestOf(command: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<string>;
}

const PATIENCE_MS = 60_000;
const MOST_OUTPUT_BYTES = 1024 * 1024;

export function createTools(): Tools {
  const asked = new Map<string, Promise<string>>();
  return {
    digestOf(command, cwd, environment) {
      const key = JSON.stringify([command, cwd, environment]);
      const before = asked.get(key);
      if (before !== undefined) return before;
      const digest = run(command, cwd, environment).then(sha256);
      asked.set(key, digest);
      return digest;
    },
  };
}

/** Some tell their version on stderr: java -version. */
function run(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: PATIENCE_MS, maxBuffer: MOST_OUTPUT_BYTES };
    const child = execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.stringify([stdout, stderr]));
      else reject(new Error(`cannot run the tool '${command}': ${reasonOf(error)}`));
    });
    child.stdin?.end();
  });
}

function reasonOf({
  code,
  signal,
  killed,
}: Error & { code?: unknown; signal?: unknown; killed?: boolean }): string {
  if (killed === true) return `no end within ${String(PATIENCE_MS / 1000)}s`;
  if (typeof code === 'number') return `exited with status ${String(code)}`;
  return typeof signal === 'string' ? `terminated by ${signal}` : String(code);
}

/**
 * What bin/procsup.js, which is read by sh first, has left in the environment for us: variables that the shell has
 * dropped because their names are no shell names, and the signals that were ignored when we were started. Node resets
 * those before any script runs.
 */
import { isInMask, type SignalName } from '../../core/process/signals.ts';

type Environment = Record<string, string | undefined>;

const LOST = 'PROCSUP_ODD_ENV_';

/** Gives `env` back what the shell has dropped: NUL-terminated `name=value`, in hexadecimal pieces. */
export function restoreLostVariables(env: Environment): void {
  let hex = '';
  for (let at = 0; ; at += 1) {
    const name = `${LOST}${String(at)}`;
    const piece = env[name];
    if (piece === undefined) break;
    hex += piece;
    Reflect.deleteProperty(env, name);
  }
  if (hex === '') return;
  for (const record of Buffer.from(hex, 'hex').toString().split('\0')) {
    const end = record.indexOf('=', 1);
    if (end > 0) env[record.slice(0, end)] = record.slice(end + 1);
  }
}

/**
 * Those of SIGHUP (nohup) and SIGINT (the background job of a script) that were ignored when we were started, as far
 * as the launcher could tell: as the mask of /proc, alone or in the whole text of its `status`, which costs sh a millisecond
 * to search, or as the output of the `trap` of bash, which is sh on macOS.
 */
export function ignoredAtStart(env: Readonly<Environment>): readonly SignalName[] {
  const told = env['PROCSUP_IGNORED']?.trim() ?? '';
  const mask = /(?:^|\nSigIgn:\s*)([\da-f]{16})(?:\n|$)/.exec(told)?.[1] ?? '0';
  const isTrapped = (signal: SignalName) =>
    told.includes(`trap -- '' ${signal}\n`) || told.endsWith(`'' ${signal}`);
  return (['SIGHUP', 'SIGINT'] as const).filter((signal) => isInMask(mask, signal) || isTrapped(signal));
}

/** Shell code by which a program, too, is started with these signals ignored. */
export function ignoringPrelude(signals: readonly SignalName[]): string {
  if (signals.length === 0) return '';
  return `trap '' ${signals.map((signal) => signal.slice('SIG'.length)).join(' ')}; `;
}

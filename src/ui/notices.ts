/** Our own events in words: lines of the source `system`. */
import { formatDuration } from '../text/duration.ts';
import { STATUS, statusOf, type Exit } from '../core/exit.ts';
import type { Cause, FleetNotice } from '../core/fleet-state.ts';
import type { ProcessNotice } from '../core/process-state.ts';

export function processNoticeText(name: string, notice: ProcessNotice): string {
  switch (notice.type) {
    case 'started':
      return `${name} started (pid ${String(notice.pid)})`;
    case 'refused':
      return `${name} cannot be started: ${reasonOf(notice.exit)}`;
    case 'exited':
      return `${name} ${exitText(notice.exit)}`;
    case 'clearing':
      return `${name} left processes behind; stopping them`;
    case 'killing':
      return `${name} has not ended; killing it`;
    case 'restarting':
      return notice.delayMs === 0
        ? `${name} restarts at once`
        : `${name} restarts in ${formatDuration(notice.delayMs)}`;
    case 'gave-up': {
      const within = formatDuration(notice.withinMs);
      return `${name} has failed: ${String(notice.restarts)} restarts within ${within} did not help`;
    }
    case 'doomed':
      return `${name} is not started: ${reasonOf(notice.exit)}`;
    case 'unkillable':
      return `${name} (pid ${String(notice.pid)}) does not die of SIGKILL; it is left behind`;
  }
}

export const GUARDIAN_LOST = 'there is no guardian any more: should procsup be killed, its processes live on';

/** Undefined where there is nothing to say. */
export function fleetNoticeText(notice: FleetNotice): string | undefined {
  switch (notice.type) {
    case 'closing':
      return closingText(notice.cause, notice.living);
    case 'interrupted':
      return `waiting for ${list(notice.living)}; Ctrl-C again kills`;
    case 'hurried':
      return 'killing everything';
  }
}

/** `exited with status 3`, and for the two statuses by which a shell speaks, what they mean. */
export function exitText(exit: Exit): string {
  switch (exit.by) {
    case 'code':
      return `exited with status ${String(exit.code)}${shellMeaning(exit.code)}`;
    case 'signal':
      return `was ended by ${exit.signal} (status ${String(statusOf(exit))})`;
    case 'refusal':
      return `could not be started: ${reasonOf(exit)}`;
  }
}

function shellMeaning(code: number): string {
  if (code === STATUS.notFound) return ': command not found';
  if (code === STATUS.notExecutable) return ': command cannot be executed';
  return '';
}

function closingText(cause: Cause, living: readonly string[]): string | undefined {
  switch (cause.by) {
    case 'signal': {
      const hint = cause.signal === 'SIGINT' && living.length > 0 ? '; Ctrl-C again kills' : '';
      return `${cause.signal}: stopping${hint}`;
    }
    case 'exit':
      return living.length === 0 ? undefined : `${cause.name} has ended; stopping ${list(living)}`;
    case 'request':
      return 'down: stopping';
    case 'reader-gone':
      return undefined;
  }
}

const MOST_NAMES = 5;

function list(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${String(names.length - MOST_NAMES + 1)} more`;
}

function reasonOf(exit: Exit): string {
  return exit.by === 'refusal' ? exit.message : exitText(exit);
}

import { isFailure, statusOf } from '../../core/process/exit.ts';
import { exitOfPublic } from '../../core/process/public-exit.ts';
import type { Verb } from '../../core/fleet/tickets.ts';
import type { ChangeResult } from '../../control/api.ts';
import { changedFilesText } from '../../ui/changed-files-text.ts';
import { changeText } from '../../ui/change-text.ts';
import { bodyOf, printJson } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import type { Io } from '../io.ts';
import type { SettingsReader } from '../read-settings.ts';

export interface ChangeSettings {
  readonly names: readonly string[];
  readonly wait: boolean;
  readonly json: boolean;
  /** Of a stop: time before SIGKILL. */
  readonly timeoutMs?: number | undefined;
  /** Of a start or restart: what it needs is neither started nor waited for. */
  readonly ignoresNeeds?: boolean;
  /** Of a restart: the old run is stopped when the new one is ready. Default: as procsup.yaml says. */
  readonly isRolling?: boolean;
}

interface ChangeReply {
  readonly results?: readonly ChangeResult[];
  readonly accepted?: readonly string[];
  readonly changedFiles?: readonly string[];
}

/** The requested state was not reached although no process failed, for example because of a later request. */
export const NOT_HAPPENED = 1;

/** The settings of `stop` and `restart`. */
export function changeSettings(read: SettingsReader, names: readonly string[]): ChangeSettings {
  return {
    ...{ names, wait: !read.isOn('no-wait'), json: read.isOn('json') },
    timeoutMs: read.optionalDuration('timeout'),
  };
}

/** Sends the request, prints the outcome for each instance, and returns our exit status. */
export async function change(
  { client, io }: CommandContext,
  verb: Verb,
  how: ChangeSettings,
): Promise<number> {
  const answer = await client.post(`/v1/${verb}`, {
    names: how.names,
    wait: how.wait,
    timeout: how.timeoutMs,
    needs: how.ignoresNeeds === true ? 'ignore' : undefined,
    rolling: how.isRolling === true ? true : undefined,
  });
  const { results, accepted = [], changedFiles } = bodyOf<ChangeReply>(answer);
  if (how.json) printJson(io, results ?? accepted);
  else if (results === undefined) io.stdout(`${verb} requested: ${accepted.join(', ')}\n`);
  else for (const result of results) io.stdout(`${changeText(verb, result)}\n`);
  tellChangedFiles(io, changedFiles);
  return statusOfResults(verb, results ?? []);
}

/** Of a supervisor that says so: an older one does not. */
export function tellChangedFiles({ stderr }: Pick<Io, 'stderr'>, files: readonly string[] = []): void {
  const text = changedFilesText(files);
  if (text !== undefined) stderr(`procsup: ${text}\n`);
}

/** The status of the first process that failed. */
export function statusOfResults(verb: Verb, results: readonly ChangeResult[]): number {
  if (verb === 'stop') return results.some(({ outcome }) => outcome !== 'stopped') ? NOT_HAPPENED : 0;
  for (const { outcome, exit } of results) {
    const how = exit === null ? undefined : exitOfPublic(exit);
    if (outcome === 'ended' && how !== undefined && isFailure(how)) return statusOf(how);
    if (outcome === 'kept') return how === undefined || !isFailure(how) ? NOT_HAPPENED : statusOf(how);
    if (outcome === 'superseded' || outcome === 'unknown') return NOT_HAPPENED;
  }
  return 0;
}

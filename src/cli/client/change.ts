import { isFailure, statusOf } from '../../core/process/exit.ts';
import { exitOfPublic } from '../../core/process/public-exit.ts';
import type { Verb } from '../../core/fleet/tickets.ts';
import type { ChangeResult } from '../../control/api.ts';
import { changeText } from '../../ui/change-text.ts';
import { bodyOf, printJson } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import type { SettingsReader } from '../read-settings.ts';

export interface ChangeSettings {
  readonly names: readonly string[];
  readonly wait: boolean;
  readonly json: boolean;
}

interface ChangeReply {
  readonly results?: readonly ChangeResult[];
  readonly accepted?: readonly string[];
}

/** What was asked for has not come true, though nobody failed: a later request has overtaken it, say. */
export const NOT_HAPPENED = 1;

/** How `stop` and `restart` are to be carried out. */
export function changeSettings(read: SettingsReader, names: readonly string[]): ChangeSettings {
  return { names, wait: !read.isOn('no-wait'), json: read.isOn('json') };
}

/** Asks for it, tells what has become of each instance, and returns our exit status. */
export async function change(
  { client, io }: CommandContext,
  verb: Verb,
  how: ChangeSettings,
): Promise<number> {
  const answer = await client.post(`/v1/${verb}`, { names: how.names, wait: how.wait });
  const { results, accepted = [] } = bodyOf<ChangeReply>(answer);
  if (how.json) printJson(io, results ?? accepted);
  else if (results === undefined) io.stdout(`asked for: ${verb} ${accepted.join(' ')}\n`);
  else for (const result of results) io.stdout(`${changeText(verb, result)}\n`);
  return statusOfResults(verb, results ?? []);
}

/** The first that failed decides. */
export function statusOfResults(verb: Verb, results: readonly ChangeResult[]): number {
  if (verb === 'stop') return results.some(({ outcome }) => outcome !== 'stopped') ? NOT_HAPPENED : 0;
  for (const { outcome, exit } of results) {
    const how = exit === null ? undefined : exitOfPublic(exit);
    if (outcome === 'ended' && how !== undefined && isFailure(how)) return statusOf(how);
    if (outcome === 'superseded' || outcome === 'unknown') return NOT_HAPPENED;
  }
  return 0;
}

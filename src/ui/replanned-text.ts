/** The changes made by `scale` and `reload`, one line per instance. */
import type { Verb } from '../core/fleet/tickets.ts';
import { changeText, type ChangeOutcome } from './change-text.ts';

export function replannedText(replanned: {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly results: readonly ChangeOutcome[];
}): string {
  const { added, removed, changed, results } = replanned;
  const resultOf = (name: string) => results.find((result) => result.name === name);
  const line = (verb: Verb, otherwise: string) => (name: string) => {
    const result = resultOf(name);
    return result === undefined ? `${name} ${otherwise}` : changeText(verb, result);
  };
  // An instance that was not running is only removed.
  const goodbye = (name: string) =>
    resultOf(name)?.outcome === 'stopped' ? `${line('stop', '')(name)} and removed` : `${name} removed`;
  const told = new Set([...removed, ...changed, ...added]);
  const lines = [
    ...removed.map(goodbye),
    ...changed.map(line('restart', 'changed (not running)')),
    ...added.map(line('start', 'added (not started)')),
    // Existing instances that are started now.
    ...results.filter(({ name }) => !told.has(name)).map((result) => changeText('start', result)),
  ];
  return lines.length === 0 ? 'no changes\n' : lines.map((one) => `${one}\n`).join('');
}

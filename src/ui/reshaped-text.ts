/** What `scale` and `reload` have changed, a line for each instance. */
import { changeText, type ChangeOutcome } from './change-text.ts';

export function reshapedText(reshaped: {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly results: readonly ChangeOutcome[];
}): string {
  const { added, removed, changed, results } = reshaped;
  const resultOf = (name: string) => results.find((result) => result.name === name);
  const line = (verb: 'start' | 'stop' | 'restart', note: string) => (name: string) => {
    const result = resultOf(name);
    return `${result === undefined ? name : changeText(verb, result)}${note}\n`;
  };
  const lines = [
    ...removed.map(line('stop', ' and removed')),
    ...changed.map((name) =>
      resultOf(name) === undefined ? `${name} changed; it is not running\n` : line('restart', '')(name),
    ),
    ...added.map(line('start', '')),
  ];
  return lines.length === 0 ? 'nothing has changed\n' : lines.join('');
}

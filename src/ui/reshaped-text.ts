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
  const line = (verb: 'start' | 'restart') => (name: string) => {
    const result = resultOf(name);
    return `${result === undefined ? `${name} added; it is not running` : changeText(verb, result)}\n`;
  };
  const lines = [
    ...removed.map((name) => `${name} removed${wasEnded(resultOf(name))}\n`),
    ...changed.map((name) =>
      resultOf(name) === undefined ? `${name} changed; it is not running\n` : line('restart')(name),
    ),
    ...added.map(line('start')),
  ];
  return lines.length === 0 ? 'nothing has changed\n' : lines.join('');
}

const wasEnded = (result: ChangeOutcome | undefined): string =>
  result === undefined || result.before === null ? '' : ` (pid ${String(result.before)} stopped)`;

/** `pool run NAME [WORDS]`, or `pool --run NAME [WORDS]`: the pool of procsup.yaml that is meant, and what does not go together with it. */
import type { Problem } from '../../core/problem.ts';
import type { CommandLine } from '../command-line.ts';

export interface RunOperands {
  /** null: it is no `pool run`. */
  readonly supervised: string | null;
  readonly command: readonly string[];
  readonly problems: readonly Problem[];
}

/** What belongs to the workers is said in procsup.yaml. */
const OF_WORKERS = ['worker', 'framing', 'recycle', 'max-memory', 'uses', 'nice', 'ungroup'] as const;

export function readRun(words: readonly string[], { options }: CommandLine): RunOperands {
  const given = options.run;
  if (typeof given !== 'string' && words[0] !== 'run')
    return { supervised: null, command: words, problems: [] };
  const [name = '', ...command] = typeof given === 'string' ? [given, ...words] : words.slice(1);
  const problems: Problem[] = [];
  const complain = (code: string, message: string, remedy: string): void =>
    void problems.push({ code, severity: 'error', message, remedy });
  if (!/^[A-Za-z0-9_-]{1,63}$/.test(name))
    complain(
      'pool-run-name',
      name === '' ? 'missing pool name' : `invalid pool name '${name}'`,
      "use 'procsup pool run NAME'; a program with the name 'run' is './run' or 'command run'",
    );
  for (const option of OF_WORKERS)
    if (options[option] !== undefined)
      complain(
        'pool-run-option',
        `option '--${option}' has no effect on the workers of a supervised pool`,
        "omit it; 'pools' in procsup.yaml says how they run",
      );
  return { supervised: name, command, problems };
}

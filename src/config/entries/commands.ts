/** Reads commands: a command line for the shell, or the words of a program, which needs none. */
import { scriptFor } from '../../core/shell/command.ts';
import { quoteWords } from '../../core/shell/words.ts';
import { sourceOf, type EntryReader } from './entry.ts';
import type { ValuePath } from '../yaml/value-path.ts';

export interface CommandReading {
  /** For people, and for a shell that is to run it. */
  readonly command: string;
  /** What `/bin/sh -c` gets. */
  readonly script: string;
}

export function readCommand(reader: EntryReader, key: string): CommandReading | undefined {
  const value = reader.map[key];
  const path = [...reader.path, key];
  if (typeof value === 'string') return ofText(reader, value, key, path);
  return Array.isArray(value) ? ofWords(reader, value, key, path) : undefined;
}

function ofText(reader: EntryReader, text: string, key: string, path: ValuePath): CommandReading | undefined {
  const { placeOf, problems } = reader;
  const command = text.trim();
  const whose = key === 'command' ? '' : ` of '${key}'`;
  if (command === '') {
    problems.push({
      code: 'app-file-empty-command',
      severity: 'error',
      message: key === 'command' ? 'empty command' : `empty command for '${key}'`,
      place: placeOf(path),
      remedy: "add one, for example 'node server.js'",
    });
    return undefined;
  }
  if (!command.includes('\0')) return { command, script: scriptFor(command) };
  problems.push({
    code: 'app-file-nul',
    severity: 'error',
    message: `the command${whose} contains a NUL byte`,
    place: placeOf(path, { at: text.indexOf('\0'), length: 1 }),
    remedy: 'remove the byte',
  });
  return undefined;
}

/** `exec` also before what a shell has built in: `[echo, hi]` is the program. */
function ofWords(
  reader: EntryReader,
  list: readonly unknown[],
  key: string,
  path: ValuePath,
): CommandReading | undefined {
  const words = list.flatMap((word, at) =>
    typeof word === 'string' || typeof word === 'number' || typeof word === 'boolean'
      ? [sourceOf(word, reader.placeOf([...path, at]))]
      : [],
  );
  if (words.length < list.length) return undefined;
  const [program = ''] = words;
  if (program.trim() === '') return ofText(reader, '', key, path);
  const command = quoteWords(words);
  if (command.includes('\0')) return ofText(reader, command, key, path);
  return { command, script: `exec ${command}` };
}

/** Reads one entry below `tasks`: a command that is run once. */
import type { TaskSettings, WrittenNeed } from '../../core/task/settings.ts';
import type { CachePlan } from '../../core/task/task.ts';
import { TASK_NAME } from '../schema/parts.ts';
import { wordProblem } from '../shape.ts';
import { readUses } from './caps.ts';
import { readCommand } from './commands.ts';
import { createEntryReader, defined, isMap, placesIn, type EntryContext, type EntryReader } from './entry.ts';
import { readEnvFiles, readEnvironment } from './surroundings.ts';
import { readTimeLimit } from './time-limit.ts';

const MOST_RETRIES = 1_000;
const CONDITIONS = ['started', 'ready', 'succeeded'] as const;

export const TASK_NAME_REMEDY = 'use letters, digits and _ . : / @ # -, beginning with a letter, digit or @';

export const isTaskName = (text: string): boolean => new RegExp(TASK_NAME).test(text);

/** A text or a list is short for a map that has only the command. */
export function readTaskEntry(
  name: string,
  entry: unknown,
  { path, placeOf, problems }: EntryContext,
): TaskSettings {
  const isShort = !isMap(entry);
  const reader = isShort
    ? createEntryReader({ [name]: entry }, path.slice(0, -1), placeOf, problems)
    : createEntryReader(entry, path, placeOf, problems);
  const place = placeOf(path, 'key');
  if (!isTaskName(name))
    problems.push({
      ...{ code: 'app-file-name', severity: 'error', message: `invalid task name '${name}'` },
      ...{ place, remedy: TASK_NAME_REMEDY },
    });
  if (name === 'ls')
    problems.push({
      ...{ code: 'app-file-name', severity: 'error', message: "invalid task name 'ls'", place },
      remedy: "use another one: 'procsup task ls' prints the tasks",
    });
  if (isShort) return { name, place, ...readProgram(reader, name) };
  return {
    ...{ name, place },
    ...readProgram(reader, 'command'),
    ...defined({
      description: reader.text('description'),
      workingDir: reader.text('working_dir'),
      environment: readEnvironment(reader),
      envFiles: readEnvFiles(reader),
      needs: readNeeds(reader),
      inputs: readGlobs(reader, 'inputs'),
      outputs: readGlobs(reader, 'outputs'),
      env: readTexts(reader, 'env'),
      tools: readTexts(reader, 'tools'),
      cache: readCache(reader),
      timeoutMs: readTimeLimit(reader),
      retries: reader.integer('retries', 0, MOST_RETRIES),
      uses: readUses(reader),
      lock: reader.text('lock'),
      takesArguments: reader.word('args', ['pass']) === undefined ? undefined : true,
      interactive: reader.flag('interactive'),
      saidAt: placesIn(reader),
    }),
  };
}

/** Words are a program also where the shell has a command of that name. */
function readProgram(reader: EntryReader, key: string): Pick<TaskSettings, 'command' | 'script'> {
  const { command, script } = readCommand(reader, key) ?? {};
  if (command === undefined) return {};
  return Array.isArray(reader.map[key]) && script !== undefined ? { command, script } : { command };
}

function readNeeds(reader: EntryReader): readonly WrittenNeed[] | undefined {
  const value = reader.map['depends_on'];
  if (value === undefined) return undefined;
  const path = [...reader.path, 'depends_on'];
  if (!isMap(value))
    return reader
      .list('depends_on')
      .flatMap(([item, at]) =>
        typeof item === 'string' ? [{ name: item.trim(), place: reader.placeOf(at) }] : [],
      );
  return Object.entries(value).map(([name, given]) => {
    const at = isMap(given) ? [...path, name, 'condition'] : [...path, name];
    const word = isMap(given) ? given['condition'] : given;
    const until = CONDITIONS.find((one) => one === word);
    if (typeof word === 'string' && until === undefined)
      reader.problems.push(wordProblem('condition', word, CONDITIONS, reader.placeOf(at)));
    return { name, place: reader.placeOf([...path, name], 'key'), ...(until !== undefined && { until }) };
  });
}

/** Undefined: there is no such key. An empty list says something. */
function readTexts(reader: EntryReader, key: string): readonly string[] | undefined {
  if (reader.map[key] === undefined || reader.map[key] === null) return undefined;
  return reader.list(key).flatMap(([item, path]) => {
    if (typeof item !== 'string') return [];
    const text = item.trim();
    if (text !== '' && !text.includes('\0')) return [text];
    reader.wrong(path, `empty value in '${key}'`, 'set a value, or remove it');
    return [];
  });
}

/** Whatever is outside is neither hashed nor removed. */
function readGlobs(reader: EntryReader, key: 'inputs' | 'outputs'): readonly string[] | undefined {
  const globs = readTexts(reader, key);
  if (key === 'inputs') return globs;
  for (const glob of globs ?? []) {
    const bare = glob.replace(/^!/, '');
    if (bare.startsWith('/') || bare.split('/').includes('..'))
      reader.wrong(
        [...reader.path, key],
        `'${glob}' is outside the directory of the task`,
        "name files below it, or set 'working_dir'",
      );
    else if (/^[.*/]*$/.test(bare) && !glob.startsWith('!'))
      reader.wrong(
        [...reader.path, key],
        `'${glob}' would make all files of the directory outputs, which are removed before others are put back`,
        'name a directory such as dist/**',
      );
  }
  return globs;
}

function readCache(reader: EntryReader): CachePlan | undefined {
  const enabled = reader.flag('cache');
  if (enabled !== undefined) return { enabled };
  const below = reader.below('cache');
  return below && { enabled: true, ...defined({ maxAgeMs: below.duration('max_age') }) };
}

/** Reads `listen`: the sockets that procsup opens for a process. */
import { readAddress } from '../../core/sockets/address.ts';
import type { SocketPlan } from '../../core/sockets/socket-plan.ts';
import { suggest } from '../../text/suggest.ts';
import { createEntryReader, defined, isMap, sourceOf, type EntryReader, type YamlMap } from './entry.ts';
import type { ValuePath } from '../yaml/value-path.ts';

const MOST_BACKLOG = 65_535;
const MOST_SOCKETS = 32;

/** One address or one map has the name of its process. */
export function readListen(reader: EntryReader, process: string): readonly SocketPlan[] | undefined {
  const value = reader.map['listen'];
  const path = [...reader.path, 'listen'];
  if (value === undefined) return undefined;
  if (!isMap(value)) return readSocket(reader, value, path, process);
  if (value['address'] !== undefined)
    return hasKnownKeys(reader, value, path) ? readSocket(reader, value, path, process) : undefined;
  const entries = Object.entries(value).filter(([name]) => !name.startsWith('x-'));
  if (entries.length === 0 || entries.length > MOST_SOCKETS) {
    const remedy = entries.length === 0 ? 'add one, for example 3000' : `use at most ${String(MOST_SOCKETS)}`;
    reader.wrong(path, `${entries.length === 0 ? 'no' : 'too many'} sockets in 'listen'`, remedy);
    return undefined;
  }
  return entries.flatMap(([name, one]) => {
    if (typeof one === 'boolean') {
      reader.wrong([...path, name], `invalid address '${String(one)}' for 'listen'`, 'use for example 3000');
      return [];
    }
    if (isSocketName(name)) return readSocket(reader, one, [...path, name], name);
    reader.wrong([...path, name], `invalid name of a socket '${name}'`, NAME_REMEDY, 'key');
    return [];
  });
}

const KINDS: Readonly<Record<string, readonly string[]>> = {
  address: ['string', 'number'],
  name: ['string'],
  backlog: ['number'],
  nonblocking: ['boolean'],
  mode: ['string', 'number'],
};

/** The schema takes them for names of sockets. */
function hasKnownKeys(reader: EntryReader, map: YamlMap, path: ValuePath): boolean {
  const wrongs = Object.entries(map).filter(
    ([key, value]) => !key.startsWith('x-') && KINDS[key]?.includes(typeof value) !== true,
  );
  for (const [key, value] of wrongs) {
    if (KINDS[key] === undefined) {
      const meant = suggest(key, Object.keys(KINDS));
      const remedy = meant === undefined ? 'remove it' : `did you mean '${meant}'?`;
      reader.wrong([...path, key], `unknown key '${key}' in 'listen'`, remedy, 'key');
    } else if (!isMap(value)) {
      reader.wrong(
        [...path, key],
        `invalid value '${String(value)}' for '${key}'`,
        WANTED[key] ?? 'use a string',
      );
    } else reader.wrong([...path, key], `invalid value for '${key}'`, WANTED[key] ?? 'use a string');
  }
  return wrongs.length === 0;
}

const WANTED: Readonly<Record<string, string>> = {
  backlog: 'use an integer',
  nonblocking: 'use true or false',
};

const isSocketName = (name: string): boolean => /^[\w-]{1,63}$/.test(name);
const NAME_REMEDY = 'use letters, digits, _ and -';

function readSocket(
  reader: EntryReader,
  value: unknown,
  path: ValuePath,
  usualName: string,
): readonly SocketPlan[] {
  const entry = createEntryReader(
    isMap(value) ? value : { address: value },
    path,
    reader.placeOf,
    reader.problems,
  );
  const at = isMap(value) ? [...path, 'address'] : path;
  const given = entry.map['address'];
  if (typeof given !== 'string' && typeof given !== 'number') return [];
  const reading = readAddress(sourceOf(given, reader.placeOf(at)).trim());
  if (!('address' in reading)) {
    reader.wrong(at, reading.message, reading.remedy);
    return [];
  }
  const name = entry.text('name') ?? usualName;
  if (!isSocketName(name)) reader.wrong([...path, 'name'], `invalid name of a socket '${name}'`, NAME_REMEDY);
  const { address } = reading;
  const mode = readMode(entry);
  if (mode !== undefined && address.kind !== 'unix')
    reader.wrong([...path, 'mode'], "'mode' has no effect: only a path has permissions", 'remove it', 'key');
  return [
    {
      ...{ name, address },
      ...defined({
        backlog: entry.integer('backlog', 1, MOST_BACKLOG),
        nonblocking: entry.flag('nonblocking'),
        mode,
      }),
    },
  ];
}

/** `0660`, `'660'`, `0o660`: always octal, as chmod(1) reads it. */
function readMode(entry: EntryReader): number | undefined {
  const value = entry.map['mode'];
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const path = [...entry.path, 'mode'];
  const place = entry.placeOf(path);
  const text = place.text
    .slice(place.column - 1, place.column - 1 + place.length)
    .replace(/^['"]|['"]$/g, '');
  const digits = /^(?:0o)?([0-7]{3,4})$/.exec(text)?.[1];
  if (digits !== undefined) return Number.parseInt(digits, 8) & 0o777;
  entry.wrong(path, `invalid permissions '${text}'`, 'use an octal number, for example 0660');
  return undefined;
}

const LEAST_IDLE_MS = 1000;

/** When clients of its sockets start it, and their absence stops it. */
export function readDemand(reader: EntryReader): {
  readonly autostart?: 'on-demand' | undefined;
  readonly idleMs?: number | undefined;
} {
  const autostart = reader.word('autostart', ['on-demand']);
  const idleMs = reader.duration('idle');
  for (const [key, words] of [
    ['autostart', autostart && "'autostart: on-demand'"],
    ['idle', idleMs !== undefined && "'idle'"],
  ] as const)
    if (words && reader.map['listen'] === undefined)
      reader.wrong(
        [...reader.path, key],
        `${words} needs 'listen'`,
        `add 'listen', or remove '${key}'`,
        'key',
      );
  if (idleMs !== undefined && idleMs < LEAST_IDLE_MS)
    reader.wrong([...reader.path, 'idle'], `'idle' is too short`, 'use 1s or more');
  return { autostart, idleMs };
}

/** Reads `queues`. */
import { ENGINE_REMEDY, parseEngine, type Engine } from '../../core/exchange/queue/engine.ts';
import type { QueueSpec } from '../../core/plan/queues.ts';
import type { Problem } from '../../core/problem.ts';
import { QUEUE_NAME } from '../schema/parts.ts';
import type { PlaceOf } from '../yaml/value-path.ts';
import { LARGEST_MESSAGE_BYTES } from '../../core/exchange/queue/rules.ts';
import { formatSize } from '../../text/size.ts';
import { createEntryReader, defined, isMap, placesIn, type EntryReader } from './entry.ts';
import { readSize } from './size.ts';

const MOST_ATTEMPTS = 1_000;
const MOST_MESSAGES = 1_000_000_000;

export const QUEUE_NAME_REMEDY =
  'use 1 to 63 of the letters A to Z, digits, _, . and -, beginning with a letter or digit';

export const isQueueName = (text: string): boolean => new RegExp(QUEUE_NAME).test(text);

export function readQueues(value: unknown, placeOf: PlaceOf, problems: Problem[]): readonly QueueSpec[] {
  const entries = Object.entries(isMap(value) ? value : {}).filter(([name]) => !name.startsWith('x-'));
  return entries.map(([name, given]) => {
    const path = ['queues', name];
    const reader = createEntryReader(isMap(given) ? given : {}, path, placeOf, problems);
    if (!isQueueName(name)) reader.wrong(path, `invalid queue name '${name}'`, QUEUE_NAME_REMEDY, 'key');
    const maxsize = reader.integer('maxsize', 0, MOST_MESSAGES);
    const rules = {
      ...(maxsize !== undefined && { maxsize: maxsize === 0 ? null : maxsize }),
      ...defined({
        attempts: reader.integer('attempts', 1, MOST_ATTEMPTS),
        backoffMs: reader.duration('backoff'),
        maxMessageBytes: readMaxMessage(reader),
      }),
    };
    const engine = readEngine(reader);
    return {
      ...{ name, rules, place: placeOf(path, 'key'), saidAt: placesIn(reader) ?? {} },
      ...defined({ isDurable: reader.flag('durable'), engine }),
    };
  });
}

function readMaxMessage(reader: EntryReader): number | undefined {
  const bytes = readSize(reader, 'max_message');
  if (bytes === undefined || bytes <= LARGEST_MESSAGE_BYTES) return bytes;
  const most = formatSize(LARGEST_MESSAGE_BYTES);
  reader.wrong([...reader.path, 'max_message'], "'max_message' is too large", `use at most ${most}`);
  return undefined;
}

function readEngine(reader: EntryReader): Engine | undefined {
  const url = reader.text('on');
  if (url === undefined) return undefined;
  const at = (key: string) => [...reader.path, key];
  const engine = parseEngine(url);
  // Not the value: it may have a password.
  if (engine === undefined) reader.wrong(at('on'), "invalid value for 'on'", ENGINE_REMEDY);
  for (const key of ['maxsize', 'durable'])
    if (key in reader.map)
      reader.wrong(at(key), `'${key}' cannot be used with 'on'`, 'remove one of them', 'key');
  return engine;
}

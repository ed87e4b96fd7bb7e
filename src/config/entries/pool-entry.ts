/** Reads one entry below `pools`: a command whose instances carry out tasks. */
import { FRAMINGS } from '../../core/pool/framing.ts';
import type { PoolSettings } from '../../core/plan/pools.ts';
import type { PoolPlan } from '../../core/plan/process-plan.ts';
import { readUses } from './caps.ts';
import { readCommand } from './commands.ts';
import { readStop } from './endings.ts';
import { createEntryReader, defined, isMap, placesIn, type EntryContext, type EntryReader } from './entry.ts';
import { readNeeds } from './needs.ts';
import { isQueueName, QUEUE_NAME_REMEDY } from './queues.ts';
import { readSize } from './size.ts';
import { readTimeLimit } from './time-limit.ts';
import { readEnvFiles, readEnvironment, readProfiles } from './surroundings.ts';

const MOST_WORKERS = 1_000;
const MOST_RETRIES = 1_000;
const MOST_TASKS = 1_000_000_000;

/** Undefined without a valid command, of which there is a problem then. */
export function readPoolEntry(
  name: string,
  entry: unknown,
  { path, placeOf, problems }: EntryContext,
): PoolSettings | undefined {
  const reader = createEntryReader(isMap(entry) ? entry : {}, path, placeOf, problems);
  const needs = readNeeds(reader);
  const command = readCommand(reader, 'command');
  const settings = {
    ...defined({
      instances: reader.integer('size', 1, MOST_WORKERS),
      workingDir: reader.text('working_dir'),
      environment: readEnvironment(reader),
      envFiles: readEnvFiles(reader),
      profiles: readProfiles(reader),
      autostart: reader.flag('autostart'),
      stop: readStop(reader),
      needs: needs?.needs,
    }),
    pool: readTasks(reader),
    saidAt: { ...placesIn(reader), ...needs?.places },
  };
  return command && { name, place: placeOf(path, 'key'), ...command, ...settings };
}

function readTasks(reader: EntryReader): PoolPlan {
  return {
    framing: reader.word('framing', FRAMINGS) ?? 'line',
    recycleAfter: reader.integer('recycle', 1, MOST_TASKS) ?? Infinity,
    maxMemoryBytes: readSize(reader, 'max_memory') ?? Infinity,
    retries: reader.integer('retries', 0, MOST_RETRIES) ?? 0,
    timeoutMs: readTimeLimit(reader) ?? Infinity,
    uses: readUses(reader) ?? [],
    ...defined({ queue: readQueueName(reader) }),
  };
}

function readQueueName(reader: EntryReader): string | undefined {
  const name = reader.text('queue');
  if (name === undefined || isQueueName(name)) return name;
  reader.wrong([...reader.path, 'queue'], `invalid queue name '${name}'`, QUEUE_NAME_REMEDY);
  return undefined;
}

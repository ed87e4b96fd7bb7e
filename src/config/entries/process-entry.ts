/** Reads one entry below `processes`, or `defaults`, as settings: what was not said is not in them. */
import type { DefaultSettings, ProcessSettings } from '../../core/plan/process-settings.ts';
import type { StdinKind } from '../../core/plan/process-plan.ts';
import { readFail, readHealth, readReady, readStatuses } from './checks.ts';
import { readUses } from './caps.ts';
import { readCommand } from './commands.ts';
import { readHooks, readRestart, readStop } from './endings.ts';
import { createEntryReader, defined, isMap, placesIn, type EntryContext, type EntryReader } from './entry.ts';
import { readLimits } from './limits.ts';
import { readDemand, readListen } from './listen.ts';
import { readNeeds } from './needs.ts';
import { readEnvFiles, readEnvironment, readPorts, readProfiles, readSchedule } from './surroundings.ts';
import { readWatch } from './watch.ts';

const MOST_INSTANCES = 1_000;

export function readProcessEntry(name: string, entry: unknown, context: EntryContext): ProcessSettings {
  const reader = readerOf(entry, context);
  const needs = readNeeds(reader);
  const { saidAt, ...settings } = readCommon(reader);
  return {
    name,
    place: context.placeOf(context.path, 'key'),
    ...readCommand(reader, 'command'),
    ...settings,
    ...defined({
      kind: reader.word('kind', ['service', 'task']),
      needs: needs?.needs,
      ports: readPorts(reader),
      listen: readListen(reader, name),
      rolling: reader.flag('rolling'),
      schedule: readSchedule(reader),
      ...readDemand(reader),
    }),
    ...(saidAt !== undefined && { saidAt: { ...saidAt, ...needs?.places } }),
  };
}

/** What `defaults` may have, which is what makes sense for all processes. */
export const readDefaults = (entry: unknown, context: EntryContext): DefaultSettings =>
  readCommon(readerOf(entry, context));

const readerOf = (entry: unknown, { path, placeOf, problems }: EntryContext): EntryReader =>
  createEntryReader(isMap(entry) ? entry : {}, path, placeOf, problems);

function readCommon(reader: EntryReader): DefaultSettings {
  return defined({
    instances: reader.integer('instances', 0, MOST_INSTANCES),
    workingDir: reader.text('working_dir'),
    environment: readEnvironment(reader),
    envFiles: readEnvFiles(reader),
    profiles: readProfiles(reader),
    autostart: reader.flag('autostart'),
    stdin: readStdin(reader),
    tty: reader.flag('tty'),
    ready: readReady(reader),
    failLog: readFail(reader),
    health: readHealth(reader),
    limits: readLimits(reader),
    restart: readRestart(reader),
    successStatus:
      reader.map['success_status'] === undefined ? undefined : readStatuses(reader, 'success_status', 0, 255),
    onExit: reader.word('on_exit', ['keep', 'stop', 'stop-on-failure']),
    stop: readStop(reader),
    hooks: readHooks(reader),
    uses: readUses(reader),
    watch: readWatch(reader),
    saidAt: placesIn(reader),
  });
}

/** `null` is a word here, also without quotes. */
function readStdin(reader: EntryReader): StdinKind | undefined {
  return reader.map['stdin'] === null ? 'null' : reader.word('stdin', ['open', 'null']);
}

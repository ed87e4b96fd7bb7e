import { resolve } from 'node:path';
import type { SharedMemoryRecord } from '../../core/shared-memory.ts';
import { formatSize, parseSize } from '../../text/size.ts';
import { suggest } from '../../text/suggest.ts';
import { tableText } from '../../text/table.ts';
import { localTime } from '../../ui/event-line.ts';
import { bodyOf, NotDone, printJson } from '../client/answers.ts';
import { controlCommand, type CommandContext } from '../client/control-command.ts';
import type { Io } from '../io.ts';

const ACTIONS = ['create', 'ls', 'path', 'rm'] as const;

type ShmSettings =
  | {
      readonly action: 'create';
      readonly name: string;
      readonly bytes: number | undefined;
      readonly from: string | undefined;
      readonly json: boolean;
    }
  | { readonly action: 'ls'; readonly json: boolean }
  | { readonly action: 'path' | 'rm'; readonly names: readonly string[] };

/** `procsup shm`: shared memory of the supervisor, which any program can map. */
export const shm = controlCommand<ShmSettings>({
  settings(read, [action = '', ...words]) {
    const json = read.isOn('json');
    const { from } = read.texts('from');
    if (from !== undefined && action !== 'create')
      throw wrong(`'--from' has no effect on 'procsup shm ${action}'`);
    switch (action) {
      case 'create':
        return { action, json, from, ...newOne(words, from !== undefined) };
      case 'ls':
        if (words.length > 0) throw wrong("'procsup shm ls' takes no arguments");
        return { action, json };
      case 'path':
      case 'rm':
        if (words.length === 0 || words.includes('')) throw wrong(`missing NAME for 'procsup shm ${action}'`);
        return { action, names: words };
      default: {
        const meant = suggest(action, ACTIONS);
        throw wrong(
          `unknown action '${action}' of 'procsup shm'`,
          meant === undefined ? `use ${ACTIONS.join(', ')}` : `did you mean '${meant}'?`,
        );
      }
    }
  },

  async carryOut(context, settings) {
    switch (settings.action) {
      case 'create':
        return create(context, settings);
      case 'ls':
        print(context.io, await listOf(context), settings.json);
        return 0;
      case 'path':
        for (const { path } of chosen(await listOf(context), settings.names)) context.io.stdout(`${path}\n`);
        return 0;
      case 'rm':
        for (const name of settings.names) {
          bodyOf(await context.client.post('/v1/shm/rm', { name }));
          context.io.stdout(`removed shared memory ${name}\n`);
        }
        return 0;
    }
  },
});

const wrong = (message: string, remedy?: string): NotDone =>
  new NotDone({ code: 'usage', message, ...(remedy !== undefined && { remedy }) });

function newOne(
  words: readonly string[],
  hasFile: boolean,
): { readonly name: string; readonly bytes: number | undefined } {
  const [name = '', size, ...more] = words;
  if (name === '') throw wrong("missing NAME for 'procsup shm create'", 'use procsup shm create NAME SIZE');
  if (more.length > 0) throw wrong(`unexpected argument '${more[0] ?? ''}' of 'procsup shm create'`);
  if (size === undefined) {
    if (hasFile) return { name, bytes: undefined };
    throw wrong("missing SIZE for 'procsup shm create'", 'use a size such as 64KiB, or --from FILE');
  }
  const bytes = parseSize(size);
  if (bytes === undefined) throw wrong(`invalid size '${size}'`, 'use a size such as 64KiB or 1GiB');
  return { name, bytes };
}

async function create(
  { client, io }: CommandContext,
  { name, bytes, from, json }: Extract<ShmSettings, { action: 'create' }>,
): Promise<number> {
  const path = from === undefined ? undefined : resolve(io.cwd, from);
  const answer = await client.post('/v1/shm/create', { name, bytes, from: path });
  const made = bodyOf<SharedMemoryRecord>(answer);
  if (json) printJson(io, made);
  else io.stdout(`${made.path}\n`);
  return 0;
}

async function listOf({ client }: CommandContext): Promise<readonly SharedMemoryRecord[]> {
  const answer = await client.get('/v1/shm');
  return bodyOf<{ readonly sharedMemory: readonly SharedMemoryRecord[] }>(answer).sharedMemory;
}

function chosen(all: readonly SharedMemoryRecord[], names: readonly string[]): readonly SharedMemoryRecord[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found !== undefined) return found;
    const meant = suggest(
      name,
      all.map((one) => one.name),
    );
    const remedy =
      meant === undefined ? "list what exists with 'procsup shm ls'" : `did you mean '${meant}'?`;
    throw new NotDone({ code: 'shm-missing', message: `unknown shared memory '${name}'`, remedy });
  });
}

const COLUMNS = [
  { title: 'NAME' },
  { title: 'SIZE', align: 'right' },
  { title: 'SINCE' },
  { title: 'PATH' },
] as const;

function print(io: Io, all: readonly SharedMemoryRecord[], json: boolean): void {
  if (json) return printJson(io, all);
  if (all.length === 0) return io.stderr('procsup: no shared memory exists\n');
  const rows = all.map(({ name, bytes, since, path }) => [name, formatSize(bytes), localTime(since), path]);
  io.stdout(tableText(COLUMNS, rows, { paint: io.paint }));
}

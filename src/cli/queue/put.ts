/** `procsup queue put`: values of the command line, or the lines of stdin. */
import { STATUS } from '../../core/process/exit.ts';
import { printJson } from '../client/answers.ts';
import type { CommandContext } from '../client/control-command.ts';
import type { QueueSettings } from './settings.ts';
import type { Message } from './message-text.ts';
import { linesOf, messageIn } from './stdin-lines.ts';

const BATCH = 500;
const BATCH_BYTES = 1024 * 1024;

type Ask = (verb: string, input: object) => Promise<unknown>;

export async function putMessages(
  ask: Ask,
  { io }: CommandContext,
  settings: QueueSettings,
): Promise<number> {
  const { words, json, noWait, wait, delay, priority, key, replace, attempts } = settings;
  const options = {
    ...{ delay, priority, key, attempts },
    ...(replace && { taken: 'replace' }),
    wait: noWait ? 0 : wait,
  };
  const put = async (messages: readonly Message[]): Promise<void> => {
    const { ids } = (await ask('put', { messages, ...options })) as { readonly ids: readonly string[] };
    for (const id of ids)
      if (json) printJson(io, { id });
      else io.stdout(`${id}\n`);
  };
  if (words.length > 0) {
    await put(words);
    return STATUS.success;
  }
  let batch: Message[] = [];
  let bytes = 0;
  for await (const lines of linesOf(process.stdin))
    for (const line of lines) {
      batch.push(messageIn(line));
      bytes += line.length;
      if (batch.length < BATCH && bytes < BATCH_BYTES) continue;
      await put(batch);
      batch = [];
      bytes = 0;
    }
  if (batch.length > 0) await put(batch);
  return STATUS.success;
}

/** `procsup queue put`: values of the command line, or the lines of stdin. */
import { STATUS } from '../../core/process/exit.ts';
import { printJson } from '../client/answers.ts';
import type { CommandContext } from '../client/control-command.ts';
import type { QueueSettings } from './settings.ts';
import type { SentMessage } from '../../control/session/message.ts';
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
  const put = async (messages: readonly SentMessage[]): Promise<void> => {
    const { ids } = (await ask('put', { messages, ...options })) as { readonly ids: readonly string[] };
    for (const id of ids)
      if (json) printJson(io, { id });
      else io.stdout(`${id}\n`);
  };
  if (words.length > 0) {
    await put(words);
    return STATUS.success;
  }
  let batch: SentMessage[] = [];
  let bytes = 0;
  const putBatch = async (): Promise<void> => {
    const messages = batch;
    batch = [];
    bytes = 0;
    if (messages.length > 0) await put(messages);
  };
  for await (const lines of linesOf(process.stdin))
    for (const line of lines) {
      // A long one goes alone: with others it could be too long for a request, and be refused with them.
      if (bytes + line.length > BATCH_BYTES) await putBatch();
      batch.push(messageIn(line));
      bytes += line.length;
      if (batch.length === BATCH || bytes >= BATCH_BYTES) await putBatch();
    }
  await putBatch();
  return STATUS.success;
}

/**
 * `procsup queue work`: runs a command for each message. Messages are leased to our session, so they are given back when
 * we end, however we end. After a signal no more are taken, and the commands that run may end.
 */
import type { SessionClient } from '../../control/session/client.ts';
import { STATUS } from '../../core/process/exit.ts';
import { NotDone } from '../client/answers.ts';
import type { CommandContext } from '../client/control-command.ts';
import type { QueueSettings } from './settings.ts';
import type { Message } from './message-text.ts';
import { runCommand, type CommandEnd } from './run-command.ts';

/** sysexits.h calls it EX_TEMPFAIL. */
const AGAIN = 75;
/** It is asked again: nothing else shows that the supervisor still has us in its list. */
const WAIT_MS = 60_000;
/** Before a message is tried again whose input could not be written. */
const UNWRITTEN_MS = 1000;

interface Given {
  readonly id: string;
  readonly lease: string;
  readonly attempt: number;
  readonly message: Message;
}

export async function work(
  session: SessionClient,
  { io }: CommandContext,
  settings: QueueSettings,
): Promise<number> {
  const { name, words, workers, lease } = settings;
  if (words.length === 0)
    throw new NotDone({
      code: 'no-command',
      message: 'missing command',
      remedy: `for example: procsup queue work ${name} -- ./handle`,
    });
  let hasStopped = false;
  const isStopping = (): boolean => hasStopped;
  let running = 0;
  const stop = (): void => {
    hasStopped = true;
    if (running === 0) session.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);

  const handle = async ({ id, lease: held, attempt, message }: Given): Promise<void> => {
    const about = { PROCSUP_MESSAGE_ID: id, PROCSUP_MESSAGE_ATTEMPT: String(attempt) };
    const end = await runCommand(words, message, { ...io.env, ...about });
    if ('unwritten' in end) {
      io.stderr(`procsup: ${name} ${id}: cannot write the input of the command: ${end.unwritten}\n`);
      return tell('nack', held, { again: true, delay: UNWRITTEN_MS, reason: end.unwritten });
    }
    const why = whyNot(end);
    if (why === undefined) return tell('ack', held, {});
    const again = 'code' in end && end.code === AGAIN;
    if (!again) io.stderr(`procsup: ${name} ${id}: the command ${why}\n`);
    await tell('nack', held, { again, reason: `the command ${why}` });
  };
  const tell = async (verb: string, held: string, input: object): Promise<void> => {
    const { lost } = (await session.ask(`queue.${verb}`, { name, leases: [held], ...input })) as {
      readonly lost: readonly string[];
    };
    for (const one of lost) io.stderr(`procsup: ${one} has been given to another reader in the meantime\n`);
  };
  const worker = async (): Promise<void> => {
    while (!isStopping()) {
      const asked = session.ask('queue.get', { name, wait: WAIT_MS, ...(lease !== undefined && { lease }) });
      const { messages } = (await asked) as { readonly messages: readonly Given[] };
      for (const one of messages) {
        if (isStopping()) {
          await session.ask('queue.nack', { name, leases: [one.lease], delay: 0, again: true });
          continue;
        }
        running += 1;
        await handle(one);
        running -= 1;
        if (isStopping() && running === 0) session.close();
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, worker));
  } catch (thrown) {
    // We have closed it ourselves.
    if (!isStopping()) throw thrown;
  }
  return STATUS.success;
}

function whyNot(end: Exclude<CommandEnd, { readonly unwritten: string }>): string | undefined {
  if ('refused' in end) return `could not be started: ${end.refused}`;
  if ('signal' in end) return `was terminated by ${end.signal}`;
  return end.code === 0 ? undefined : `exited with code ${String(end.code)}`;
}

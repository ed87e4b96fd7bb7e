/**
 * `procsup queue work`: runs a command for each message. Messages are leased to our session, so they are given back when
 * we end, however we end. After a signal no more are taken, and the commands that run may end. When we are killed they are
 * ended by a guardian, for their messages are given to others then.
 */
import { randomUUID } from 'node:crypto';
import type { SessionClient } from '../../control/session/client.ts';
import { STATUS } from '../../core/process/exit.ts';
import { newRunTag } from '../../host/run-tag.ts';
import { createGuardian } from '../../os/process/guardian.ts';
import { NotDone } from '../client/answers.ts';
import type { CommandContext } from '../client/control-command.ts';
import type { QueueSettings } from './settings.ts';
import type { SentMessage } from '../../control/session/message.ts';
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
  readonly message: SentMessage;
}

export async function work(
  session: SessionClient,
  { io }: CommandContext,
  settings: QueueSettings,
): Promise<number> {
  const { name, on, words, workers, lease } = settings;
  const where = { name, ...(on !== undefined && { on }) };
  if (words.length === 0)
    throw new NotDone({
      code: 'no-command',
      message: 'missing command',
      remedy: `for example: procsup queue work ${name} -- ./handle`,
    });
  const runTag = tagWithin(io.env['PROCSUP_RUN_ID']);
  const guardian = createGuardian({
    ...{ runTag, directory: '', fifos: [] },
    onLost: () => io.stderr(`procsup: ${UNGUARDED}\n`),
  });
  const env = { ...io.env, PROCSUP_RUN_ID: runTag };
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
    const end = await runCommand(words, message, { env: { ...env, ...about }, guardian });
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
    const { lost } = (await session.ask(`queue.${verb}`, { ...where, leases: [held], ...input })) as {
      readonly lost: readonly string[];
    };
    for (const one of lost) io.stderr(`procsup: ${one} has been given to another reader in the meantime\n`);
  };
  const worker = async (): Promise<void> => {
    while (!isStopping()) {
      const asked = session.ask('queue.get', {
        ...where,
        wait: WAIT_MS,
        ...(lease !== undefined && { lease }),
      });
      const { messages } = (await asked) as { readonly messages: readonly Given[] };
      for (const one of messages) {
        if (isStopping()) {
          await session.ask('queue.nack', { ...where, leases: [one.lease], delay: 0, again: true });
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
  await guardian.dismiss();
  return STATUS.success;
}

const UNGUARDED = 'the guardian process is gone: if procsup is killed, the commands will keep running';

/** It begins with that of the run that we are part of: so its supervisor finds what we start. */
const tagWithin = (outer: string | undefined): string =>
  outer === undefined ? newRunTag() : `${outer}${randomUUID()}:`;

function whyNot(end: Exclude<CommandEnd, { readonly unwritten: string }>): string | undefined {
  if ('refused' in end) return `could not be started: ${end.refused}`;
  if ('signal' in end) return `was terminated by ${end.signal}`;
  return end.code === 0 ? undefined : `exited with code ${String(end.code)}`;
}

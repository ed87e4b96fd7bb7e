/** `channel send` and `recv`: words, lines of stdin, lines on stdout. */
import type { SessionClient } from '../../control/session/client.ts';
import type { Received } from '../../runtime/exchange/channels.ts';
import { printJson } from '../client/answers.ts';
import type { Io } from '../io.ts';
import { bytesOf, type SentMessage } from '../../control/session/message.ts';
import { linesOf, messageIn } from '../queue/stdin-lines.ts';

interface Sending {
  readonly name: string;
  readonly words: readonly string[];
  readonly waitMs: number | undefined;
}

/** Of one request: what a receiver that is killed loses at most. */
const BATCH = 500;
const BATCH_BYTES = 256 * 1024;
/** Requests that a sender has under way, so that receivers need not wait for its next one. */
const MOST_SENDS = 2;

export async function send(session: SessionClient, { name, words, waitMs }: Sending): Promise<void> {
  const underWay: Promise<unknown>[] = [];
  const give = async (messages: readonly SentMessage[]): Promise<void> => {
    const asked = session.ask('channel.send', { name, messages, wait: waitMs });
    // It is looked at in its turn.
    asked.catch(() => undefined);
    underWay.push(asked);
    if (underWay.length >= MOST_SENDS) await underWay.shift();
  };
  for (let at = 0; at < words.length; at += BATCH) await give(words.slice(at, at + BATCH));
  if (words.length === 0) await sendStdin(session, give);
  await Promise.all(underWay);
}

async function sendStdin(
  session: SessionClient,
  give: (messages: readonly SentMessage[]) => Promise<void>,
): Promise<void> {
  // It may be long until the next line.
  void session.ended.then((lost) => void process.stdin.destroy(lost));
  // A sender from now on: receivers wait for what comes.
  await give([]);
  for await (const lines of linesOf(process.stdin)) {
    let batch: SentMessage[] = [];
    let bytes = 0;
    for (const line of lines) {
      batch.push(messageIn(line));
      bytes += line.length;
      if (batch.length < BATCH && bytes < BATCH_BYTES) continue;
      await give(batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await give(batch);
  }
}

interface Receiving {
  readonly name: string;
  readonly isJson: boolean;
  readonly count: number | undefined;
  readonly broadcast: boolean;
  readonly waitMs: number | undefined;
}

/** Returns at the end, or after `count` messages. What was asked for is printed before more is asked for. */
export async function receive(
  session: SessionClient,
  { name, isJson, count = Infinity, broadcast, waitMs }: Receiving,
  io: Io,
): Promise<void> {
  for (let left = count; left > 0;) {
    const input = { name, most: Math.min(left, BATCH), broadcast, wait: waitMs };
    const { messages, end } = (await session.ask('channel.recv', input)) as Received;
    if (end) return;
    left -= messages.length;
    if (isJson) for (const message of messages) printJson(io, { message });
    else io.stdout(Buffer.concat(messages.flatMap((one) => [bytesOf(one), NEWLINE])));
  }
}

const NEWLINE = Buffer.from('\n');

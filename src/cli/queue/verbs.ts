/** The verbs of `procsup queue`, over one session. */
import { DEFAULT_RULES } from '../../core/exchange/queue/rules.ts';
import { STATUS } from '../../core/process/exit.ts';
import { Unreachable, type ErrorBody } from '../../control/client.ts';
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { formatSize } from '../../text/size.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { bodyOf, NotDone, printJson } from '../client/answers.ts';
import type { CommandContext } from '../client/control-command.ts';
import { ownInfo } from '../client/own-info.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import type { QueueSettings } from './settings.ts';
import { putMessages } from './put.ts';
import { work } from './work.ts';
import type { SentMessage } from '../../control/session/message.ts';
import { shownMessage, printed } from './message-text.ts';

/** `get` has found no message. */
const NOTHING = 1;

type Ask = (verb: string, input: object) => Promise<unknown>;

/** Why it was not done: this chunk has its own copies of the classes by which that would be recognized. */
export interface NotCarriedOut {
  readonly failed: ErrorBody;
}

/** Returns our exit status. */
export async function carryOutVerb(
  context: CommandContext,
  settings: QueueSettings,
): Promise<number | NotCarriedOut> {
  const { verb, name } = settings;
  // It checks the directory of the socket, and waits for a supervisor that is starting.
  await context.client.get('/v1/supervisor');
  try {
    const session = await connectSession(context.owner.socket, ownInfo(`queue ${verb} ${name}`.trim()));
    try {
      return await (verb === 'work' ? work : carryOut)(session, context, settings);
    } finally {
      session.close();
    }
  } catch (thrown) {
    const { message } = thrown as Error;
    if (thrown instanceof Unreachable) return { failed: { code: 'unreachable', message } };
    if (!(thrown instanceof VerbError || thrown instanceof NotDone)) throw thrown;
    const code = thrown instanceof VerbError ? thrown.code : 'refused';
    return { failed: { code, message, ...(thrown.remedy !== undefined && { remedy: thrown.remedy }) } };
  }
}

async function carryOut(
  session: SessionClient,
  context: CommandContext,
  settings: QueueSettings,
): Promise<number> {
  const { io } = context;
  const { verb, name, on, words, json, count, delay, again, reason } = settings;
  const ask: Ask = (what, input) => session.ask(`queue.${what}`, defined({ name, on, ...input }));
  const done = (answer: unknown, text: string): number => {
    if (json) printJson(io, answer);
    else io.stdout(`${text}\n`);
    return STATUS.success;
  };
  const ids = words.length === 0 ? undefined : words;

  switch (verb) {
    case 'put':
      return putMessages(ask, context, settings);
    case 'get':
      return get(ask, context, settings);
    case 'ack':
      return told(context, (await ask('ack', { leases: words })) as Lost);
    case 'nack':
      return told(context, (await ask('nack', { leases: words, delay, again, reason })) as Lost);
    case 'ls':
      return list((await session.ask('queue.ls', {})) as Listing, context, settings);
    case 'peek':
    case 'dead':
      return listMessages((await ask(verb, { most: count })) as Listed, context, settings);
    case 'retry': {
      const answer = (await ask('retry', { ids })) as Lost & { readonly count: number };
      return told(context, answer) || done(answer, `retrying ${counted(answer.count)}`);
    }
    case 'rm': {
      const answer = (await ask('rm', { ids })) as Lost;
      return (
        told(context, answer) ||
        done(answer, ids === undefined ? `removed queue ${name}` : `removed ${counted(ids.length)}`)
      );
    }
    case 'drain': {
      const answer = (await ask('drain', {})) as { readonly count: number };
      return done(answer, `removed ${counted(answer.count)}`);
    }
    case 'pause':
    case 'resume':
      return done(await ask(verb, {}), `${verb}d queue ${name}`);
    default:
      return done(await ask('set', rulesOf(settings)), `changed queue ${name}`);
  }
}

const rulesOf = ({ maxsize, attempts, backoff, maxMessage, durable }: QueueSettings): object => ({
  ...{ maxsize, attempts, backoff, max_message: maxMessage, durable },
});

const counted = (count: number, what = 'message'): string =>
  `${String(count)} ${what}${count === 1 ? '' : 's'}`;

/** Without those that are undefined, which JSON would leave out too, and our client's type does not know. */
export const defined = (input: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));

interface Lost {
  readonly lost: readonly string[];
}

/** Returns 0, or our status if some were lost. */
function told({ io }: CommandContext, { lost }: Lost): number {
  for (const one of lost)
    io.stderr(`procsup: ${visibleText(one)} is unknown, finished or given to another reader\n`);
  return lost.length === 0 ? STATUS.success : STATUS.usage;
}

interface Given {
  readonly messages: readonly {
    readonly id: string;
    readonly lease: string;
    readonly attempt: number;
    readonly message: SentMessage;
  }[];
}

/** Without a lease a message is acknowledged when it has been printed; with one, it must outlive our session. */
async function get(ask: Ask, context: CommandContext, settings: QueueSettings): Promise<number> {
  const { io, client } = context;
  const { name, on, count, wait, lease, json } = settings;
  const { messages } =
    lease === undefined
      ? ((await ask('get', { most: count, wait })) as Given)
      : bodyOf<Given>(await client.post(`/v1/queues/${name}/get`, defined({ on, most: count, wait, lease })));
  for (const one of messages) {
    if (json) printJson(io, one);
    else if (lease !== undefined) io.stdout(`${one.lease}\t${printed(one.message)}\n`);
    else io.stdout(`${printed(one.message)}\n`);
  }
  if (messages.length === 0) return NOTHING;
  if (lease === undefined) await ask('ack', { leases: messages.map((one) => one.lease) });
  return STATUS.success;
}

interface Listing {
  readonly queues: readonly {
    readonly name: string;
    readonly ready: number;
    readonly delayed: number;
    readonly leased: number;
    readonly dead: number;
    readonly readers: number;
    readonly paused: boolean;
    readonly durable: boolean;
    readonly maxsize: number | null;
    readonly max_message: number;
    readonly on: string | null;
  }[];
  readonly storage: string;
  readonly remarks: readonly string[];
}

function list(listing: Listing, { io }: CommandContext, { json }: QueueSettings): number {
  if (json) {
    printJson(io, listing.queues);
    return STATUS.success;
  }
  for (const remark of listing.remarks) io.stderr(`procsup: ${visibleText(remark)}\n`);
  const titles = ['READY', 'DELAYED', 'LEASED', 'DEAD', 'READERS'].map((title) => ({
    title,
    align: 'right' as const,
  }));
  const rows = listing.queues.map(({ name, ready, delayed, leased, dead, readers, ...one }) => [
    name,
    ...[ready, delayed, leased, dead, readers].map(String),
    [
      ...(one.paused ? ['paused'] : []),
      ...(one.on === null ? [] : [visibleText(one.on)]),
      ...(one.durable || one.on !== null ? [] : ['in memory']),
      ...(one.maxsize === null ? [] : [`at most ${String(one.maxsize)}`]),
      ...(one.max_message === DEFAULT_RULES.maxMessageBytes
        ? []
        : [`messages up to ${formatSize(one.max_message)}`]),
    ].join(', '),
  ]);
  if (rows.length > 0)
    io.stdout(
      tableText([{ title: 'QUEUE' }, ...titles, { title: 'NOTES' }], rows, {
        paint: io.paint,
        width: stdoutWidth(),
      }),
    );
  return STATUS.success;
}

interface Listed {
  readonly messages: readonly {
    readonly id: string;
    readonly state: string;
    readonly attempts: number;
    readonly message: SentMessage;
    readonly failures: readonly { readonly time: string; readonly reason: string }[];
  }[];
}

function listMessages({ messages }: Listed, { io }: CommandContext, { json }: QueueSettings): number {
  if (json) {
    printJson(io, messages);
    return STATUS.success;
  }
  for (const { id, state, attempts, message, failures } of messages) {
    io.stdout(`${id}  ${state}  ${counted(attempts, 'attempt')}  ${shownMessage(message)}\n`);
    for (const { time, reason } of failures) io.stdout(`    ${time}  ${visibleText(reason)}\n`);
  }
  return STATUS.success;
}

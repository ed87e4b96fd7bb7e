/** Why a queue does not do what it was asked to do, as an answer. */
import type { QueueRefused } from '../../ports/queue-backend.ts';
import { Refused } from '../route.ts';

const STATUS_OF = { unsupported: 409, 'no-engine': 503, 'not-known': 504 } as const;

/** Our own store says why in `problem`. */
const engineWords = (thrown: unknown): string | undefined => {
  const { why, message } = thrown as QueueRefused;
  return message === why ? undefined : message;
};

/** What a client is answered, by the word that the queue has for it. Anything else is returned as it is. */
export function queueRefusal(thrown: unknown, problem: Error | undefined): unknown {
  switch ((thrown as { readonly why?: unknown }).why) {
    case 'queue-full':
      return new Refused(409, 'queue-full', 'the queue is full', 'try again later, or wait for room');
    case 'not-written':
      return new Refused(
        507,
        'not-stored',
        `cannot store the messages: ${engineWords(thrown) ?? problem?.message ?? 'the disk is full'}`,
      );
    case 'too-many-queues':
      return new Refused(409, 'too-many-queues', 'too many queues', "remove some with 'procsup queue rm'");
    case 'unsupported':
    case 'no-engine':
    case 'not-known': {
      const { why, message, remedy } = thrown as QueueRefused;
      return new Refused(STATUS_OF[why as keyof typeof STATUS_OF], why, message, remedy);
    }
    case 'too-large': {
      const { message, remedy } = thrown as QueueRefused;
      return new Refused(413, 'too-large', message, remedy);
    }
    case 'gone':
      return new Refused(409, 'gone', 'the request was given up');
    default:
      return thrown;
  }
}

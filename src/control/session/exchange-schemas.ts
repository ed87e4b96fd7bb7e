/** The schemas that values, flags, barriers and channels have in common. */
import { LONGEST_DURATION_MS } from '../../text/duration.ts';
import { object } from '../schema.ts';
import type { Client } from '../../runtime/exchange/waits.ts';
import type { VerbAsk } from './verb.ts';

export const nameOf = <const Kind extends string>(kind: Kind) =>
  ({
    type: 'string',
    title: `${kind} name`,
    pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$',
    maxLength: 63,
  }) as const;

export const COUNT = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
export const BOOLEAN = { type: 'boolean' } as const;
/** What every request that waits may have: for how long, and by which token `session.cancel` cancels it. */
export const WAITING = {
  wait: { type: 'integer', minimum: 0, maximum: LONGEST_DURATION_MS },
  token: COUNT,
} as const;

const TEXT = { type: 'string' } as const;
export const WAITERS = {
  type: 'array',
  items: object(
    {
      pid: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      command: { anyOf: [TEXT, { type: 'null' }] },
      since: TEXT,
    },
    ['pid', 'command', 'since'],
  ),
} as const;

export const clientOf = ({ holder, gone }: VerbAsk<unknown>): Client => ({ holder, gone });

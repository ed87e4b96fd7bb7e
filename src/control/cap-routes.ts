/** Caps: what is in use, and room in them for clients, which keep it as long as they are connected. */
import * as replies from './reply-schemas.ts';
import { Refused, route, type Route } from './route.ts';
import { object } from './schema.ts';

const CAP_NAME = {
  type: 'string',
  title: 'cap name',
  pattern: '^[A-Za-z0-9_-]{1,63}$',
  maxLength: 63,
} as const;

export const CAP_ROUTES: readonly Route[] = [
  route({
    verb: 'GET',
    path: '/v1/caps',
    summary: 'The caps of procsup.yaml: their limits, what uses them, and what waits for them.',
    input: object({}),
    reply: replies.CAPS,
    handle: (api) => ({ status: 200, body: { caps: api.caps() } }),
  }),
  route({
    verb: 'POST',
    path: '/v1/claim',
    summary:
      'Uses amounts of caps for as long as the connection lasts. Sends a line when there is room; `name` is shown to others that wait.',
    input: object(
      {
        name: { type: 'string', maxLength: 200 },
        uses: {
          ...{ type: 'object', properties: {}, propertyNames: CAP_NAME, maxProperties: 100 },
          additionalProperties: { type: 'integer', minimum: 1, maximum: 1_000_000 },
        },
      },
      ['name', 'uses'],
    ),
    reply: replies.CLAIM_LINE,
    streams: true,
    handle: async (api, { input, gone }) => {
      const uses = Object.entries(input.uses).map(([cap, amount]) => ({ cap, amount }));
      const held = await api.claim(input.name, uses, gone);
      if (typeof held === 'string') throw new Refused(409, 'cap-refused', held);
      return {
        stream: async (lines) => {
          lines.write({ granted: true });
          await new Promise<void>((resolve) => {
            if (gone.aborted) resolve();
            else gone.addEventListener('abort', () => resolve(), { once: true });
          });
          held?.release();
        },
      };
    },
  }),
];

/** What the help says of the options of `value`, `flag`, `barrier` and `channel`. */
import type { EXCHANGE_OPTIONS } from '../exchange/options.ts';
import type { WordsFor } from './words.ts';

export const EXCHANGE_OPTION_WORDS = {
  'if-missing': 'set: only if the value does not exist; exit with status 1 if it does',
  until: 'watch: exit when the value equals VALUE',
  timeout: 'wait at most this long, then exit with status 124',
  count: 'recv: exit after COUNT messages',
  broadcast: 'recv: receive every message, as all other receivers do',
  json: { others: 'print JSON, for scripts', value: 'read and print values as JSON' },
} as const satisfies WordsFor<typeof EXCHANGE_OPTIONS>;

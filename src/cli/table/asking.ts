/** The commands that need a running supervisor and no Procfile. load-bundle.ts takes their entry by them. */
export const ASKING = [
  'ps',
  'stop',
  'restart',
  'scale',
  'kill',
  'reload',
  'down',
  'logs',
  'stats',
  'top',
  'events',
  'wait',
  'why',
  'analyze',
  'attach',
  'send',
  'shm',
  'lock',
  'locks',
  'queue',
  'value',
  'flag',
  'barrier',
  'channel',
] as const;

export type ControlVerb = (typeof ASKING)[number];

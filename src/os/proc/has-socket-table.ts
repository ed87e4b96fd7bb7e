import { existsSync } from 'node:fs';

/** Whether this system tells which process listens on which port. `start` asks, so this is a file of its own. */
export const hasSocketTable = (proc = '/proc'): boolean => existsSync(`${proc}/net/tcp`);

/** Chooses what keeps the messages of durable queues: by trying. */
import { mkdirSync } from 'node:fs';
import type { MessageStore } from '../../ports/message-store.ts';
import { betterSqlite3 } from './better-sqlite3.ts';
import { nodeSqlite } from './node-sqlite.ts';
import { openSqliteStore } from './sqlite-store.ts';

export type OpenedStore =
  | { readonly store: MessageStore }
  /** There is none, and that is the reason: queues are in memory only. */
  | { readonly none: string };

export interface StorePlaces {
  /** Of the project. Undefined: another supervisor may use it as well. */
  readonly stateDirectory: string | undefined;
  readonly root: string;
}

/** Throws where there are messages that cannot be read: they must not be taken for none. */
export function openMessageStore({ stateDirectory, root }: StorePlaces, epoch: string): OpenedStore {
  if (stateDirectory === undefined) return { none: 'this supervisor has no state directory of its own' };
  const open = nodeSqlite() ?? betterSqlite3(root);
  if (open === undefined)
    return {
      none: `Node ${process.versions.node} has no SQLite: use Node 22 or later, or install better-sqlite3`,
    };
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  return { store: openSqliteStore({ open, directory: stateDirectory, epoch }) };
}

/** What node:sqlite and better-sqlite3 have in common, as far as it is used here. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): unknown;
  get(...values: readonly SqliteValue[]): unknown;
  all(...values: readonly SqliteValue[]): readonly unknown[];
}

export type SqliteValue = string | number | null | Uint8Array;

export type OpenDatabase = (path: string) => SqliteDatabase;

const SQLITE_FULL = 13;

/** Both name the code in their own way. */
export function isFull(error: unknown): boolean {
  const { errcode, code } = error as { readonly errcode?: number; readonly code?: string };
  return errcode === SQLITE_FULL || code === 'SQLITE_FULL';
}

/** The package better-sqlite3, which users of Node 20 may install: it compiles for minutes, so it is not ours to install. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { OpenDatabase } from './sqlite-database.ts';

const NAME = 'better-sqlite3';

/** `root`: of the project, whose packages count too. Undefined: it is not there, or was not compiled. */
export function betterSqlite3(root: string): OpenDatabase | undefined {
  for (const from of [import.meta.url, join(root, 'package.json')]) {
    try {
      const Database = createRequire(from)(NAME) as new (path: string) => ReturnType<OpenDatabase>;
      // It may be there without its binary.
      new Database(':memory:').close();
      return (path) => new Database(path);
    } catch {
      continue;
    }
  }
  return undefined;
}

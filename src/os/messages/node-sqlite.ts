/** The SQLite of Node itself: from Node 22 on. */
import type { OpenDatabase } from './sqlite-database.ts';

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => ReturnType<OpenDatabase>;
}

/** Undefined: this Node has none. */
export function nodeSqlite(): OpenDatabase | undefined {
  const emitWarning = process.emitWarning.bind(process);
  // Node 22 says at each load that it is experimental. Only that is left out.
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith('SQLite is an experimental feature'))
      Reflect.apply(emitWarning, undefined, [warning, ...rest]);
  };
  try {
    const loaded = process.getBuiltinModule('node:sqlite' as 'node:fs') as unknown as NodeSqlite | undefined;
    return loaded && ((path) => new loaded.DatabaseSync(path));
  } finally {
    process.emitWarning = emitWarning;
  }
}

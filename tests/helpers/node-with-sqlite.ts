import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** A Node with SQLite: this one, or the one that `npm run test:nodes` keeps. Undefined: there is none. */
export function nodeWithSqlite(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'procsup-ci');
  const kept = existsSync(cache)
    ? readdirSync(cache).filter((name) => /^node-(2[4-9]|[3-9]\d)\./.test(name))
    : [];
  return kept
    .map((name) => join(cache, name, 'node_modules/node/bin/node'))
    .find((program) => existsSync(program));
}

/** It is the `node` of a project with this PATH. */
export const pathWith = (node: string): string => `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;

import { readdirSync } from 'node:fs';

/** Names of the directories in a directory, without links to others; none if it cannot be read. */
export function subdirectories(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Directories for tests of saves: below /tmp vim and emacs write in another way, so none is made there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const BASE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'procsup-tests');

/** For whatever goes by TMPDIR. */
export function homeBase(): string {
  mkdirSync(BASE, { recursive: true });
  return BASE;
}

export function homeScratch(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(homeBase(), 'saves-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/**
 * Shell code that gives a child the soft limit of open files that procsup itself was started with. Node raises the
 * limit to the hard one at its own start, children would inherit that, and some programs then close a million
 * descriptors one by one. bin/procsup.js leaves the number in PROCSUP_SOFT_NOFILE.
 */
export function softNofilePrelude(env: Readonly<Record<string, string | undefined>>): string {
  const limit = env['PROCSUP_SOFT_NOFILE'] ?? '';
  return /^(\d+|unlimited)$/.test(limit) ? `ulimit -Sn ${limit}; ` : '';
}

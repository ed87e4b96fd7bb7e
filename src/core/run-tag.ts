/**
 * The tag of every process that a supervisor starts, `<pid>-<time>-<random>:` in base 36. It is short, because it is in
 * their environment, and it names the supervisor, so that nobody else's processes are ever taken for its own.
 */
export function runTagOf(pid: number, timeMs: number, random: number): string {
  const parts = [pid, timeMs, Math.floor(random * 1e9)];
  return `${parts.map((part) => part.toString(36)).join('-')}:`;
}

/** Whether `text` is a tag of the supervisor with this pid. A damaged or forged one might match any process. */
export function isRunTagOf(text: string, pid: number): boolean {
  return /^[0-9a-z]+-[0-9a-z]{6,}-[0-9a-z]+:$/.test(text) && text.startsWith(`${pid.toString(36)}-`);
}

/** The tag of every process that we start: unique on this machine, and short, because it is in their environment. */
export function newRunTag(): string {
  const parts = [process.pid, Date.now(), Math.floor(Math.random() * 1e9)];
  return `${parts.map((part) => part.toString(36)).join('-')}:`;
}

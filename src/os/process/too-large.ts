/** Why the system takes no such environment (E2BIG), with the name of the variable that is to blame. */

/** Of one variable with its name, `=` and the NUL at its end: MAX_ARG_STRLEN of Linux, where pages have 4 KiB. */
const LONGEST_LINUX_BYTES = 131_072;
/** Of everything: what Linux never exceeds, whatever the limit of the stack; ARG_MAX of macOS. */
const MOST_BYTES = process.platform === 'linux' ? 6 * 1024 * 1024 : 1024 * 1024;

type Environment = Readonly<Record<string, string>>;

/** What can be told in advance: undefined where it may be taken. */
export function whyTooLarge(env: Environment): string | undefined {
  const { name, bytes, total } = largestOf(env);
  if (process.platform === 'linux' && bytes > LONGEST_LINUX_BYTES) {
    return `the environment variable '${name}' is too large (${String(bytes)} bytes; the limit is ${String(LONGEST_LINUX_BYTES)})`;
  }
  return total > MOST_BYTES ? tooLargeInAll(env) : undefined;
}

/** The system has refused it, with a command that may be to blame as well. */
export function tooLargeText(env: Environment): string {
  if (largestOf(env).total < LONGEST_LINUX_BYTES) return 'the command and its environment are too large';
  return whyTooLarge(env) ?? tooLargeInAll(env);
}

function tooLargeInAll(env: Environment): string {
  const { name, bytes, total } = largestOf(env);
  return (
    `the command and its environment are too large (environment: ${String(total)} bytes; ` +
    `the largest variable is '${name}' with ${String(bytes)} bytes)`
  );
}

function largestOf(env: Environment): {
  readonly name: string;
  readonly bytes: number;
  readonly total: number;
} {
  let [largest, most, total] = ['', 0, 0];
  for (const [name, value] of Object.entries(env)) {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
    total += bytes;
    if (bytes > most) [largest, most] = [name, bytes];
  }
  return { name: largest, bytes: most, total };
}

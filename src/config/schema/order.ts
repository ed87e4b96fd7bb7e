/** The schema of what a process waits for, and of how others learn that it is ready. */
import { command, duration, flag, text, whole, wordLike } from './parts.ts';
import { z } from './zod.ts';

const WORDS_OF_OTHERS = [
  ...['service_started', 'service_healthy', 'service_completed_successfully'],
  ...['process_started', 'process_healthy', 'process_log_ready', 'process_completed_successfully'],
];

const condition = () =>
  wordLike('started, ready or succeeded; the words of Compose and process-compose mean the same.', [
    ...['started', 'ready', 'succeeded'],
    ...WORDS_OF_OTHERS,
  ]);

const need = z.strictObject({
  condition: z.optional(condition()),
  restart: z.optional(
    z.union([
      wordLike('What happens to this process when the needed one restarts. Default: keep.', [
        ...['keep', 'restart', 'stop'],
      ]),
      flag('true: restart; false: keep.'),
    ]),
  ),
  required: z.optional(flag('false: start without it when it cannot become ready. Default: true.')),
});

const status = () => whole('Status of the response.', 100, 599);

const http = z.strictObject({
  url: text('Path, or a whole URL.'),
  status: z.optional(
    z.union([status(), z.array(status()).check(z.describe('Any of these. Default: any below 500.'))]),
  ),
  headers: z.optional(
    z.record(z.string(), z.union([z.string(), z.number()])).check(z.describe('Headers of the request.')),
  ),
});

const REPEATABLE = {
  listening: z.optional(
    z.union([
      flag('It or a child process listens on a TCP port. No connection is made.'),
      whole('The same, on this port.', 1, 65_535),
    ]),
  ),
  tcp: z.optional(
    z.union([whole('A connection to this port succeeds.', 1, 65_535), text('The same, as HOST:PORT.')]),
  ),
  http: z.optional(
    z.union([
      http.check(z.describe('A request that is answered with one of these statuses.')),
      text('Path or URL of a request that is answered with a status below 500.'),
    ]),
  ),
  exec: z.optional(command('A command that exits with 0.')),
};

const ONCE = {
  log: z.optional(text('Regular expression that a line of its output matches.')),
  notify: z.optional(flag('It sends READY=1 to NOTIFY_SOCKET, as for systemd.')),
  fd: z.optional(whole('It writes a newline to this descriptor, as for s6.', 3, 1_023)),
  delay: z.optional(duration('It has lived for so long: 2s.')),
};

const readyCheck = z.strictObject({
  ...REPEATABLE,
  ...ONCE,
  within: z.optional(duration('Time limit: a run that is not ready by then has failed. Default: none.')),
});

const healthCheck = z.strictObject({
  ...REPEATABLE,
  every: z.optional(duration('Time from one check to the next. Default: 10s.')),
  failures: z.optional(whole('So many failures in a row make it unhealthy. Default: 3.', 1, 1_000)),
  action: z.optional(wordLike('What is done then. Default: warn.', ['restart', 'warn'])),
});

/** Keys that may stand below `defaults` as well. */
export const ORDER_DEFAULTS = {
  ready: z.optional(
    z.union([
      readyCheck.check(z.describe('When it is ready. Checks end with the first success.')),
      z.array(readyCheck.check(z.describe('One check.'))).check(z.describe('Checks of which all must hold.')),
      wordLike('Short for {listening: true} or {notify: true}.', ['listening', 'notify']),
    ]),
  ),
  fail: z.optional(
    z
      .strictObject({ log: text('Regular expression: a line that matches means that its start has failed.') })
      .check(z.describe('What means that its start has failed.')),
  ),
  health: z.optional(
    z.union([
      healthCheck.check(z.describe('A check that goes on as long as it runs.')),
      z
        .array(healthCheck.check(z.describe('One check.')))
        .check(z.describe('Checks of which all must hold.')),
    ]),
  ),
};

/** Keys of one process. */
export const ORDER = {
  depends_on: z.optional(
    z.union([
      z
        .record(z.string(), z.nullable(z.union([need.check(z.describe('How it is needed.')), condition()])))
        .check(z.describe('Processes that it needs, with the condition.')),
      z
        .array(z.string())
        .check(z.describe('Processes that must be ready before it is started; a task must have succeeded.')),
      text('One process.'),
    ]),
  ),
  rolling: z.optional(
    flag('true: restart, reload and watch stop the old run when the new one is ready. Default: false.'),
  ),
};

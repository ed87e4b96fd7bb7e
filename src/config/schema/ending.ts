/** The schema of how a process ends, and what follows. */
import { command, duration, text, whole, wordLike } from './parts.ts';
import { z } from './zod.ts';

const policy = (description: string) =>
  wordLike(
    description,
    ['never', 'on-failure', 'always', 'no', 'unless-stopped'],
    String.raw`^on-failure:\d+$`,
  );

const restart = z.strictObject({
  policy: z.optional(policy('never, on-failure or always. Default: that of the command line.')),
  delay: z.optional(duration('Delay before the first restart; it doubles each time. Default: 500ms.')),
  max_delay: z.optional(duration('Longest delay. Default: 30s.')),
  attempts: z.optional(whole('Give up after so many restarts within the time below. Default: 5.', 0, 1_000)),
  within: z.optional(duration('Time in which attempts are counted. Default: 1m.')),
});

const hook = (description: string) =>
  z.optional(
    z.union([
      z
        .strictObject({
          command: command('What runs.'),
          timeout: z.optional(duration('Time limit. Default: 1m.')),
        })
        .check(z.describe(description)),
      text(description),
    ]),
  );

const status = () => whole('Exit status.', 0, 255);

/** What also pools have. */
export const GENTLE_STOP = {
  stop_signal: z.optional(text('Signal that stops it, with or without SIG. Default: SIGTERM.')),
  stop_grace_period: z.optional(
    duration('Time that it has to stop before it is killed. Default: that of the command line.'),
  ),
};

/** All of them may stand below `defaults`. */
export const ENDING = {
  restart: z.optional(
    z.union([
      restart.check(z.describe('When to restart it, after which delays, and when to give up.')),
      policy('When to restart it. Default: that of the command line.'),
    ]),
  ),
  success_status: z.optional(
    z.union([status(), z.array(status()).check(z.describe('Exit statuses that are no failure, beside 0.'))]),
  ),
  on_exit: z.optional(
    wordLike(
      'What its end means for the run: keep it going, stop it, or stop it after a failure. Default: that of the command line.',
      ['keep', 'stop', 'stop-on-failure'],
    ),
  ),
  ...GENTLE_STOP,
  stop_command: z.optional(command('Run before the signal, with PROCSUP_PID in its environment.')),
  stop_target: z.optional(
    wordLike('Whom the signal goes to: its whole process group, or its first process only. Default: group.', [
      'group',
      'main',
    ]),
  ),
  pre_start: hook('Command that must succeed before it is started.'),
  post_start: hook('Command that runs when it has been started.'),
  pre_stop: hook('Command that runs before it is stopped.'),
  post_stop: hook('Command that runs when it has ended.'),
};

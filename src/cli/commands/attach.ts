import { isatty } from 'node:tty';
import { statusOf, STATUS } from '../../core/process/exit.ts';
import { NO_KEYS, stepKeys, type KeyEffect } from '../../config/entries/line-keys.ts';
import { exitOfPublic } from '../../core/process/public-exit.ts';
import type { PublicExit } from '../../core/process/public-exit.ts';
import type { About, EventRecord, LogRecord } from '../../control/api.ts';
import type { ControlClient } from '../../control/client.ts';
import { systemClock } from '../../os/clock.ts';
import { openSink } from '../../os/terminal/stdout.ts';
import { publicExitText } from '../../ui/public-exit-text.ts';
import { attachTerminal } from '../client/attach-terminal.ts';
import { bodyOf, NotDone } from '../client/answers.ts';
import { controlCommand, type CommandContext } from '../client/control-command.ts';
import { createLogLines } from '../client/log-lines.ts';
import { createTextOutlet } from '../client/text-outlet.ts';
import { oneRunning } from '../client/one-running.ts';
import { readKeys } from '../client/read-keys.ts';

const PAST_LINES = 10;

interface AttachSettings {
  readonly word: string;
  /** The end of our stdin closes that of the process. */
  readonly closeStdin: boolean;
}

const greeting = (name: string): string =>
  `procsup: attached to ${name}; Ctrl-P Ctrl-Q detaches, Ctrl-C sends SIGINT, Ctrl-D closes its stdin\n`;

/** `procsup attach`: shows the output of one process and writes typed text to its stdin, until it exits or we detach. */
export const attach = controlCommand<AttachSettings>({
  settings: (read, [word = '']) => ({ word, closeStdin: read.isOn('close-stdin') }),

  async carryOut(context, { word, closeStdin }) {
    const { name } = await oneRunning(context, word);
    const ended = endOf(context, name);
    if (isatty(0) && isatty(1)) {
      const attached = await attachTerminal(context, name);
      if (attached === 'detached') return STATUS.success;
      if (attached === 'ended') return told(context, name, await ended);
    }
    if (isatty(0)) context.io.stderr(greeting(name));
    const output = await showOutput(context, name);
    const exit = await Promise.race([ended, whileTyped(context, name, closeStdin), output.lost]);
    if (exit !== null) await output.untilComplete();
    output.close();
    return told(context, name, exit);
  },
});

/** Null: it has not ended. Returns our status. */
function told({ io }: CommandContext, name: string, exit: PublicExit | null): number {
  if (exit === null) return STATUS.success;
  io.stderr(`procsup: ${name} ${publicExitText(exit)}\n`);
  return statusOf(exitOfPublic(exit));
}

interface ShownOutput {
  /** Rejects when the output cannot be written. */
  readonly lost: Promise<never>;
  /** Resolves when the last output of the process, as of now, has been shown. */
  untilComplete(): Promise<void>;
  close(): void;
}

/** How long to wait for the last output. */
const PATIENCE_MS = 1000;

async function showOutput({ client, io }: CommandContext, name: string): Promise<ShownOutput> {
  const forTerminal = isatty(1);
  const outlet = createTextOutlet(openSink(1));
  const print = await createLogLines({
    ...{ json: false, prefix: false, timestamps: 'none', grep: undefined, instances: [name] },
    ...{ io, forTerminal },
  });
  let latest = '';
  let heard: () => void = () => undefined;
  const query = { names: [name], lines: PAST_LINES, follow: true };
  const stream = client.stream('GET', '/v1/logs', query, {
    line(value) {
      const line = print(value as LogRecord);
      if (line === undefined) return;
      // In raw mode a newline does not return to the first column.
      outlet.write(forTerminal ? Buffer.concat([RETURN, line, RETURN]) : line);
      latest = JSON.stringify(value);
      heard();
    },
    ended: () => undefined,
  });
  const lost = new Promise<never>((_, reject) => {
    outlet.listen({
      full: () => stream.pause(),
      taken: () => stream.resume(),
      gone: () => process.exit(0),
      lost: (error) => reject(new NotDone(error)),
    });
  });

  return {
    lost,
    async untilComplete() {
      const last = await lastLine(client, name);
      await new Promise<void>((resolve) => {
        heard = () => {
          if (latest === last) resolve();
        };
        heard();
        systemClock.after(PATIENCE_MS, resolve);
      });
      await new Promise<void>((resolve) => outlet.whenTaken(resolve));
    },
    close() {
      stream.close();
      outlet.close();
    },
  };
}

const RETURN = Buffer.from('\r');

/** The last line as in the answer; empty if the process has printed nothing. */
function lastLine(client: ControlClient, name: string): Promise<string> {
  return new Promise((resolve) => {
    let last = '';
    client.stream(
      'GET',
      '/v1/logs',
      { names: [name], lines: 1 },
      {
        line: (value) => (last = JSON.stringify(value)),
        ended: () => resolve(last),
      },
    );
  });
}

/** Resolves with the exit of the process, or with null if the supervisor has exited. */
async function endOf({ client }: CommandContext, name: string): Promise<PublicExit | null> {
  const { lastEvent } = bodyOf<About>(await client.get('/v1/supervisor'));
  const query = { names: [name], follow: true, after: lastEvent };
  return new Promise((resolve) => {
    client.stream('GET', '/v1/events', query, {
      line(value) {
        const event = value as EventRecord;
        if (event.name === name && event.event === 'exited') resolve(event['exit'] as PublicExit);
      },
      ended: () => resolve(null),
    });
  });
}

/** Resolves when Ctrl-P Ctrl-Q was typed. */
function whileTyped({ io, client }: CommandContext, name: string, closeStdin: boolean): Promise<null> {
  // One at a time, to keep the order.
  let sending: Promise<unknown> = Promise.resolve();
  const send = (text: string, end: boolean): void => {
    sending = sending
      .then(async () => {
        const { taken, why } = bodyOf<{ taken: boolean; why?: string }>(
          await client.post('/v1/input', { name, text, end }),
        );
        if (!taken) io.stderr(`procsup: ${why ?? `${name} does not read its stdin`}\r\n`);
      })
      .catch((error: unknown) => io.stderr(`procsup: ${(error as Error).message}\r\n`));
  };

  return new Promise((resolve) => {
    const act = (effect: KeyEffect): void => {
      switch (effect.type) {
        case 'echo':
          return io.stdout(effect.text);
        case 'send':
          return send(effect.text, false);
        case 'end':
          return send('', true);
        case 'signal':
          void client.post('/v1/kill', { names: [name], signal: effect.signal }).catch(() => undefined);
          return;
        case 'detach':
          io.stdout('\r\n');
          io.stderr(`procsup: detached; ${name} keeps running\n`);
          resolve(null);
          return;
      }
    };
    let keys = NO_KEYS;
    readKeys({
      typed(text) {
        if (!isatty(0)) {
          send(text, false);
          return;
        }
        const step = stepKeys(keys, text);
        keys = step.keys;
        step.effects.forEach(act);
      },
      ended() {
        if (closeStdin) send('', true);
      },
    });
  });
}

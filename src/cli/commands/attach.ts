import { isatty } from 'node:tty';
import { statusOf } from '../../core/exit.ts';
import { NO_KEYS, stepKeys, type KeyEffect } from '../../core/line-keys.ts';
import { exitOfPublic } from '../../core/public-exit.ts';
import type { PublicExit } from '../../core/public-exit.ts';
import type { InstanceSnapshot } from '../../core/snapshot.ts';
import type { EventRecord, LogRecord } from '../../control/desk.ts';
import { createClient } from '../../control/client.ts';
import { openSink } from '../../os/stdout.ts';
import { publicExitText } from '../../ui/public-exit-text.ts';
import { bodyOf, NotDone } from '../control/answers.ts';
import { controlCommand, type Errand } from '../control/errand.ts';
import { createLogLines } from '../control/log-lines.ts';
import { readKeys } from '../control/read-keys.ts';

const PAST_LINES = 10;

/** `procsup attach`: one program's output, and what is typed to its stdin, until it ends or is left. */
export const attach = controlCommand<{ readonly word: string }>({
  settings: (_read, [word = '']) => ({ word }),

  async carryOut(errand, { word }) {
    const name = await theOne(errand, word);
    const stopOutput = await showOutput(errand, name);
    const status = await Promise.race([untilItEnds(errand, name), whileTyped(errand, name)]);
    stopOutput();
    return status;
  },
});

/** The one running instance that is meant. */
async function theOne({ client }: Errand, word: string): Promise<string> {
  const { processes } = bodyOf<{ readonly processes: readonly InstanceSnapshot[] }>(
    await client.get('/v1/processes', { names: [word] }),
  );
  const running = processes.filter(({ state }) => state === 'running');
  const [one] = running;
  if (one === undefined) throw new NotDone({ code: 'not-running', message: `'${word}' does not run` });
  if (running.length === 1) return one.name;
  const names = running.map(({ name }) => name).join(', ');
  throw new NotDone({
    code: 'ambiguous',
    message: `'${word}' has several instances`,
    remedy: `name one: ${names}`,
  });
}

async function showOutput({ client, io }: Errand, name: string): Promise<() => void> {
  const sink = openSink(1);
  const forTerminal = sink.isTerminal;
  const print = await createLogLines({
    ...{ json: false, prefix: false, timestamps: 'none', grep: undefined, instances: [name] },
    ...{ io, forTerminal },
  });
  const query = { names: [name], lines: PAST_LINES, follow: true };
  const stream = client.stream('GET', '/v1/logs', query, {
    line(value) {
      const line = print(value as LogRecord);
      // In raw mode the terminal does not go back to the first column by itself.
      if (line === undefined) return;
      const ending = forTerminal ? Buffer.concat([Buffer.from('\r'), line, Buffer.from('\r')]) : line;
      if (!sink.write(ending)) stream.pause();
    },
    ended: () => undefined,
  });
  sink.listen({ drain: () => stream.resume(), gone: () => process.exit(0), stuck: () => undefined });
  return () => stream.close();
}

/** Resolves with the status of the program when it has ended. */
async function untilItEnds({ client, io }: Errand, name: string): Promise<number> {
  const { lastEvent } = bodyOf<{ readonly lastEvent: number }>(await client.get('/v1/supervisor'));
  return new Promise((resolve) => {
    client.stream(
      'GET',
      '/v1/events',
      { names: [name], follow: true, after: lastEvent },
      {
        line(value) {
          const event = value as EventRecord;
          if (event.name !== name || event.event !== 'exited') return;
          const exit = event['exit'] as PublicExit;
          io.stderr(`procsup: ${name} ${publicExitText(exit)}\n`);
          resolve(statusOf(exitOfPublic(exit)));
        },
        ended: () => resolve(0),
      },
    );
  });
}

/** Resolves when Ctrl-P Ctrl-Q was typed. */
function whileTyped({ io, holder }: Errand, name: string): Promise<number> {
  // In order, and beside the streams: a connection of its own for what is typed.
  const client = createClient(holder.socket);
  let sending: Promise<unknown> = Promise.resolve();
  const send = (text: string, end: boolean): void => {
    sending = sending
      .then(async () => {
        const { taken, why } = bodyOf<{ taken: boolean; why?: string }>(
          await client.post('/v1/input', { name, text, end }),
        );
        if (!taken) io.stderr(`procsup: ${why ?? 'it does not read what is typed'}\r\n`);
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
          io.stderr(`procsup: ${name} runs on\n`);
          resolve(0);
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
      ended: () => send('', true),
    });
  });
}

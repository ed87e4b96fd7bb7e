/**
 * `procsup attach` to a process with a terminal of its own: all keys are the program's, but for those that leave it. Our
 * terminal is given back as it was, however procsup ends.
 */
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createModes } from '../../core/terminal/modes.ts';
import { createScanner } from '../../core/terminal/scanner.ts';
import { NotDone } from './answers.ts';
import { MOST_INPUT_BYTES, postInput } from './post-input.ts';
import type { CommandContext } from './control-command.ts';
import { openSink } from '../../os/terminal/stdout.ts';
import { createTextOutlet } from './text-outlet.ts';

/** `none`: the process has no terminal. */
export type Attached = 'none' | 'detached' | 'ended';

const CTRL_P = 0x10;
const CTRL_Q = 0x11;

type TerminalLine = { readonly types: boolean } | { readonly bytes: string };

/** `take` is called before our terminal is used: not if the process has none. */
export async function attachTerminal(
  context: CommandContext,
  name: string,
  take: () => void = () => undefined,
): Promise<Attached> {
  const { client, io } = context;
  const outlet = createTextOutlet(openSink(1));
  const scanner = createScanner();
  const modes = createModes();
  const leave = giveBack(() => modes.reset());
  let keys: Keys | undefined;
  let close = (): void => undefined;

  const outcome = await new Promise<Attached | NotDone>((resolve) => {
    const stream = client.stream(
      'GET',
      '/v1/terminal',
      { name, ...ownSize() },
      {
        line(value) {
          const line = value as TerminalLine;
          if ('types' in line) {
            take();
            // Who reads the greeting may type: the keys must be ours by then.
            process.stdin.setRawMode(true);
            io.stderr(greeting(name, line.types));
            leaveOutputAlone();
            keys = readKeys(context, name, line.types, () => resolve('detached'));
            return;
          }
          const bytes = Buffer.from(line.bytes, 'base64');
          // Modes are ASCII: what else is in it does not matter here.
          for (const token of scanner.scan(bytes.toString('latin1'))) modes.take(token);
          outlet.write(bytes);
        },
        ended(error) {
          if (error === undefined) resolve('ended');
          else resolve(error.code === 'no-terminal' ? 'none' : new NotDone(error));
        },
      },
    );
    close = () => stream.close();
    outlet.listen({
      full: () => stream.pause(),
      taken: () => stream.resume(),
      gone: () => process.exit(0),
      lost: (lost) => resolve(new NotDone(lost)),
    });
  });
  await keys?.close();
  // Else we would still be the one who types there, should procsup go on: in `top`.
  close();
  await new Promise<void>((resolve) => outlet.whenTaken(resolve));
  leave(keys !== undefined);
  outlet.close();
  if (outcome instanceof NotDone) throw outcome;
  if (outcome === 'detached') io.stderr(`procsup: detached; ${name} keeps running\n`);
  return outcome;
}

const greeting = (name: string, types: boolean): string =>
  types
    ? `procsup: attached to ${name}; Ctrl-P Ctrl-Q detaches, all other keys are sent\n`
    : `procsup: attached to ${name}, where another client types; Ctrl-P Ctrl-Q detaches\n`;

/**
 * Node's raw mode leaves the output as it is, and adds a CR to each LF: programs that move down by LF alone would draw in
 * the wrong column.
 */
function leaveOutputAlone(): void {
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

const ownSize = () => ({
  rows: Math.min(1000, process.stdout.rows || 24),
  columns: Math.min(1000, process.stdout.columns || 80),
});

/** Returns what gives our terminal back; that is done as well if a signal ends us, or a defect. */
function giveBack(reset: () => string): (wasTaken: boolean) => void {
  let isDone = false;
  const give = (wasTaken: boolean): void => {
    if (isDone) return;
    isDone = true;
    process.off('exit', atExit);
    for (const signal of ENDING_SIGNALS) process.off(signal, exit);
    if (!wasTaken) return;
    process.stdin.setRawMode(false);
    try {
      writeSync(1, `${reset()}\r\n`);
    } catch {
      return; // It is gone.
    }
  };
  const atExit = (): void => give(process.stdin.isRaw);
  process.on('exit', atExit);
  const exit = (): never => process.exit(0);
  for (const signal of ENDING_SIGNALS) process.once(signal, exit);
  return give;
}

const ENDING_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

interface Keys {
  /** Resolves when all keys have been sent. */
  close(): Promise<void>;
}

function readKeys({ client, io }: CommandContext, name: string, types: boolean, detached: () => void): Keys {
  // One request at a time, to keep the order.
  let sending: Promise<unknown> = Promise.resolve();
  let isLeaving = false;
  let isOver = false;

  const send = (bytes: Buffer): void => {
    if (!types || bytes.length === 0) return;
    sending = sending
      .then(async () => {
        const why = await postInput(client, name, bytes, { keys: true });
        if (why !== undefined && !isOver) io.stderr(`procsup: ${why}\r\n`);
      })
      .catch((error: unknown) =>
        isOver ? undefined : io.stderr(`procsup: ${(error as Error).message}\r\n`),
      );
  };

  const typed = (bytes: Buffer): void => {
    if (isOver) return;
    const sent: number[] = [];
    for (const byte of bytes) {
      if (isLeaving && byte === CTRL_Q) {
        isOver = true;
        send(Buffer.from(sent));
        detached();
        return;
      }
      // Ctrl-P by itself is a key of many programs: it goes with the next one.
      if (isLeaving) sent.push(CTRL_P);
      isLeaving = byte === CTRL_P;
      if (!isLeaving) sent.push(byte);
    }
    for (let from = 0; from < sent.length; from += MOST_INPUT_BYTES)
      send(Buffer.from(sent.slice(from, from + MOST_INPUT_BYTES)));
  };
  const resized = (): void => {
    if (types) void client.post('/v1/resize', { name, ...ownSize() }).catch(() => undefined);
  };

  process.stdin.on('data', typed);
  process.stdin.on('end', detached);
  process.stdin.on('error', detached);
  process.stdout.on('resize', resized);
  return {
    async close() {
      isOver = true;
      process.stdin.off('data', typed);
      process.stdin.off('end', detached);
      process.stdin.off('error', detached);
      process.stdin.pause();
      process.stdout.off('resize', resized);
      await sending;
    },
  };
}

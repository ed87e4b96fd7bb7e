import { complain } from '../client/answers.ts';
import { NOT_HAPPENED } from '../client/change.ts';
import { controlCommand, type CommandContext } from '../client/control-command.ts';
import { oneRunning } from '../client/one-running.ts';
import { MOST_INPUT_BYTES, postInput } from '../client/post-input.ts';

interface SendSettings {
  readonly word: string;
  /** Without any, our stdin is sent. */
  readonly lines: readonly string[];
  readonly closeStdin: boolean;
  /** For a terminal. */
  readonly how: { readonly keys: boolean; readonly force: boolean; readonly secret: boolean };
}

/** `procsup send`: writes lines, or our stdin, to the stdin of one process. */
export const send = controlCommand<SendSettings>({
  settings: (read, [word = '', ...lines]) => ({
    ...{ word, lines, closeStdin: read.isOn('close-stdin') },
    how: { keys: read.isOn('keys'), force: read.isOn('force'), secret: read.isOn('secret') },
  }),

  async carryOut(context, { word, lines, closeStdin, how }) {
    const { name } = await oneRunning(context, word);
    const given =
      lines.length > 0
        ? [Buffer.from(lines.map((line) => (how.keys ? line : `${line}\n`)).join(''))]
        : process.stdin;
    for await (const bytes of given as AsyncIterable<Buffer>) {
      for (let from = 0; from < bytes.length; from += MOST_INPUT_BYTES) {
        const isTaken = await post(context, name, bytes.subarray(from, from + MOST_INPUT_BYTES), {
          ...how,
          end: false,
        });
        if (!isTaken) return NOT_HAPPENED;
      }
    }
    if (closeStdin && !(await post(context, name, Buffer.alloc(0), { end: true }))) return NOT_HAPPENED;
    return 0;
  },
});

async function post(
  { client, io }: CommandContext,
  name: string,
  bytes: Buffer,
  how: Readonly<Record<string, boolean>>,
): Promise<boolean> {
  const why = await postInput(client, name, bytes, how);
  if (why !== undefined) complain(io, why);
  return why === undefined;
}

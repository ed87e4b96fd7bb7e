/** Prints a stream of the supervisor on our stdout, at the speed of our reader. */
import { STATUS } from '../../core/process/exit.ts';
import { NotDone } from './answers.ts';
import type { CommandContext } from './control-command.ts';
import type { ErrorBody, Query, Stream } from '../../control/client.ts';
import { openSink } from '../../os/terminal/stdout.ts';
import { createTextOutlet } from './text-outlet.ts';

/**
 * Resolves with our exit status when the supervisor has ended the stream, our reader is gone, or a SIGINT or SIGTERM
 * was received. Throws `NotDone` as soon as something cannot be written. `word` returns undefined to skip a line.
 */
export async function printStream(
  { client }: CommandContext,
  path: string,
  query: Query,
  word: (line: unknown) => Uint8Array | string | undefined,
): Promise<number> {
  await client.get('/v1/supervisor');
  const outlet = createTextOutlet(openSink(1));
  let stream: Stream | undefined;
  const failure = await new Promise<ErrorBody | undefined>((resolve) => {
    outlet.listen({
      full: () => stream?.pause(),
      taken: () => stream?.resume(),
      gone: () => resolve(undefined),
      lost: resolve,
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve(undefined));
    }
    stream = client.stream('GET', path, query, {
      line(value) {
        const text = word(value);
        if (text !== undefined) outlet.write(text);
      },
      ended: (error) => outlet.whenTaken(() => resolve(error)),
    });
  });
  stream?.close();
  outlet.close();
  if (failure !== undefined) throw new NotDone(failure);
  return STATUS.success;
}

/**
 * What an announcer is to a daemon, which has no terminal: the processes' output is read for the log book and printed
 * nowhere; our own events go to stdout, which is the daemon's log, and among the output in the log book.
 */
import { createHub } from '../../output/hub.ts';
import type { LogBook } from '../../logs/book.ts';
import { createPlainPrefixer } from '../../output/prefixer.ts';
import { systemClock } from '../../os/clock.ts';
import { boundFile } from '../../os/files/bounded-file.ts';
import { readInto } from '../../os/pipes/reader.ts';
import { openSink } from '../../os/terminal/stdout.ts';
import { plainBytes } from '../../text/terminal-safe.ts';
import { logPrefix } from '../../ui/log-prefix.ts';
import type { Sink, SinkEvents } from '../../ports/output.ts';
import type { Announcer } from '../announce.ts';
import { createSilentAnnouncer } from '../announce-nothing.ts';

/** A daemon may live for years, and tells of each restart. */
const MOST_LOG_BYTES = 1024 * 1024;
const STDOUT = 1;
const STDERR = 2;

/** `logFile`: where stdout goes, so that it can be kept short. */
export function createDaemonAnnouncer(book: LogBook, logFile: string): Announcer {
  const output = createSilentAnnouncer();
  const events = createHub({ sink: boundedSink(logFile), readInto, clock: systemClock });
  const record = book.writer('system');
  return {
    ...output,
    say(text) {
      record.write(Buffer.from(`${text}\n`));
      events.say(text);
    },
    open(theme, prefixer) {
      const prefix = logPrefix({ timestamps: 'iso', width: 0, colour: (text) => text });
      output.open(theme, prefixer);
      events.open({
        prefixer: createPlainPrefixer(),
        clean: plainBytes,
        prefixOf: (_label, wallMs) => prefix({ name: '', index: -1 }, wallMs, true),
      });
    },
    flush: (done) => output.flush(() => events.flush(done)),
    close() {
      output.close();
      events.close();
      return 0;
    },
  };
}

/**
 * When somebody has renamed or deleted the file, a new one is begun. What Node itself writes to stdout and stderr (an
 * internal error) follows where koffi is installed: nothing else can replace these descriptors.
 */
function boundedSink(logFile: string): Sink {
  const file = boundFile(STDOUT, logFile, MOST_LOG_BYTES);
  let fd = STDOUT;
  let sink = openSink(fd);
  let events: SinkEvents | undefined;

  const goOnIn = (next: number): void => {
    sink.close();
    fd = next;
    sink = openSink(fd);
    if (events !== undefined) sink.listen(events);
    void redirect(fd);
  };

  const redirect = async (to: number): Promise<void> => {
    const duplicate = await (await import('../../os/pipes/koffi-addon.ts')).loadFastKoffiDuplicate();
    if (to === fd) for (const standard of [STDOUT, STDERR]) duplicate?.(to, standard);
  };

  return {
    isTerminal: sink.isTerminal,
    write(bytes) {
      const next = file.readyFor(bytes.length);
      if (next !== fd) goOnIn(next);
      return sink.write(bytes);
    },
    listen(heard) {
      events = heard;
      sink.listen(heard);
    },
    close: () => sink.close(),
  };
}

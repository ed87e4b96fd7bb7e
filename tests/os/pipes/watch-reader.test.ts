import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadFastKoffiPipes, loadFastKoffiPoll } from '../../../src/os/pipes/koffi-addon.ts';
import type { HasNoReader } from '../../../src/os/pipes/koffi.ts';
import { watchReader } from '../../../src/os/pipes/watch-reader.ts';
import { openSink } from '../../../src/os/terminal/stdout.ts';
import { inTime, until } from '../../helpers/eventually.ts';
import { makePipe } from '../../helpers/make-pipe.ts';
import { scratch } from '../../helpers/scratch.ts';

const skip = process.platform !== 'linux';
const WITHOUT_KOFFI = (): Promise<undefined> => Promise.resolve(undefined);

// The watch alone does not keep a process alive, and so not this test.
let alive: NodeJS.Timeout;
beforeEach(() => void (alive = setInterval(() => undefined, 1000)));
afterEach(() => clearInterval(alive));

async function anonymousPipe(): Promise<{ readonly readFd: number; readonly writeFd: number }> {
  const [pipe] = (await (await loadFastKoffiPipes())?.(1)) ?? [];
  if (pipe === undefined) throw new Error('koffi is needed');
  return { readFd: pipe.read, writeFd: pipe.write };
}

const named = (): Promise<{ readonly readFd: number; readonly writeFd: number }> =>
  Promise.resolve(makePipe());

const PIPES = [
  ['an anonymous pipe', anonymousPipe, undefined],
  ['a named pipe', named, undefined],
  ['a named pipe without koffi', named, WITHOUT_KOFFI],
] as const;

test.for(PIPES)('the reader of %s is missed though nobody writes', { skip }, async ([, make, load]) => {
  const { readFd, writeFd } = await make();
  const left = new Promise<void>((resolve) => {
    watchReader(writeFd, { everyMs: 1, ...(load && { load }) }, resolve);
  });
  closeSync(readFd);
  await inTime(left, 'the reader is missed');
  closeSync(writeFd);
});

test('a reader that is there, and reads nothing, is not missed', { skip }, async () => {
  const { readFd, writeFd } = await anonymousPipe();
  writeSync(writeFd, 'unread');
  const left = vi.fn();
  let looks = 0;
  const counting = async (): Promise<HasNoReader | undefined> => {
    const hasNoReader = await loadFastKoffiPoll();
    return hasNoReader && ((fd) => ((looks += 1), hasNoReader(fd)));
  };
  const watch = watchReader(writeFd, { everyMs: 1, load: counting }, left);
  await until(() => looks > 2, 'three looks');
  expect(left).not.toHaveBeenCalled();
  watch.stop();
  closeSync(readFd);
  closeSync(writeFd);
});

test('koffi is not loaded for one that writes all the time', () => {
  vi.useFakeTimers();
  const load = vi.fn(WITHOUT_KOFFI);
  const watch = watchReader(1, { everyMs: 1000, load }, () => undefined);
  for (let second = 0; second < 3; second += 1) {
    watch.wrote();
    vi.advanceTimersByTime(1000);
  }
  expect(load).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(load).toHaveBeenCalledTimes(1);
  watch.stop();
  vi.useRealTimers();
});

test('a sink misses the other end of its socket, which it has not written to', { skip }, async () => {
  // Paused: libuv has nothing to do with the descriptor yet, as with one that we are started with.
  const server = createServer({ pauseOnConnect: true }).listen(join(scratch(), 'socket'));
  await once(server, 'listening');
  const client = connect(server.address() as string);
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const { fd } = (accepted as unknown as { readonly _handle: { readonly fd: number } })._handle;
  const sink = openSink(fd, { readerCheckMs: 1 });
  const gone = new Promise<void>((resolve) => {
    sink.listen({ drain: () => undefined, stuck: () => undefined, gone: () => resolve() });
  });
  client.destroy();
  await inTime(gone, 'the other end is missed');
  sink.close();
  accepted.destroy();
  server.close();
});

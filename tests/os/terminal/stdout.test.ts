import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSink } from '../../../src/os/terminal/stdout.ts';
import type { Sink } from '../../../src/ports/output.ts';
import { makePipe } from '../../helpers/make-pipe.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'procsup-stdout-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function listen(sink: Sink): { events: string[]; next: () => Promise<string> } {
  const events: string[] = [];
  let wake: ((event: string) => void) | undefined;
  const tell = (event: string): void => {
    events.push(event);
    wake?.(event);
  };
  sink.listen({ drain: () => tell('drain'), gone: () => tell('gone'), stuck: tell });
  return { events, next: () => new Promise((resolve) => (wake = resolve)) };
}

test('a file is written at the offset it has in common with others', () => {
  const path = join(directory, 'out');
  const fd = openSync(path, 'w');
  const sink = openSink(fd);
  writeSync(fd, 'before ');
  expect(sink.write(Buffer.from('ours '))).toBe(true);
  writeSync(fd, 'after');
  expect(readFileSync(path, 'utf8')).toBe('before ours after');
  sink.close();
  closeSync(fd);
});

test('a full disk is tried again, and said so once', { skip: process.platform !== 'linux' }, async () => {
  const fd = openSync('/dev/full', 'w');
  const sink = openSink(fd, { fullDiskRetryMs: 1 });
  const { events } = listen(sink);
  expect(sink.write(Buffer.from('lost?'))).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(events).toEqual(['ENOSPC']);
  expect(sink.close()).toBe(5);
  closeSync(fd);
});

test('a device takes all', () => {
  const fd = openSync('/dev/null', 'w');
  const sink = openSink(fd);
  expect(sink.isTerminal).toBe(false);
  expect(sink.write(Buffer.alloc(10_000_000))).toBe(true);
  sink.close();
  closeSync(fd);
});

test('a pipe is left as it was for those who share it', { skip: process.platform !== 'linux' }, async () => {
  const { readFd, writeFd } = makePipe();
  const flags = (): string => readFileSync(`/proc/self/fdinfo/${writeFd}`, 'utf8').split('\n')[1] ?? '';
  const before = flags();
  const sink = openSink(writeFd);
  const { next } = listen(sink);
  while (sink.write(Buffer.alloc(100_000)));
  expect(flags()).toBe(before);
  closeSync(readFd);
  expect(await next()).toBe('gone');
  sink.close();
  closeSync(writeFd);
});

test('a socket is written through the event loop', async () => {
  const path = join(directory, 'socket');
  // Paused: libuv has nothing to do with the descriptor yet, as with one that we are started with.
  const server = createServer({ pauseOnConnect: true }).listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const { fd } = (accepted as unknown as { _handle: { fd: number } })._handle;
  const sink = openSink(fd);
  const { next } = listen(sink);
  expect(sink.write(Buffer.from('hello'))).toBe(false);
  expect(await next()).toBe('drain');
  const [chunk] = (await once(client, 'data')) as [Buffer];
  expect(chunk.toString()).toBe('hello');
  client.destroy();
  sink.close();
  server.close();
});

test('a terminal that nobody reads blocks the sink, not us', { skip: process.platform !== 'linux' }, () => {
  // The master of a pseudo-terminal is a terminal by itself; opened again it is another one, read by nobody either.
  const fd = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  const sink = openSink(fd);
  const { events } = listen(sink);
  expect(sink.isTerminal).toBe(true);
  const block = Buffer.alloc(64 * 1024, 'x');
  while (sink.write(block));
  expect(events).toEqual([]);
  expect(sink.close()).toBeGreaterThan(0);
  closeSync(fd);
});

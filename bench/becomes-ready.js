// Becomes ready after some time, in one of the ways that can be checked, and notes when a client first got what it asked
// for: `node becomes-ready.js KIND DIRECTORY NAME AFTER_MS [PORT]`.
import { appendFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [kind = '', directory = '', name = '', after = '0', port = '0'] = process.argv.slice(2);

/** sd_notify(3) */
function notifier() {
  const libc = createRequire(import.meta.url)('koffi').load(null);
  const socket = libc.func('int socket(int domain, int type, int protocol)');
  const sendTo = libc.func('int64_t sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)');
  const path = Buffer.from((process.env['NOTIFY_SOCKET'] ?? '').replace('@', '\0'), 'latin1');
  const address = Buffer.concat([Buffer.from([1, 0]), path]);
  const fd = socket(1, 2, 0);
  const ready = Buffer.from('READY=1');
  return () => void sendTo(fd, ready, ready.length, 0, address, address.length);
}

/** What is slow about it is done before. */
const notify = kind === 'notify' ? notifier() : () => undefined;
/** What is sent may be read before its write has returned: the moment before counts. */
const note = (at = Date.now()) => appendFileSync(join(directory, 'first-answers'), `${name} ${at}\n`);
const notedBefore = (deed) => () => {
  const at = Date.now();
  deed();
  note(at);
};

const deeds = {
  listening: () => createServer((_, response) => response.end()).listen(Number(port), () => note()),
  http: () => createServer((_, response) => response.end()).listen(Number(port), () => note()),
  tcp: () => createTcpServer((socket) => void socket.end()).listen(Number(port), () => note()),
  log: notedBefore(() => process.stdout.write('ready in 5 ms\n')),
  notify: notedBefore(notify),
  fd: notedBefore(() => writeSync(3, '\n')),
};

setTimeout(deeds[kind], Number(after));
setInterval(() => undefined, 1e6);

/** The schema of `listen`: the sockets that procsup opens for a process, and keeps. */
import { duration, flag, NAME, text, whole, wordLike } from './parts.ts';
import { z } from './zod.ts';

const port = () =>
  z.number().check(z.meta({ description: 'TCP port; 0: a free one.', minimum: 0, maximum: 65_535 }));
const address = () => text('127.0.0.1:3000, udp:5353, ./run/web.sock or unix:web.sock.');

const socket = z.strictObject({
  address: z.union([port(), address()]),
  name: z.optional(z.string().check(z.meta({ description: 'Default: that of the process.', pattern: NAME }))),
  backlog: z.optional(whole('So many clients may wait to be accepted. Default: 4096.', 1, 65_535)),
  nonblocking: z.optional(flag('true: accept() does not wait. Default: false.')),
  mode: z.optional(
    z.union([
      text("Permissions of a path, in octal: '0660'."),
      z.number().check(z.describe('The same as a number.')),
    ]),
  ),
});

/** A map is one socket if it has an `address`, else it names several: its reader judges the keys of the former. */
export const LISTEN = {
  listen: z.optional(
    z.union([
      port(),
      address(),
      z
        .record(
          z.string(),
          z.union([port(), address(), z.boolean(), socket.check(z.describe('One socket.'))]),
        )
        .check(
          z.describe('One socket with address, name, backlog, nonblocking and mode; or several by name.'),
        ),
    ]),
  ),
  idle: z.optional(
    duration(
      'Stop it when its sockets have had no client for so long; the next one starts it. Default: never.',
    ),
  ),
};

/** Said of all processes and pools, but on demand only those can be started that have sockets. */
export const AUTOSTART = {
  autostart: z.optional(
    z.union([
      flag('false: start it only when it is named or needed. Default: true.'),
      wordLike('on-demand: start it when the first client connects to one of its sockets.', ['on-demand']),
    ]),
  ),
};

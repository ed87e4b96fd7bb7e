import { expect, it } from 'vitest';
import { readAddress } from '../../../src/core/sockets/address.ts';
import { refusalWords } from '../../../src/core/sockets/refusal.ts';

it.each([
  ['127.0.0.1:3000', 'EADDRINUSE', '127.0.0.1:3000: the port is in use by node (pid 12)'],
  ['udp:53', 'EADDRINUSE', 'UDP port 53: the port is in use by node (pid 12)'],
  ['./a.sock', 'EADDRINUSE', './a.sock: the path is in use by node (pid 12)'],
  [
    '80',
    'EACCES',
    "port 80: permission denied: only root may use ports below 1024; use a higher one, or allow it with 'sysctl net.ipv4.ip_unprivileged_port_start=80'",
  ],
  ['1024', 'EACCES', 'port 1024: permission denied'],
  ['./a.sock', 'EACCES', './a.sock: permission denied: its directory is not writable'],
  ['10.1.2.3:80', 'EADDRNOTAVAIL', '10.1.2.3:80: this machine has no such address'],
  ['[::1]:80', 'EAFNOSUPPORT', '[::1]:80: this machine has no IPv6'],
  ['./a.sock', 'ENOTSOCK', './a.sock: the path is a file that is no socket'],
  ['80', 'EMFILE', 'port 80: procsup has no free descriptors left (see `ulimit -n`)'],
  ['80', 'EIO', 'port 80: EIO: bind'],
])('says why %s cannot be listened on (%s), and what can be done', (text, code, words) => {
  const reading = readAddress(text);
  if (!('address' in reading)) throw new Error(reading.message);
  const facts = {
    ...reading,
    code,
    message: `${code}: bind`,
    owner: 'node (pid 12)',
    unprivilegedFrom: 1024,
  };
  expect(refusalWords(facts)).toBe(`cannot listen on ${words}`);
});

it('goes by the ports that this machine reserves', () => {
  const address = { kind: 'tcp', host: '', port: 80 } as const;
  const facts = { code: 'EACCES', message: 'EACCES: bind', address, unprivilegedFrom: 80 };
  expect(refusalWords(facts)).toBe('cannot listen on port 80: permission denied');
});

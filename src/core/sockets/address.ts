/** Reads the address of a socket as users write it, and says it again. */
import { HIGHEST_PORT } from '../plan/ports.ts';
import { ipBytes } from './ip.ts';
import type { SocketAddress } from './socket-plan.ts';

export type AddressReading =
  { readonly address: SocketAddress } | { readonly message: string; readonly remedy: string };

/** `3000`, `127.0.0.1:3000`, `[::1]:3000`, `udp:5353`, `./run/web.sock`, `unix:web.sock` */
export function readAddress(text: string): AddressReading {
  const [, scheme = '', rest = ''] = /^(?:(tcp|udp|unix):)?(.*)$/s.exec(text) ?? [];
  if (scheme === 'unix' || (scheme === '' && rest.includes('/'))) return readPath(rest, text);
  return readHostAndPort(scheme === 'udp' ? 'udp' : 'tcp', rest, text);
}

function readPath(path: string, text: string): AddressReading {
  if (path.startsWith('@')) return wrong(text, 'use a path, for example ./run/web.sock');
  if (/^\w+:\/\//.test(path))
    return wrong(text, 'use HOST:PORT without a scheme, for example 127.0.0.1:3000');
  return path === ''
    ? wrong(text, 'add a path, as in unix:./run/web.sock')
    : { address: { kind: 'unix', path } };
}

function readHostAndPort(kind: 'tcp' | 'udp', rest: string, text: string): AddressReading {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d+)$/.exec(rest) ?? [];
  if (digits === undefined) return wrong(text, REMEDY);
  const port = Number(digits);
  if (port > HIGHEST_PORT)
    return {
      message: `invalid port '${digits}'`,
      remedy: `use an integer from 1 to ${String(HIGHEST_PORT)}, or 0 for a free port`,
    };
  const host = bracketed ?? plain ?? '';
  const known = ALIASES.get(host) ?? host;
  if (known !== '' && ipBytes(known) === undefined)
    return {
      message: `cannot listen on the host name '${host}'`,
      remedy: 'use an IP address, for example 127.0.0.1',
    };
  return { address: { kind, host: known, port } };
}

const REMEDY = 'use for example 3000, 127.0.0.1:3000, udp:5353 or ./run/web.sock';
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['*', ''],
  ['localhost', '127.0.0.1'],
]);

const wrong = (text: string, remedy: string): AddressReading => ({
  message: `invalid address '${text}' for 'listen'`,
  remedy,
});

/** `port 3000`, `127.0.0.1:3000`, `UDP port 5353`, `./run/web.sock`. `port`: the real one. */
export function addressText(address: SocketAddress, port?: number): string {
  if (address.kind === 'unix') return address.path;
  const { kind, host, port: planned } = address;
  const number = String(port ?? planned);
  const where = host === '' ? `port ${number}` : `${hostText(host)}:${number}`;
  return kind === 'udp' ? `UDP ${where}` : where;
}

/** As it could be written in procsup.yaml. */
export function addressSource(address: SocketAddress): string | number {
  if (address.kind === 'unix') return address.path.includes('/') ? address.path : `unix:${address.path}`;
  const { kind, host, port } = address;
  if (kind === 'tcp' && host === '') return port;
  return `${kind === 'udp' ? 'udp:' : ''}${host === '' ? '' : `${hostText(host)}:`}${String(port)}`;
}

const hostText = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Whether one of them keeps the other from being bound. */
export function overlap(a: SocketAddress, b: SocketAddress): boolean {
  if (a.kind === 'unix' || b.kind === 'unix')
    return a.kind === 'unix' && b.kind === 'unix' && plainPath(a.path) === plainPath(b.path);
  if (a.kind !== b.kind || a.port !== b.port || a.port === 0) return false;
  return isAny(a.host) || isAny(b.host) || sameBytes(a.host, b.host);
}

const isAny = (host: string): boolean => host === '' || ipBytes(host)?.every((byte) => byte === 0) === true;
const sameBytes = (a: string, b: string): boolean => ipBytes(a)?.join() === ipBytes(b)?.join();
const plainPath = (path: string): string => path.replace(/\/(?:\.?\/)+/g, '/').replace(/^(?:\.\/)+/, '');

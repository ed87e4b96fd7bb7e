/** How the kernel tells of TCP sockets: the messages of sock_diag(7), and addresses there and in /proc/net. */

export const [AF_INET, AF_INET6] = [2, 10];
const IPPROTO_TCP = 6;
const [SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLM_F_DUMP] = [20, 1, 0x300];
const [NLMSG_ERROR, NLMSG_DONE] = [2, 3];
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;

/** Asks for the sockets in these states, of one local port or of all. */
export function tcpRequest(family: number, states: readonly number[], port = 0): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES);
  request.writeUInt32LE(REQUEST_BYTES, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
  request.writeUInt8(family, HEADER_BYTES);
  request.writeUInt8(IPPROTO_TCP, HEADER_BYTES + 1);
  request.writeUInt32LE(
    states.reduce((mask, state) => mask | (1 << state), 0),
    HEADER_BYTES + 4,
  );
  request.writeUInt16BE(port, HEADER_BYTES + 8);
  return request;
}

/** `take`: a struct inet_diag_msg. Returns whether more buffers follow, none, or the kernel has refused. */
export function eachMessage(bytes: Buffer, take: (message: Buffer) => void): 'more' | 'done' | 'failed' {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === NLMSG_DONE) return 'done';
    if (type === NLMSG_ERROR || length < HEADER_BYTES) return 'failed';
    take(bytes.subarray(at + HEADER_BYTES, at + length));
    at += (length + 3) & ~3;
  }
  return 'more';
}

export const localPort = (message: Buffer): number => message.readUInt16BE(4);

export const localAddress = (message: Buffer, family: number): string =>
  addressOf(message.subarray(8, family === AF_INET ? 12 : 24));

/** /proc shows each 32 bits of an address as a number of this machine; all that Node runs on are little-endian. */
export const addressOfHex = (hex: string): string => addressOf(Buffer.from(hex, 'hex').swap32());

export function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const isZero = (end: number): boolean => bytes.subarray(0, end).every((byte) => byte === 0);
  if (isZero(16)) return '::';
  if (isZero(15) && bytes[15] === 1) return '::1';
  if (isZero(10) && bytes[10] === 0xff && bytes[11] === 0xff) return bytes.subarray(12).join('.');
  return (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':');
}

// What the writers say about themselves, through a FIFO in the run's directory. The time in a mark is theirs, so
// that it does not matter when we come to read it.
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** @typedef {{ kind: string, index: number, pid: number, atNs: number, lines: number }} Mark */

/**
 * @param {string} path of the FIFO
 * @returns {{ of: (kind: string) => Mark[], until: (kind: string, count: number) => Promise<Mark[]>, close: () => void }}
 */
export function listenForMarks(path) {
  // Opened for both, it does not end when the last writer closes it.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: true, writable: false });
  /** @type {Mark[]} */
  const marks = [];
  /** @type {Set<() => void>} */
  const waiting = new Set();
  let rest = '';
  const of = (/** @type {string} */ kind) => marks.filter((mark) => mark.kind === kind);

  socket.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    marks.push(...lines.map(parse));
    for (const look of waiting) look();
  });

  return {
    of,
    until: (kind, count) =>
      new Promise((resolve) => {
        const look = () => {
          if (of(kind).length < count) return;
          waiting.delete(look);
          resolve(of(kind));
        };
        waiting.add(look);
        look();
      }),
    close: () => socket.destroy(),
  };
}

/** @returns {Mark} */
function parse(line) {
  const [kind = '', ...numbers] = line.split(' ');
  const [index = 0, pid = 0, atNs = 0, lines = 0] = numbers.map(Number);
  return { kind, index, pid, atNs, lines };
}

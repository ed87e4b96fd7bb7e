// The other end of a tool's stdout: a program that counts and checks every line.
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';

/**
 * @typedef {object} Report
 * @property {Record<string, number>} lines  that arrived, by writer
 * @property {number} missing     left out between two that arrived
 * @property {number} disordered  after a later one of the same writer
 * @property {number} foreign     not a whole line of a writer: the tool's own, or a broken one
 * @property {number} lastNs      when the last of the writers' lines arrived
 * @property {number[]} ticks     how long each tick took, in nanoseconds
 */

const FINISH_MS = 30_000;
const REPORT_MS = 5_000;

/**
 * A FIFO is a real kernel pipe, as a shell would give; Node's own 'pipe' would be a socket.
 * @param {string[]} command
 * @param {string} fifo
 */
export function startReader(command, fifo) {
  const both = openSync(fifo, constants.O_RDWR); // so that neither of the next two waits for the other
  const readEnd = openSync(fifo, 'r');
  const writeEnd = openSync(fifo, constants.O_WRONLY);
  const reader = spawnReader(command, readEnd);
  closeSync(readEnd);
  closeSync(both);
  return { ...reader, writeEnd };
}

/** @returns {Promise<Report>} */
export function countFile(command, path) {
  const fd = openSync(path, 'r');
  const reader = spawnReader(command, fd);
  closeSync(fd);
  return reader.finish();
}

function spawnReader([program = '', ...args], stdin) {
  const child = spawn(program, args, { stdio: [stdin, 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    child,
    /**
     * It ends when the last holder of the pipe's other end does; one that never does is not waited for.
     * @returns {Promise<Report>}
     */
    async finish() {
      child.kill('SIGCONT');
      const report = setTimeout(() => child.kill('SIGTERM'), FINISH_MS);
      const giveUp = setTimeout(() => child.kill('SIGKILL'), FINISH_MS + REPORT_MS);
      await closed;
      clearTimeout(report);
      clearTimeout(giveUp);
      return JSON.parse(text || '{"lines":{},"missing":0,"disordered":0,"foreign":0,"lastNs":0,"ticks":[]}');
    },
  };
}

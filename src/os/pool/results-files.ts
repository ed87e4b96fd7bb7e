/**
 * The files of `--results`. The one with the stdout comes into being last and whole, by a rename: where it is, the job was
 * done, whenever we were killed.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JobOutput } from '../../core/pool/job.ts';
import { bytesOfValue } from '../../core/pool/quote-value.ts';

/** Paths, which may have any bytes: see `core/pool/quote-value.ts`. */
export interface ResultsPlace {
  readonly stdout: string;
  readonly stderr: string;
  readonly seq: string;
}

export const hasResults = ({ stdout }: ResultsPlace): boolean => existsSync(pathOf(stdout));

/** Replaces what is there. Throws the system's error; then there is no file with the stdout. */
export function saveResults(place: ResultsPlace, seq: number, output: JobOutput): void {
  const [stdout, unfinished] = [pathOf(place.stdout), pathOf(`${place.stdout}.unfinished`)];
  mkdirSync(pathOf(dirname(place.stdout)), { recursive: true });
  rmSync(stdout, { force: true });
  try {
    writeFile(pathOf(place.seq), [Buffer.from(String(seq))]);
    writeFile(pathOf(place.stderr), output.read('stderr'));
    writeFile(unfinished, output.read('stdout'));
    renameSync(unfinished, stdout);
  } catch (error) {
    for (const path of [unfinished, pathOf(place.stderr), pathOf(place.seq)]) forget(path);
    throw error;
  }
}

const pathOf = (path: string): Buffer => Buffer.from(bytesOfValue(path));

function writeFile(path: Buffer, blocks: Iterable<Uint8Array>): void {
  const fd = openSync(path, 'w');
  try {
    for (const block of blocks) for (let done = 0; done < block.length;) done += writeSync(fd, block, done);
  } finally {
    closeSync(fd);
  }
}

function forget(path: Buffer): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The first error says why.
  }
}

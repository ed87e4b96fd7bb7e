/** A server with workers that it has forked: Node cannot fork without exec, so it is written in Python. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export const WORKERS = 5;
export const SHARED_BYTES = 40 * 1024 * 1024;

export const canTellPss = existsSync('/proc/self/smaps_rollup');
/** Else the tests that need it are reported as skipped. */
export const canFork = canTellPss && spawnSync('python3', ['-c', '']).status === 0;

/** A shell line, without line breaks for a Procfile; the program says `up` when all are there. */
export const FORKING_SERVER = `exec python3 -c '${[
  'import os, time',
  `held = bytearray(os.urandom(1 << 20) * ${SHARED_BYTES >> 20})`,
  `isServer = all([os.fork() != 0 or time.sleep(1000) for _ in range(${WORKERS})])`,
  'print("up", flush=True)',
  'time.sleep(1000)',
].join('; ')}'`;

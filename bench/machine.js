// Where and when the figures were taken.
import { cpus, loadavg, release, totalmem } from 'node:os';

/** @returns {{ date: string, load: number, cores: number, cpu: string, memoryGiB: number, kernel: string, node: string }} */
export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

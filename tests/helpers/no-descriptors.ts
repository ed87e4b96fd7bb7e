import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/**
 * Takes all free descriptors away from this very process, until the returned function is called: prlimit(1) sets its
 * soft limit below what it has open. Whoever sets it back runs already, for nothing can be started without descriptors.
 */
export async function withoutDescriptors(): Promise<() => Promise<void>> {
  const limit = (soft: string): string => `prlimit --pid ${process.pid} --nofile=${soft}:`;
  const script = `soft=$(ulimit -Sn); read go; ${limit('3')}; echo; read back; ${limit('$soft')}; echo`;
  const helper = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: helper.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<void> => {
    helper.stdin.write('go on\n');
    await lines.next();
  };
  helper.stdin.on('error', () => undefined); // It has ended when all was given back.
  onTestFinished(() => void helper.stdin.end('go on\n'));
  await next();
  return next;
}

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { scratch } from '../../helpers/scratch.ts';

test('whoever has not gone is called once when the process exits, all by one handler', () => {
  const root = scratch();
  buildSync({
    entryPoints: [resolve(import.meta.dirname, '../../../src/os/process/exit-event.ts')],
    outfile: join(root, 'module.cjs'),
    bundle: true,
    platform: 'node',
  });
  const program = `
    const { onExitEvent } = require('./module.cjs');
    const removes = Array.from({ length: 30 }, (_, at) => onExitEvent(() => console.log(at)));
    console.log(process.listenerCount('exit'));
    for (const remove of removes) remove();
    console.log(process.listenerCount('exit'));
    onExitEvent(() => console.log('gone'))();
    onExitEvent(() => console.log('first'));
    onExitEvent(() => console.log('second'));
    process.exit(3);
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: '1\n0\nfirst\nsecond\n', stderr: '', status: 3 });
});

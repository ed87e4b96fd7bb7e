import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { auditTask } from '../../../src/os/tasks/audit.ts';
import { scratch } from '../../helpers/scratch.ts';
import { taskOf } from '../../helpers/tasks.ts';

const canTrace = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;

it.skipIf(!canTrace)(
  'an audit tells what a real command reads and writes and does not declare (needs strace)',
  async () => {
    const root = scratch({
      'src/a': 'a',
      secret: 's',
      'lib/made': 'm',
      'tool.sh': '#!/bin/sh\ncat src/a > dist/b\n',
    });
    const task = taskOf({
      command:
        'mkdir -p dist; cat secret lib/made; ./tool.sh; cd dist; mv b "c é"; echo x > ../report; touch t; rm t; exit 3',
      workingDir: root,
      inputs: ['src'],
      outputs: ['dist'],
    });
    let printed = '';
    const audit = await auditTask(task, {
      root,
      environment: { PATH: process.env['PATH'] ?? '' },
      needed: [taskOf({ name: 'lib', workingDir: root, outputs: ['lib'] })],
      onOutput: (_, bytes) => (printed += Buffer.from(bytes).toString()),
    });
    expect(audit).toEqual({ is: 'audited', status: 3, reads: ['secret', 'tool.sh'], writes: ['report'] });
    expect(printed).toBe('sm');
  },
);

it('an audit without strace says what is missing', async () => {
  const order = { root: '/', environment: {}, needed: [], strace: 'no-such-strace' };
  const audit = await auditTask(taskOf({ workingDir: '/' }), order);
  expect(audit).toMatchObject({ is: 'refused' });
});

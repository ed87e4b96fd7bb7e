/** The disk of the logs is full: on a tiny file system, in a name space of our own, where that may be had. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';
import { PROCSUP } from '../helpers/procsup.ts';
import { PUPPET } from '../helpers/puppets.ts';

const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!mayMount) console.warn('no file system can be mounted here: the full disk is not tested end to end');

test.skipIf(!mayMount)(
  'processes go on, the loss is told in ps and among the events, and writing resumes',
  async () => {
    const app = project(`web: ${PUPPET}`);
    // All commands are given there: nobody else sees that file system.
    const shell = app.beginProgram('unshare', '-rm', '/bin/sh');
    const does = async (line: string, words: string | RegExp): Promise<void> => {
      shell.type(`${line}\n`);
      await shell.says(words);
    };
    await does('mount -t tmpfs -o size=4m none "$XDG_STATE_HOME"; echo mounted $?', 'mounted 0');
    await does('head -c 3800k /dev/zero >"$XDG_STATE_HOME/filler"; echo filled', 'filled');
    await does(`p=${PROCSUP}; "$p" start -d --log-size 10MiB; echo up $?`, 'up 0');
    const web = await app.puppet('web.1');

    const flood = `${'x'.repeat(99)}\n`.repeat(20_000);
    await web.print(flood);
    await web.print('after the flood\n');
    // From memory; the program was not held up.
    await does('until "$p" logs -n 1 --no-prefix web | grep after; do :; done', 'after the flood\n');
    await does(
      'until "$p" ps 2>&1 | grep "files: [1-9]"; do :; done',
      /missing in the log files: [1-9]\d* bytes/,
    );
    expect(shell.stdout).toContain('ENOSPC');
    await does('"$p" events --no-follow | grep "cannot write to"', /cannot write to the log files/);
    await does('"$p" ps | grep web', /web\.1 +running/);

    await does('rm "$XDG_STATE_HOME/filler"; echo removed', 'removed');
    await does(
      'until "$p" events --no-follow | grep "files again"; do :; done',
      /writing to the log files again; .* were lost/,
    );
    await web.print('there is space\n');
    await does('until grep -rh "is space" "$XDG_STATE_HOME"; do :; done', 'there is space\n');
    await does('"$p" down; echo down $?', 'down 0');
    await does('"$p" logs -n 1 --no-prefix web 2>/dev/null; echo read', 'there is space\nread\n');
    shell.hangUp();
    expect((await shell.ended).status).toBe(0);
  },
);

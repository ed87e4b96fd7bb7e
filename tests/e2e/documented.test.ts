/** The first example of procsup.yaml on some pages, run as it stands. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../helpers/daemon.ts';

const exampleOf = (page: string): string =>
  /^```yaml\n([^]*?)^```/m.exec(
    readFileSync(resolve(import.meta.dirname, `../../docs/${page}`), 'utf8'),
  )?.[1] ?? '';

const withExample = (yaml: string, files: Readonly<Record<string, string>>) =>
  project('other: exec sleep 100000', { files: { 'procsup.yaml': yaml, ...files } });

test('limits.md', async () => {
  const app = withExample(exampleOf('limits.md'), {
    'server.js': `
      const limits = require('fs').readFileSync('/proc/self/limits', 'utf8');
      console.log('nice', require('os').getPriority(), 'files', /open files +(\\d+) +(\\d+)/.exec(limits)[2]);
      setInterval(() => 0, 1e6);`,
  });
  await app.up('web');
  const logs = app.begin('logs', '-f', 'web');
  await logs.says('nice 5 files 4096');
  logs.kill('SIGINT');
  await logs.ended;
});

test('watch.md', async () => {
  const app = withExample(exampleOf('watch.md'), {
    'server.js': `console.log(require('./src/a.js')); setInterval(() => 0, 1e6)`,
    'src/a.js': `module.exports = 'one'`,
    'package.json': '{}',
  });
  await app.up('web');
  const logs = app.begin('logs', '-f');
  await logs.says('one');
  app.write('src/a.js', `module.exports = 'two'`);
  await logs.says('two');
  logs.kill('SIGINT');
  await logs.ended;
});

test('listen.md', async () => {
  // That port may be in use here.
  const yaml = exampleOf('listen.md').replace('listen: 3000', 'listen: 0');
  const app = withExample(yaml, {
    'server.js': `
      require('http').createServer((_, answer) => answer.end('answered')).listen({ fd: 3 });
      console.log('port', process.env.PROCSUP_WEB_PORT);`,
  });
  await app.up('web');
  expect(await app.run('wait', 'web')).toMatchObject({ status: 0 });
  const port = /port (\d+)/.exec((await app.run('logs', 'web')).stdout)?.[1] ?? '';
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('answered');
});

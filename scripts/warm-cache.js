// Writes dist/*.cache (see src/cli/load-bundle.ts): in a scratch project procsup is used as users use it, each time in a
// process of its own, and when that ends V8 hands out all that it had to compile of the chunks named for it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [chunks, ...words] = process.argv.slice(2);
if (chunks === undefined) await inScratchProject();
else keepCaches(chunks.split(',').filter(Boolean), words);

async function inScratchProject() {
  const directory = mkdtempSync(join(tmpdir(), 'procsup-build-'));
  const runtime = join(directory, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  writeFileSync(join(directory, 'Procfile'), 'a: true\n');
  const env = {
    ...process.env,
    XDG_STATE_HOME: join(directory, 'state'),
    XDG_RUNTIME_DIR: runtime,
    // Nothing of earlier runs, and nothing for later ones.
    XDG_CACHE_HOME: '/dev/null',
  };
  const procsup = async (names, ...args) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), names, ...args], {
      cwd: directory,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said = [];
    child.stderr.on('data', (bytes) => said.push(bytes));
    const [status] = await once(child, 'close');
    if (status !== 0) process.stderr.write(Buffer.concat(said));
    if (status !== 0)
      throw new Error(`procsup ${args.join(' ')} ended with status ${status} while caches were made`);
  };
  try {
    await procsup('main', 'start');
    await procsup('cli.start-detached', 'start', '-d');
    await procsup('main-ask', 'ps');
    await procsup('main-names', 'completion', '--names', 'restart');
    await procsup('', 'down');
    await procsup('main-pipe', 'pipe', 'true | true');
    await procsup('main-pool', 'pool', 'true', ':::', 'a');
    writeFileSync(join(directory, 'procsup.yaml'), 'tasks: { b: "true" }\n');
    await procsup('main-task', 'task', 'b');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function keepCaches(names, args) {
  const require = createRequire(import.meta.url);
  const { shippedCache } = require('../dist/keep-code.cjs');
  const compiled = new Map();
  process.argv.splice(2, Infinity, ...args);
  process.on('exit', () => {
    for (const name of names) {
      const chunk = compiled.get(name);
      if (chunk === undefined)
        throw new Error(`procsup ${args.join(' ')} has not loaded the chunk '${name}'`);
      const { script, source } = chunk;
      const cache = shippedCache(source, script.createCachedData());
      writeFileSync(new URL(`../dist/${name}.cache`, import.meta.url), cache);
    }
  });
  require('../dist/load-bundle.cjs').boot((name, script, source) => compiled.set(name, { script, source }));
}

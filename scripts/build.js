// Builds dist/: one CommonJS bundle for the CLI (the ESM loader would cost 7 ms at every start), one CommonJS
// chunk for each dynamic import() in it, the ESM library with its types, the WebAssembly inserter, the JSON
// Schema of procsup.yaml, and the manual page.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildChunks } from './chunks.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const local = (bin) => join(root, 'node_modules', '.bin', bin);

/** bin/procsup.js and src/cli/load-bundle.ts know these names. */
const ENTRIES = {
  'cli/load-bundle.ts': 'load-bundle',
  'cli/main.ts': 'main',
  'cli/main-pipe.ts': 'main-pipe',
  'cli/main-pool.ts': 'main-pool',
  'cli/main-task.ts': 'main-task',
  'cli/main-names.ts': 'main-names',
  'cli/main-ask.ts': 'main-ask',
  'cli/main-daemon.ts': 'main-daemon',
  'os/files/keep-code.ts': 'keep-code',
  'os/tasks/hash-worker.ts': 'hash-worker',
};

/**
 * A chunk has copies of the modules that its entry has already. So what an entry loads in each of its runs, and shares
 * modules with, is within it.
 */
const WHOLE = {
  'main-daemon': [
    'host/serve.ts',
    'host/taken-ports.ts',
    'logs/on-disk.ts',
    'logs/read.ts',
    'os/files/patient-read.ts',
  ],
};

/** A run of the real thing, after which V8 hands out all that it had to compile for it. */
function buildCodeCache() {
  execFileSync(process.execPath, [join(root, 'scripts/warm-cache.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function buildLibrary() {
  await build({
    // The program of a worker process is started by its name: src/os/worker/host-file.ts.
    entryPoints: {
      index: join(root, 'src/index.ts'),
      'library/worker-host': join(root, 'src/os/worker/host.ts'),
    },
    outdir: dist,
    bundle: true,
    // What is imported when it is needed stays a chunk: a program that only calls pipe() loads no YAML and no supervisor.
    splitting: true,
    chunkNames: 'library/[name]-[hash]',
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  execFileSync(local('tsc'), ['-p', join(root, 'scripts/tsconfig.types.json')], { stdio: 'inherit' });
}

/** The inner loop of the output path, read by the CLI and the library from beside themselves. */
function buildInserter() {
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
  const output = ['--outFile', join(dist, 'insert-prefix.wasm')];
  execFileSync(local('asc'), [join(root, 'src/output/insert-prefix.as.ts'), ...output, ...options], {
    stdio: 'inherit',
  });
}

/** What a module exports that is made of others below src. */
async function evaluated(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/** What editors know of procsup.yaml, from the schema by which we judge it. */
async function buildSchema() {
  const { appFileSchema, toJSONSchema } = await evaluated(`
    export { appFileSchema } from './src/config/schema/schema.ts';
    export { toJSONSchema } from 'zod/v4/core';`);
  const { $schema, ...schema } = toJSONSchema(appFileSchema, {
    target: 'draft-7',
    // Where keys are known, those that begin with x- are ignored.
    override({ jsonSchema }) {
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {} };
    },
  });
  const file = { $schema, $id: 'urn:procsup:procsup.yaml', ...schema };
  writeFileSync(join(dist, 'procsup.schema.json'), `${JSON.stringify(file, null, 2)}\n`);
}

async function buildManPage() {
  const { manPage } = await evaluated(`export { manPage } from './src/cli/man-page.ts';`);
  writeFileSync(join(dist, 'procsup.1'), manPage());
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await buildChunks({ src: join(root, 'src'), dist, entries: ENTRIES, whole: WHOLE });
buildCodeCache();
buildInserter();
await buildSchema();
await buildManPage();
await buildLibrary();

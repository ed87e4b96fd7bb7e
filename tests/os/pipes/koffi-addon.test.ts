import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { koffiAddon } from '../../../src/os/pipes/koffi-addon.ts';
import { loadKoffiPipes } from '../../../src/os/pipes/koffi.ts';

const require = createRequire(import.meta.url);
const name = koffiAddon();

test.skipIf(name === undefined)(
  'the native module of koffi lies where it is looked for, and does',
  async () => {
    const addon = require(name ?? '') as { readonly version: string };
    const manifest = require('../../../package.json') as {
      readonly optionalDependencies: { readonly koffi: string };
    };
    expect(addon.version).toBe(manifest.optionalDependencies.koffi);

    const makePipes = await loadKoffiPipes(() => Promise.resolve(addon as never));
    const pipes = (await makePipes?.(2)) ?? [];
    expect(pipes).toHaveLength(2);
    for (const { read, write } of pipes) for (const fd of [read, write]) closeSync(fd);
  },
);

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VERSION } from '../../src/host/version.ts';

test('it is the version of the package', () => {
  const path = new URL('../../package.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: VERSION });
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram } from '../../../src/os/process/find-program.ts';
import { scratch } from '../../helpers/scratch.ts';

const files = {
  'bin/tool': '#!/bin/sh\n',
  'other/tool': '#!/bin/sh\n',
  'other/late': '#!/bin/sh\n',
  'bin/plain': 'text',
  'other/plain': '#!/bin/sh\n',
  'bin/only-plain': 'text',
  'bin/folder/x': '',
  'bin/broken': '#! /no/such/shell -e\n',
  'bin/windows': '#!/bin/sh\r\n',
  here: '#!/bin/sh\n',
};

test.each([
  ['tool', 'bin:other', 'program', 'bin/tool'],
  ['late', 'bin:other', 'program', 'other/late'],
  ['plain', 'bin:other', 'program', 'other/plain'],
  ['here', 'bin::other', 'program', 'here'],
  ['here', '', 'program', 'here'],
  ['./here', 'bin', 'program', 'here'],
  ['bin/tool', undefined, 'program', 'bin/tool'],
  ['only-plain', 'bin:other', 'not executable', 'bin/only-plain'],
  ['bin/plain', '', 'not executable', 'bin/plain'],
  ['bin/folder', '', 'is a directory', 'bin/folder'],
  ['broken', 'bin', "interpreter '/no/such/shell' not found", 'bin/broken'],
  ['windows', 'bin', "interpreter '/bin/sh\\r' not found", 'bin/windows'],
])("'%s' on '%s': %s", (word, path, expected, where) => {
  const root = scratch(files);
  const found = findProgram(word, path, root);
  expect(found).toMatchObject({ path: join(root, where) });
  expect(found.kind === 'not-executable' ? found.why : found.kind).toBe(expected);
});

test.each([
  ['nope', 'bin:other'],
  ['folder', 'bin'],
  ['here', 'bin'],
  ['', 'bin'],
  ['./nope', 'bin'],
  ['here/nope', 'bin'],
])("'%s' on '%s' is missing", (word, path) => {
  expect(findProgram(word, path, scratch(files))).toEqual({ kind: 'missing' });
});

test('without a PATH the usual places are searched', () => {
  expect(findProgram('sh', undefined, '/')).toMatchObject({ kind: 'program' });
});

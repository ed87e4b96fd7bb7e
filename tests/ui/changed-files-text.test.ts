import { expect, test } from 'vitest';
import { changedFilesText } from '../../src/ui/changed-files-text.ts';

test.each([
  [[], undefined],
  [['.env'], ".env has changed since it was read; 'procsup reload' reads it"],
  [['Procfile', '.env'], "Procfile, .env have changed since they were read; 'procsup reload' reads them"],
])('%j', (files, text) => expect(changedFilesText(files)).toBe(text));

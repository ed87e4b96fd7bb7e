import { expect, test } from 'vitest';
import { listeningText } from '../../src/ui/listening-text.ts';

test.each([
  [undefined, '-'],
  [null, '-'],
  [[], '-'],
  [[5173], '5173'],
  [[80, 443, 9229], '80,443,9229'],
  [[1, 2, 3, 4, 5], '1,2,3+2'],
])('%j', (listening, text) => expect(listeningText(listening === undefined ? {} : { listening })).toBe(text));

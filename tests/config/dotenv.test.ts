import { expect, test } from 'vitest';
import { parseEnvFile } from '../../src/config/env/dotenv.ts';

test('values are those of dotenv, without interpolation', () => {
  const { values, problems } = parseEnvFile('.env', 'A="x\\ny"\nB=$A # comment\nexport C=\'$B\'\nrubbish');
  expect({ ...values }).toEqual({ A: 'x\ny', B: '$A', C: '$B' });
  expect(problems).toMatchObject([{ code: 'env-file-dead-line', place: { file: '.env', line: 4 } }]);
});

import { expect, test } from 'vitest';
import { parseProcfile, planApp, wholeEnvironment } from '../../src/index.ts';

const input = { root: '/app', envFiles: [], realEnv: { A: '1' } };
const procfile = { file: 'Procfile', text: 'web: node a\nworker: node b' };

test('planApp reads the text of a Procfile', () => {
  const { value, problems } = planApp({ ...input, procfile, formation: 'web=2', names: ['web'] });
  expect(problems).toEqual([]);
  expect(value?.instances.map(({ name, port, script }) => [name, port, script])).toEqual([
    ['web.1', 5000, 'exec node a'],
    ['web.2', 5001, 'exec node a'],
  ]);
  const [first] = value?.instances ?? [];
  expect(first && wholeEnvironment(first.env)).toEqual({
    ...{ A: '1', PORT: '5000', PS: 'web.1', PROCSUP_PROCESS: 'web', PROCSUP_INSTANCE: '1' },
    ...{ PROCSUP_WEB_PORT: '5000', PROCSUP_WORKER_PORT: '5100' },
  });
});

test('planApp finds the problems of the text as well', () => {
  const text = 'web: a\nweb: b';
  const { value, problems } = planApp({ ...input, procfile: { ...procfile, text }, port: 'x' });
  expect(value).toBeUndefined();
  expect(problems.map(({ code }) => code)).toEqual(['procfile-duplicate-name', 'port-invalid']);
});

test('parseProcfile gives the plans that planApp works with', () => {
  const { value } = planApp({ ...input, procfile });
  const plans = parseProcfile(procfile.text, procfile.file).value;
  expect(plans).toHaveLength(2);
  expect(value?.instances.map(({ plan }) => plan)).toEqual(plans);
});

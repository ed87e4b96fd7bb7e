import { expect, test } from 'vitest';
import { stageRequests } from '../../../src/cli/pipe/stage-requests.ts';
import { loadApp } from '../../../src/config/load-app.ts';
import { parsePipeline } from '../../../src/core/pipeline/parse.ts';
import { scratch } from '../../helpers/scratch.ts';

test('a process is looked up, a pipeline of the same project is not', async () => {
  const cwd = scratch({ Procfile: 'web: echo web', 'procsup.yaml': 'pipelines:\n  ingest: seq 3 | cat\n' });
  const { value: app } = await loadApp({}, {}, cwd);
  const { value: pipeline } = parsePipeline('web | ingest', 'pipe');
  const requests = app && pipeline && stageRequests(pipeline, app);
  expect(requests?.problems).toEqual([]);
  expect(requests?.value?.map(({ script, env }) => [script, env['PS']])).toEqual([
    ['echo web', 'web.1'],
    ['exec ingest', 'pipe.2'],
  ]);
});

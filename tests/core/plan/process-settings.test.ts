import { expect, test } from 'vitest';
import { servicePlan, stagePlan } from '../../../src/core/plan/process-plan.ts';
import { settlePlans, terminalVariables, ttySettings } from '../../../src/core/plan/process-settings.ts';

const place = { file: 'x', line: 1, column: 1, length: 1, text: '' };
const WEB = servicePlan('web', 'x', place);
const STAGE = stagePlan('in', '1', { command: 'x', script: 'x', joinsStderr: false, place });
const settled = (...settings: Parameters<typeof settlePlans>[1]) => settlePlans([WEB, STAGE], settings);

test('what is said of a process is in its plan, the later thing wins, and others stay as they are', () => {
  const { plans, problems } = settled(
    { name: 'web', place, stdin: 'null', tty: true },
    { name: 'web', place, tty: false },
  );
  expect(problems).toEqual([]);
  expect(plans).toEqual([{ ...WEB, stdin: 'null', tty: false }, STAGE]);
});

test('a pipeline and an unknown name are refused with their place', () => {
  const { problems } = settled(...ttySettings(['web', 'in', 'wbe']));
  expect(problems).toMatchObject([
    { code: 'settings-pipeline', severity: 'error', place: { file: '--tty', column: 5, text: 'web,in,wbe' } },
    {
      code: 'settings-unknown-process',
      place: { column: 8, length: 3 },
      remedy: expect.stringContaining("'web'") as string,
    },
  ]);
});

test('of the variables for a terminal those that the user has set are left out', () => {
  expect(terminalVariables(() => false)).toEqual({
    ...{ TERM: 'xterm-256color', PAGER: 'cat', COLUMNS: undefined, LINES: undefined },
  });
  expect(Object.keys(terminalVariables((name) => name === 'TERM'))).toEqual(['PAGER', 'COLUMNS', 'LINES']);
});

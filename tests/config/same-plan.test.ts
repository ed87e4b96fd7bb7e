/** One process, written in the Procfile and in procsup.yaml: both files say the same in the same words. */
import { describe, expect, test } from 'vitest';
import { readAppFile } from '../../src/config/app-file.ts';
import { readProcfile } from '../../src/config/procfile.ts';
import { shapeIssues } from '../../src/config/schema/schema.ts';
import { readYaml } from '../../src/config/yaml/yaml.ts';
import { memberOf } from '../../src/core/fleet/member-of.ts';
import { planApp } from '../../src/core/plan/plan-app.ts';
import type { ProcessPlan } from '../../src/core/plan/process-plan.ts';
import type { PlanReading } from '../../src/core/plan/sources.ts';

function readAppText(text: string): PlanReading {
  const { value, placeOf } = readYaml('procsup.yaml', text);
  return readAppFile({ file: 'procsup.yaml', value, issues: shapeIssues(value), placeOf });
}

const plansOf = ({ processes = [], problems }: PlanReading): readonly ProcessPlan[] => {
  expect(problems).toEqual([]);
  return processes;
};
const fromProcfile = (text: string) => plansOf(readProcfile(text, 'Procfile'));
const fromAppFile = (text: string) => plansOf(readAppText(text));

/** Without what tells a service from a stage, and where it was written. */
function process(plan: ProcessPlan | undefined): object {
  const all: Record<string, unknown> = { ...plan };
  const { kind, name, place, instances, pipeline, joinsStderr, ...same } = all;
  expect([kind, typeof name, typeof place]).toEqual([expect.any(String), 'string', 'object']);
  expect(instances ?? pipeline).toBeDefined();
  expect(joinsStderr ?? false).toBe(false);
  return same;
}

const INPUT = { root: '/', envFiles: [], realEnv: { A: '1' } };

const COMMANDS = [
  'node server.js',
  'bundle exec puma -p $PORT',
  'cd app && npm start',
  'grep \'a b\' "$FILE"',
  'A=1 ./run',
  'sleep 1; exit 3',
];

describe.each(COMMANDS)('%s', (command) => {
  const [service] = fromProcfile(`web: ${command}`);
  const quoted = JSON.stringify(command);

  test.each([
    ['a text', `pipelines: {web: ${quoted}}`],
    ['a list', `pipelines: {web: [${quoted}]}`],
    ['a map in a list', `pipelines: {web: [{command: ${quoted}}]}`],
    ['a map with stages', `pipelines: {web: {stages: [${quoted}]}}`],
  ])('as %s', (_, yaml) => {
    const stages = fromAppFile(yaml);
    expect(stages).toHaveLength(1);
    expect(process(stages[0])).toEqual(process(service));
  });

  test('as a process of procsup.yaml', () => {
    const plans = [
      planApp({ ...INPUT, procfile: readProcfile(`web: ${command}`, 'Procfile') }),
      planApp({ ...INPUT, procfile: 'none', appFile: readAppText(`processes: {web: {command: ${quoted}}}`) }),
    ];
    const [one, other] = plans.map(({ value, problems }) => {
      expect(problems).toEqual([]);
      const instance = value?.instances[0] ?? expect.fail('no instance');
      const { place, saidAt, ...plan } = instance.plan;
      expect([place.file, Object.keys(saidAt ?? {})]).toEqual(
        place.file === 'Procfile' ? ['Procfile', []] : ['procsup.yaml', ['command']],
      );
      return { ...instance, plan };
    });
    expect(other).toEqual(one);
  });

  test('is the same child and the same member', () => {
    const defaults = { restart: 'on-failure', restartDelayMs: 1, timeoutMs: 2, stdin: 'open' } as const;
    const input = { root: '/', envFiles: [], realEnv: { A: '1' } };
    const appFile = readAppText(`pipelines: {web: [${quoted}]}`);
    const plans = [
      planApp({ ...input, procfile: readProcfile(`web: ${command}`, 'Procfile') }),
      planApp({ ...input, procfile: 'none', appFile }),
    ];
    const [one, other] = plans.map(({ value }) => {
      const instance = value?.instances[0];
      if (instance === undefined) return expect.fail('no instance');
      const { restart, ladder, needs } = memberOf(instance, defaults);
      const { script, port, index } = instance;
      return { script, port, index, restart, ladder, needs };
    });
    expect(one).toEqual(other);
  });
});

test('each plan has the place where it was written', () => {
  const places = (plans: readonly ProcessPlan[]) =>
    plans.map(({ name, place: { file, line, column, length } }) => [name, file, line, column, length]);
  expect(places(fromProcfile('# x\nweb: a\nmy-worker: b'))).toEqual([
    ['web', 'Procfile', 2, 1, 3],
    ['my-worker', 'Procfile', 3, 1, 9],
  ]);
  const yaml = 'pipelines:\n  list:\n    - cat x\n    - {name: sum, command: wc}\n  text: a | b\n';
  expect(places(fromAppFile(yaml))).toEqual([
    ['list/1', 'procsup.yaml', 3, 7, 5],
    ['list/sum', 'procsup.yaml', 4, 7, 24],
    ['text/1', 'procsup.yaml', 5, 9, 5],
    ['text/2', 'procsup.yaml', 5, 9, 5],
  ]);
});

test('what was not said is not in the plan; what a stage says goes before what its pipeline says', () => {
  const [plain, own] = fromAppFile(
    'pipelines: {p: {stages: [a, {command: b, restart: never}], restart: always, drain: 1s}}',
  );
  expect(plain).toMatchObject({ restart: { mode: 'always' }, drainMs: 1_000 });
  expect(own).toMatchObject({ restart: { mode: 'never' }, drainMs: 1_000 });
  for (const plan of [...fromProcfile('web: a'), ...fromAppFile('pipelines: {p: a}')]) {
    expect(Object.keys(plan)).not.toEqual(expect.arrayContaining(['restart']));
    expect(Object.keys(plan)).not.toEqual(expect.arrayContaining(['stop']));
    expect(Object.keys(plan)).not.toEqual(expect.arrayContaining(['drainMs']));
  }
});

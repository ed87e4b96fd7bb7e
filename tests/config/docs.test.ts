/** The examples of the documentation are accepted as they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAppFileText } from '../../src/config/read-app-file.ts';
import { shapeIssues } from '../../src/config/schema/schema.ts';
import { needProblems } from '../../src/core/plan/needs.ts';
import { settlePlans } from '../../src/core/plan/process-settings.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const page = readFileSync(join(DOCS, 'procsup-yaml.md'), 'utf8');

/** Not those of other tools. */
const blocksOf = (text: string) =>
  [...text.matchAll(/```yaml\n([^]*?)```/g)]
    .map(([, block = '']) => block)
    .filter((block) => !/^(?:jobs|services):/m.test(block));
const examples = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    blocksOf(readFileSync(join(DOCS, name), 'utf8')).map(
      (block, at) => [`${name}, ${String(at + 1)}`, block] as const,
    ),
  );

test.each(examples)('%s', (_, block) => {
  const reading = readAppFileText('procsup.yaml', { ok: true, text: block });
  expect(reading.problems).toEqual([]);
  const { plans } = settlePlans(reading.processes ?? [], reading.settings ?? [], reading.defaults);
  const names = [...plans.map(({ name }) => name), ...reading.pipelines.map(({ name }) => name)];
  expect(needProblems(plans, names)).toEqual([]);
});

describe('the page on procsup.yaml', () => {
  test('has an example in each of its main parts', () => {
    expect(blocksOf(page).length).toBeGreaterThanOrEqual(5);
  });

  test('names every key of a process', () => {
    const [issue] = shapeIssues({ processes: { web: { zzzzzzzzzzz: 1 } } });
    const keys = issue?.kind === 'unknown-key' ? issue.known : expect.fail('no unknown key');
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });
});

test('the page on tasks names every key of a task', () => {
  const [issue] = shapeIssues({ tasks: { build: { zzzzzzzzzzz: 1 } } });
  const keys = issue?.kind === 'unknown-key' ? issue.known : expect.fail('no unknown key');
  const text = readFileSync(join(DOCS, 'tasks.md'), 'utf8');
  expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
});

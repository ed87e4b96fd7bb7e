import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const common = { testTimeout: 60_000, hookTimeout: 60_000 };

const projects = [
  { name: 'soak', include: ['tests/soak/**/*.test.ts'] },
  /** Processes, descriptors and signals are real: each file has a process of its own. */
  { name: 'system', include: ['tests/{contract,e2e,os}/**/*.test.ts'] },
  /** To start a process for each file would take longer than the tests in it. */
  {
    name: 'unit',
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/{contract,e2e,os,soak}/**'],
    isolate: false,
  },
];

/** What takes long begins first, or it would go on alone when all others are done. */
const FIRST = [/soak/, /e2e.daemon|os.files.lock|simulation/, /e2e|contract/, /tests.os/];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const index = FIRST.findIndex((pattern) => pattern.test(relative(import.meta.dirname, moduleId)));
      return index < 0 ? FIRST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    globalSetup: ['tests/helpers/build-once.ts'],
    projects: projects.map((project) => ({ test: { ...common, ...project } })),
    // Most tests wait for the processes that they have started: with one for each core half of them would be idle.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.as.ts'],
      reporter: ['text-summary'],
    },
  },
});

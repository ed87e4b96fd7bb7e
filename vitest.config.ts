import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Only what hangs comes near it, on the busiest machine. */
const common = { testTimeout: 300_000, hookTimeout: 300_000 };

const BUILT = ['tests/helpers/build-once.ts'];
/** What starts the built program and looks at it from outside. */
const E2E = ['tests/e2e/**/*.test.ts'];
/** What else needs the built program, or starts programs. */
const SYSTEM = [
  'tests/{contract,library,os}/**/*.test.ts',
  'tests/{cli/main,examples}.test.ts',
  'tests/config/json-schema.test.ts',
  'tests/control/{server,session/session}.test.ts',
  // They compare with bash, and run it hundreds of times.
  'tests/core/{pipeline/parse,pipeline/verdict,shell/command}.test.ts',
  'tests/cli/commands/run.test.ts',
  'tests/output/prefixers.test.ts',
  'tests/runtime/run-pipeline.test.ts',
];
const SOAK = ['tests/soak/**/*.test.ts'];

/**
 * What starts programs and fails is tried once more, and the report says so ("retry x1"): such a test has a race that is to be
 * found, but one of thousands must not stop a landing.
 */
const RETRY = 1;

const projects = [
  { name: 'soak', include: SOAK, globalSetup: BUILT },
  /** Everything real is in programs that they start: a process for each file would take half a second of each. */
  { name: 'e2e', include: E2E, globalSetup: BUILT, isolate: false, retry: RETRY },
  /** Processes, descriptors and signals are those of the test itself: each file has a process of its own. */
  { name: 'system', include: SYSTEM, globalSetup: BUILT, retry: RETRY },
  /** It needs no build. To start a process for each file would take longer than the tests in it. */
  {
    name: 'unit',
    include: ['tests/**/*.test.ts'],
    exclude: [...E2E, ...SYSTEM, ...SOAK],
    isolate: false,
  },
];

/**
 * What takes long begins first, or it would go on alone when all others are done. Files that may share a process do so where
 * they follow each other.
 */
const FIRST = [/soak/, /simulation/, /os.files.lock/, /e2e.daemon/, /e2e/, /contract|library/, /tests.os/];

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

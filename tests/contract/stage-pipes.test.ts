/** What a pipeline relies on, tried on all the ways to start one that work here. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { statusOf, type Exit } from '../../src/core/process/exit.ts';
import type { StageRequest } from '../../src/ports/pipelines.ts';
import { until } from '../helpers/eventually.ts';
import { withEnvironment } from '../helpers/proc.ts';
import { pipeMakers, stageLaunchers } from '../helpers/stage-launchers.ts';

const scratch = mkdtempSync(join(tmpdir(), 'procsup-stages-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let count = 0;
const newPath = (): string => join(scratch, String((count += 1)));
const PATH = process.env['PATH'] ?? '';
const descriptors = (): number => readdirSync('/proc/self/fd').length;
const hasProc = pipeMakers.length > 0;

const stageOf = (script: string | Partial<StageRequest>): StageRequest => ({
  script: '',
  args: [],
  env: { PATH },
  joinsStderr: false,
  ...(typeof script === 'string' ? { script } : script),
});

describe.each(stageLaunchers)('stages by %s', (kind, launcher) => {
  const start = (
    scripts: readonly (string | Partial<StageRequest>)[],
    input = '/dev/null',
    root = scratch,
  ) => {
    const outputPath = newPath();
    const stdin = openSync(input, 'r');
    const stdout = openSync(outputPath, 'w');
    const runId = `stages-${process.pid}-${count}`;
    const state = {
      pids: scripts.map(() => 0),
      exits: scripts.map((): Exit | undefined => undefined),
      /** In the order in which they came. */
      told: [] as string[],
      runId,
      launcher,
      output: () => readFileSync(outputPath, 'utf8'),
      hasEnded: () => state.exits.every((exit) => exit !== undefined),
      statuses: () => state.exits.map((exit) => (exit === undefined ? undefined : statusOf(exit))),
      async end() {
        await until(state.hasEnded, `all end: ${JSON.stringify(state)}`);
        return { statuses: state.statuses(), output: state.output() };
      },
    };
    const end = (stage: number, what: string, exit: Exit): void => {
      state.told.push(`${what} ${stage}`);
      state.exits[stage] = exit;
      if (!state.hasEnded()) return;
      closeSync(stdin);
      closeSync(stdout);
    };
    const stages = scripts.map(stageOf);
    launcher.launch(
      { runId, root, stages, stdin, stdout },
      {
        spawned(stage, pid) {
          state.told.push(`spawned ${stage}`);
          state.pids[stage] = pid;
        },
        exited: (stage, exit) => end(stage, 'exited', exit),
        refused: (stage, exit) => end(stage, 'refused', exit),
      },
    );
    onTestFinished(() => {
      for (const { pid } of withEnvironment(`PROCSUP_RUN_ID=${runId}`)) launcher.signal(pid, 'SIGKILL');
    });
    return state;
  };
  const run = async (...scripts: readonly (string | Partial<StageRequest>)[]) => start(scripts).end();

  test('data flows from the first to the last', async () => {
    const input = newPath();
    writeFileSync(input, 'b\na\n');
    expect(await start(['exec cat', 'exec sort', 'exec tr a-z A-Z'], input).end()).toEqual({
      statuses: [0, 0, 0],
      output: 'A\nB\n',
    });
  });

  test('one stage alone has no pipe', async () => {
    expect(await run('echo alone')).toEqual({ statuses: [0], output: 'alone\n' });
  });

  test('each is told once as spawned and once as exited', async () => {
    const pipeline = start(['exec true', 'exec true', 'exec true']);
    await pipeline.end();
    const { told } = pipeline;
    expect([...told].sort()).toEqual(
      [0, 1, 2].flatMap((stage) => [`exited ${stage}`, `spawned ${stage}`]).sort(),
    );
    for (const stage of [0, 1, 2]) {
      expect(told.indexOf(`spawned ${stage}`)).toBeLessThan(told.indexOf(`exited ${stage}`));
    }
  });

  test('the reader of a flood ends it', async () => {
    expect(await run('exec yes', 'exec head -n 1')).toEqual({ statuses: [141, 0], output: 'y\n' });
    expect(await run('exec yes', 'exec cat', 'exec true')).toEqual({ statuses: [141, 141, 0], output: '' });
  });

  test('statuses are those of the stages', async () => {
    const { statuses } = await run('exit 3', 'exit 4', 'kill -KILL $$', 'exit 255', 'exec true');
    expect(statuses).toEqual([3, 4, 137, 255, 0]);
  });

  test.each([0, 1, 2])('stage %i may be missing or not executable', async (at) => {
    const plain = newPath();
    writeFileSync(plain, 'x', { mode: 0o600 });
    const { statuses } = await run(
      ...[0, 1, 2].map((stage) => (stage === at ? 'exec no-such-program' : 'exec true')),
    );
    expect(statuses).toEqual([0, 1, 2].map((stage) => (stage === at ? 127 : 0)));
    const others = await run(...[0, 1, 2].map((stage) => (stage === at ? `exec ${plain}` : 'exec true')));
    expect(others.statuses).toEqual([0, 1, 2].map((stage) => (stage === at ? 126 : 0)));
  });

  test('stdin and stdout can be opened once more', async () => {
    expect(await run('echo x > /dev/stdout', 'exec cat /dev/stdin')).toEqual({
      statuses: [0, 0],
      output: 'x\n',
    });
  });

  test('stdin can be opened once more when its writer has gone', async () => {
    expect(await run('exec true', 'cat; cat /dev/stdin; echo read')).toEqual({
      statuses: [0, 0],
      output: 'read\n',
    });
  });

  test('stderr joins where it is asked to', async () => {
    const joined = { script: 'echo out; echo err >&2', joinsStderr: true };
    expect(await run(joined, 'exec cat')).toEqual({ statuses: [0, 0], output: 'out\nerr\n' });
    expect(await run('exec true', joined)).toEqual({ statuses: [0, 0], output: 'out\nerr\n' });
  });

  test('arguments and environment arrive as they are', async () => {
    const args = ['printf', '<%s>', 'a b', "it's", '', '$HOME', 'x\ny', '|', 'é'];
    expect((await run({ script: 'exec "$@"', args }, 'exec cat')).output).toBe(
      "<a b><it's><><$HOME><x\ny><|><é>",
    );
    const env = { PATH, A: "it's $A\n", B: '' };
    const { output } = await run({ script: 'printf "<%s>" "$A" "$B" "${HOME-none}"', env }, 'exec cat');
    expect(output).toBe("<it's $A\n><><none>");
  });

  test('the working directory is the root', async () => {
    expect((await run('exec pwd', 'exec cat')).output).toBe(`${scratch}\n`);
  });

  test('a root that is missing refuses all', async () => {
    const pipeline = start(['exec true', 'exec true'], '/dev/null', join(scratch, 'missing'));
    await until(pipeline.hasEnded, 'all are refused');
    expect(pipeline.told.sort()).toEqual(['refused 0', 'refused 1']);
    expect(pipeline.exits).toMatchObject([{ error: 'ENOENT' }, { error: 'ENOENT' }]);
  });

  test('a signal reaches the stage itself', async () => {
    const pipeline = start(['exec cat', 'exec cat'], '/dev/zero');
    await until(() => pipeline.pids.every((pid) => pid !== 0), 'both run');
    launcher.signal(pipeline.pids[0] ?? 0, 'SIGKILL');
    expect((await pipeline.end()).statuses).toEqual([137, 0]);
  });

  test('a hundred stages', async () => {
    const middle = Array.from({ length: 98 }, () => 'exec cat');
    const { statuses, output } = await run('echo through', ...middle, 'exec cat');
    expect(output).toBe('through\n');
    expect(statuses).toEqual(Array.from({ length: 100 }, () => 0));
  });

  test('every byte value, 100 MB of them', async () => {
    const block = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) % 256));
    const input = newPath();
    const fd = openSync(input, 'w');
    const hash = createHash('sha256');
    for (let written = 0; written < 1000; written += 1) {
      writeSync(fd, block);
      hash.update(block);
    }
    closeSync(fd);
    const { statuses, output } = await start(['exec cat', 'exec cat', 'exec sha256sum'], input).end();
    rmSync(input);
    expect(statuses).toEqual([0, 0, 0]);
    expect(output.slice(0, 64)).toBe(hash.digest('hex'));
  });

  test('who ends and leaves somebody with its pipe has ended all the same', async () => {
    const gate = newPath();
    execFileSync('mkfifo', [gate]);
    const pipeline = start([`cat ${gate} & exit 3`, 'exec cat']);
    await until(() => pipeline.exits[0] !== undefined, 'the first has ended');
    expect(pipeline.statuses()).toEqual([3, undefined]);
    writeFileSync(gate, 'late');
    expect(await pipeline.end()).toEqual({ statuses: [3, 0], output: 'late' });
  });

  test.skipIf(kind === 'shell')('who closes its stdout and lives on has ended the data', async () => {
    const gate = newPath();
    execFileSync('mkfifo', [gate]);
    const pipeline = start([`echo x; exec > /dev/null; read x < ${gate}; exit 5`, 'exec cat']);
    await until(() => pipeline.exits[1] !== undefined, 'the reader has ended');
    expect(pipeline.statuses()).toEqual([undefined, 0]);
    writeFileSync(gate, 'go\n');
    expect(await pipeline.end()).toEqual({ statuses: [5, 0], output: 'x\n' });
  });

  test.runIf(hasProc)('all are in our process group', async () => {
    const group = 'read -r stat < /proc/self/stat; echo "${stat##*) }" | cut -d" " -f3';
    const own = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[2];
    expect((await run('exec true', group)).output).toBe(`${String(own)}\n`);
  });

  test.runIf(hasProc)('each end is open once, where it is used, and we have none', async () => {
    const paths = [newPath(), newPath(), newPath()];
    // `$$` has put its stdout aside while the list is written, which is a descriptor all the same.
    const list = (path: string) => `for fd in /proc/$$/fd/*; do readlink $fd; done > ${path}; exec cat`;
    await run(...paths.map(list));
    const [first = [], second = [], third = []] = paths.map((path) => readFileSync(path, 'utf8').split('\n'));
    const isPipe = (link: string): boolean => link.startsWith('pipe:');
    const shared = (some: readonly string[], others: readonly string[]) =>
      some.filter((link) => isPipe(link) && others.includes(link));
    const inherited = shared(first, third);
    const pipes = [...shared(first, second), ...shared(second, third)].filter(
      (link) => !inherited.includes(link),
    );
    expect(pipes).toHaveLength(2);
    expect(new Set(pipes).size).toBe(2);
    const ours = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
    for (const pipe of pipes) expect(ours).not.toContain(pipe);
  });

  test.runIf(hasProc)('fifty pipelines leave no descriptor and no process', async () => {
    await run('exec true', 'exec true');
    const before = descriptors();
    for (let round = 0; round < 50; round += 1) await run('echo x', 'exec cat');
    await until(() => descriptors() <= before, 'all descriptors are closed');
    expect(withEnvironment(`PROCSUP_RUN_ID=stages-${process.pid}`)).toEqual([]);
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

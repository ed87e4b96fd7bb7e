/** The types of the package, as a program of somebody else gets them: all of its users are checked at once, which takes seconds. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratch } from '../helpers/scratch.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const OF_PIPES = `import { pipe, PipeError, type PipeResult } from 'procsup';
      const result: PipeResult<'buffer', 'inherit'> = await pipe(['seq', '3'], 'sort -r', { cwd: '/' });
      const text: string = result.stdout.toString('utf8');
      const nothing: null = (await pipe(['true'], { stdout: process.stdout })).stdout;
      // @ts-expect-error null is no buffer
      const buffer: Buffer = (await pipe(['true'], { stdout: 'inherit' })).stdout;
      export { text, nothing, buffer, PipeError };`;

const OF_SUPERVISORS = `import { ConfigError, createSupervisor, SupervisorError } from 'procsup';
      import type { InstanceSnapshot, Supervisor, SupervisorConfig, SupervisorEnd, WaitResult } from 'procsup';
      const config: SupervisorConfig = { processes: { web: 'x', api: ['x', 'y'], job: { command: 'z', instances: 2 } } };
      await using supervisor: Supervisor = await createSupervisor(config);
      const rows: readonly InstanceSnapshot[] = await supervisor.ps();
      const waited: readonly WaitResult[] = await supervisor.wait('web', 'ready', { signal: AbortSignal.timeout(1) });
      for await (const { name, text, missed } of supervisor.logs({ names: ['web'], lines: 5 })) {
        const told: [string, string, number | undefined] = [name, text, missed];
        void told;
      }
      for await (const { seq, event } of supervisor.events()) void [seq, event];
      // @ts-expect-error no such policy
      void createSupervisor({ restart: 'sometimes' });
      // @ts-expect-error no such signal
      supervisor.signal('web', 'SIGNOTHING');
      const end: SupervisorEnd = await supervisor.close();
      export { rows, waited, end, ConfigError, SupervisorError };`;

test('they are there, and need no library but that of Node', async () => {
  const root = scratch({
    'pipes.ts': OF_PIPES,
    'supervisors.ts': OF_SUPERVISORS,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: false, module: 'nodenext' },
        ...{ target: 'es2022', lib: ['es2022', 'esnext.disposable'] },
        ...{ types: ['node'], typeRoots: [join(PROJECT, 'node_modules/@types')] },
        paths: { procsup: [join(PROJECT, 'dist/types/index.d.ts')] },
      },
      files: ['pipes.ts', 'supervisors.ts'],
    }),
    'package.json': '{"type":"module"}',
  });
  await run(process.execPath, [join(PROJECT, 'node_modules/typescript/bin/tsc'), '-p', root]).catch(
    (error: unknown) => expect.unreachable((error as { readonly stdout: string }).stdout),
  );
});

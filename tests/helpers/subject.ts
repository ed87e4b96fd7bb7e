/** A real program that is checked, with the real prober. */
import { closeSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Answer } from '../../src/core/check/answer.ts';
import type { Check } from '../../src/core/check/check.ts';
import { createOutputWatch } from '../../src/output/output-watch.ts';
import { systemClock } from '../../src/os/clock.ts';
import { createProber } from '../../src/os/check/prober.ts';
import { loadFastKoffiSockets } from '../../src/os/pipes/koffi-addon.ts';
import { createPipePool } from '../../src/os/pipes/pool.ts';
import { readInto } from '../../src/os/pipes/reader.ts';
import { createLauncher } from '../../src/os/process/spawn.ts';
import type { Prober, Subject } from '../../src/ports/checks.ts';
import { inTime } from './eventually.ts';
import { fakeInstance } from './fake-instance.ts';

export interface CheckWorld {
  readonly prober: Prober;
  readonly subject: Subject;
  /** A web server on a free port, or what listens there and says nothing; resolves with the port. */
  readonly listen: (kind: 'http' | 'mute', host?: string) => Promise<number>;
  readonly close: () => Promise<unknown>;
  readonly print: (text: string) => Promise<unknown>;
  readonly complain: (text: string) => Promise<unknown>;
  readonly notify: (text: string) => Promise<unknown>;
  readonly newline: () => Promise<unknown>;
}

const PROGRAM = `exec ${process.execPath} ${resolve(import.meta.dirname, '../fixtures/subject.mjs')}`;

export async function openCheckWorld(
  options: {
    readonly loadSockets?: typeof loadFastKoffiSockets;
    readonly guarded?: Set<number>;
    readonly proc?: string;
  } = {},
): Promise<CheckWorld> {
  const { loadSockets = loadFastKoffiSockets, guarded = new Set() } = options;
  const pipes = createPipePool(2);
  onTestFinished(() => pipes.close());
  const output = createOutputWatch();
  const launcher = createLauncher({ pipes, prelude: '' });
  const guard = {
    add: (pid: number) => void guarded.add(pid),
    remove: (pid: number) => void guarded.delete(pid),
  };
  const runTag = `check-${String(process.pid)}:`;
  const prober = await createProber({
    clock: systemClock,
    output,
    launcher,
    guard,
    pipes,
    loadSockets,
    runTag,
    ...(options.proc !== undefined && { proc: options.proc }),
  });
  onTestFinished(() => prober.close());
  const instance = fakeInstance('web.1');
  const endpoints = await prober.open(instance, [{ kind: 'fd', fd: 3 }, { kind: 'notify' }]);
  if ('by' in endpoints) throw new Error(endpoints.message);
  onTestFinished(() => endpoints.close());

  const waiting: ((value: string) => void)[] = [];
  const done = (): Promise<string> =>
    inTime(new Promise((settle) => waiting.push(settle)), 'the program does what it is told');
  const tap = output.tap('web.1', { write: () => undefined, endRun: () => undefined });
  const bytes = Buffer.alloc(65_536);
  let input = -1;
  const started = done();
  const pid = await new Promise<number>((settle, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', GREETING: 'hello', ...endpoints.env };
    const { descriptors: extra } = endpoints;
    launcher.launch(
      { runId: `${runTag}web.1:1:`, script: PROGRAM, root: import.meta.dirname, env, stdin: 'open', extra },
      {
        spawned(spawned, fd, stdin) {
          input = stdin ?? -1;
          const reader = readInto(bytes)(fd ?? -1, { data: hear, end: () => undefined });
          onTestFinished(() => {
            process.kill(-spawned, 'SIGKILL');
            reader.close();
            closeSync(input);
          });
          settle(spawned);
        },
        refused: ({ message }) => reject(new Error(message)),
        exited: () => undefined,
      },
    );
  });
  let heard = '';
  function hear(size: number): void {
    tap.write(bytes.subarray(0, size));
    heard += bytes.toString('utf8', 0, size);
    for (let found = /\ndone (.*)\n/.exec(heard); found !== null; found = /\ndone (.*)\n/.exec(heard)) {
      heard = heard.slice(found.index + found[0].length);
      waiting.shift()?.(found[1] ?? '');
    }
  }
  await started;
  const tell = (line: string): Promise<string> => {
    writeSync(input, `${line}\n`);
    return done();
  };
  const ports = { given: 1, declared: [], ephemeral: [0, 0] } as const;
  return {
    prober,
    subject: { instance, run: 1, pid, root: import.meta.dirname, ports, endpoints },
    listen: async (kind, host = '127.0.0.1') => Number(await tell(`${kind} ${host}`)),
    close: () => tell('close'),
    print: (text) => tell(`print ${JSON.stringify(text)}`),
    complain: (text) => tell(`complain ${JSON.stringify(text)}`),
    notify: (text) => tell(`notify ${JSON.stringify(text)}`),
    newline: () => tell('write 3'),
  };
}

/** The next answer, in time. */
export function answerTo({ prober, subject }: CheckWorld, check: Check): Promise<Answer> {
  return inTime(new Promise((settle) => prober.ask(check, subject, settle)), `an answer to ${check.kind}`);
}

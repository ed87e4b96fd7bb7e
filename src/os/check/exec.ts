/**
 * A command that ends with 0, run as the process itself is: with its environment, in its directory, but in a group of its
 * own, which is killed when its time is over, when nobody waits for it any more, and by the guardian if we are killed.
 */
import { scriptFor } from '../../core/shell/command.ts';
import { wholeEnvironment } from '../../core/plan/environment.ts';
import type { Answer } from '../../core/check/answer.ts';
import type { Check } from '../../core/check/check.ts';
import type { Exit } from '../../core/process/exit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Subject } from '../../ports/checks.ts';
import type { PipeReader } from '../../ports/output.ts';
import type { Guard, Launcher } from '../../ports/processes.ts';
import { plainLine } from '../../text/terminal-safe.ts';
import { readInto } from '../pipes/reader.ts';
import { sendSignal } from '../process/send-signal.ts';

const TIME_MS = 10_000;
const KEPT_BYTES = 4096;
const LAST_READS = 17;
const LONGEST_WORDS = 200;

export interface ExecTools {
  readonly launcher: Launcher;
  readonly guard: Guard;
  readonly clock: Clock;
  /** Tags what is started. */
  readonly runTag: string;
}

export function askExec(
  { command }: Extract<Check, { kind: 'exec' }>,
  { instance, root, endpoints }: Subject,
  { launcher, guard, clock, runTag }: ExecTools,
  tell: (answer: Answer) => void,
): () => void {
  let isOver = false;
  let group: number | undefined;
  let reader: PipeReader | undefined;
  let tail = Buffer.alloc(0);
  const place = Buffer.allocUnsafeSlow(KEPT_BYTES);
  const keep = (byteCount: number): void => {
    tail = Buffer.concat([tail, place.subarray(0, byteCount)]).subarray(-KEPT_BYTES);
  };

  const kill = (): void => {
    if (group !== undefined) sendSignal(-group, 'SIGKILL');
  };
  const answer = (told: Answer): void => {
    cancel();
    if (isOver) return;
    isOver = true;
    tell(told);
  };
  const no = (why: string): void => answer({ is: 'no', words: `\`${command}\`: ${why}` });
  const cancel = clock.after(TIME_MS, () => {
    no(`has not ended within ${String(TIME_MS / 1000)}s`);
    kill();
  });

  const end = (exit: Exit): void => {
    for (let left = LAST_READS; reader !== undefined && left > 0; left -= 1) {
      const got = reader.readNow();
      if (typeof got !== 'number') break;
      keep(got);
    }
    reader?.close();
    // What it has left behind goes with it.
    kill();
    if (group !== undefined) guard.remove(group);
    group = undefined;
    if (exit.by === 'code' && exit.code === 0) answer({ is: 'yes' });
    else no(lastLineOf(tail) ?? exitWords(exit));
  };

  launcher.launch(
    {
      runId: runTag,
      script: scriptFor(command),
      root,
      env: { ...wholeEnvironment(instance.env), ...endpoints?.env },
      stdin: 'null',
    },
    {
      spawned(pid, output) {
        group = pid;
        guard.add(pid);
        if (output !== null) reader = readInto(place)(output, { data: keep, end: () => undefined });
      },
      refused: ({ message }) => clock.after(0, () => no(message)),
      exited: end,
    },
  );
  return () => {
    isOver = true;
    cancel();
    kill();
  };
}

function lastLineOf(output: Buffer): string | undefined {
  const lines = output.toString('utf8').split(/[\r\n]+/);
  return lines.map((line) => plainLine(line).trim().slice(0, LONGEST_WORDS)).findLast((line) => line !== '');
}

function exitWords(exit: Exit): string {
  if (exit.by === 'code') return `exit status ${String(exit.code)}`;
  return exit.by === 'signal' ? `terminated by ${exit.signal}` : exit.message;
}

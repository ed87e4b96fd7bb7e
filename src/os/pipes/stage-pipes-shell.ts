/**
 * If we cannot make pipes ourselves: a shell builds the pipeline, and reports the pid (`pid 0 4242`) and the exit
 * (`end 0 141`) of each stage on descriptor 3.
 *
 * A small shell stays beside each stage to learn its exit, for which POSIX has no other way. It also holds the stage's
 * ends of the pipes: if a stage closes its stdin or stdout early, this takes effect only when it exits.
 */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { quoteWord, quoteWords } from '../../core/shell/words.ts';
import type { StageLauncher, StageRequest, StagesEvents, StagesRequest } from '../../ports/pipelines.ts';
import { refusalOf } from '../process/spawn.ts';
import { TAG_LIMITS } from '../process/run-limits.ts';
import { shellFor } from '../process/shell.ts';
import { sendSignal } from '../process/send-signal.ts';
import type { StageLauncherOptions } from './stage-spawn.ts';

/** The script comes by a descriptor: with all environments in it, it may be more than an argument can be. */
const BUILDER = 'script=$(cat <&4); exec 4<&-; eval "$script"';

export function createShellStageLauncher({ prelude }: StageLauncherOptions): StageLauncher {
  return {
    launch(request, events) {
      const told = createTally(request, events);
      try {
        const { root, stdin, stdout, stderr = 2 } = request;
        const child = spawn('/bin/sh', ['-c', BUILDER], {
          cwd: root,
          stdio: [stdin, stdout, stderr, 'pipe', 'pipe'],
        });
        child.once('error', (error) => told.missing(error));
        child.once('close', () => told.missing(new Error('its shell exited without a report')));
        const [, , , report, order] = child.stdio as [null, null, null, Readable, Writable];
        // A failed spawn has no streams.
        if (child.pid === undefined) return;
        forEachLine(report, told.line);
        order.on('error', () => undefined);
        order.end(scriptOf(request, prelude));
      } catch (error) {
        told.missing(error);
      }
    },
    signal: sendSignal,
  };
}

function scriptOf({ stages, runId }: StagesRequest, prelude: string): string {
  // A shell that is beside a stage must outlive Ctrl-C, to tell; the stage itself starts with the usual disposition.
  const trap = 'trap : INT QUIT TERM HUP';
  const watched = stages.map((stage, index) => {
    const command = commandOf(stage, index, runId, prelude);
    return `{ ${trap}; ${command} ${stage.joinsStderr ? '2>&1' : '2>&5'} 5>&-; echo "end ${index} $?" >&3; }`;
  });
  // Shells tell of those that a signal ended, on stderr.
  return `${trap}; exec 5>&2 2> /dev/null; ${watched.join(' | ')}`;
}

/** Only the stage carries the run tag: the shell beside it must not be taken for a part of it. */
function commandOf(
  { script, args, env }: StageRequest,
  index: number,
  runId: string,
  prelude: string,
): string {
  const variables = Object.entries({ ...env, PROCSUP_RUN_ID: runId }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const shell = shellFor(env);
  const inner = `echo "pid ${index} $$" >&3; exec 3>&-; ${prelude}${TAG_LIMITS.prelude(runId)}${script}`;
  const words = quoteWords([shell.file, ...shell.flags]);
  return `env -i ${variables.map(quoteWord).join(' ')} ${words} -c ${quoteWord(inner)} sh ${quoteWords(args)}`;
}

interface Tally {
  readonly line: (text: string) => void;
  /** Reports that have not arrived by now will not arrive. */
  readonly missing: (error: unknown) => void;
}

function createTally(request: StagesRequest, events: StagesEvents): Tally {
  const count = request.stages.length;
  const spawned = new Set<number>();
  const ended = new Set<number>();
  const end = (stage: number, code: number): void => {
    if (ended.has(stage)) return;
    ended.add(stage);
    if (spawned.has(stage)) events.exited(stage, { by: 'code', code });
    else events.refused(stage, refusalOf(new Error(`it could not be started (status ${code})`), request));
  };
  return {
    line(text) {
      const [what, stage = -1, value = 0] = text
        .split(' ')
        .map((word, at) => (at === 0 ? word : Number(word)));
      if (typeof stage !== 'number' || typeof value !== 'number') return;
      if (what === 'end') end(stage, value);
      else {
        spawned.add(stage);
        events.spawned(stage, value);
      }
    },
    missing(error) {
      for (let stage = 0; stage < count; stage += 1) {
        if (ended.has(stage)) continue;
        ended.add(stage);
        if (spawned.has(stage)) events.exited(stage, { by: 'signal', signal: 'SIGKILL' });
        else events.refused(stage, refusalOf(error, request));
      }
    },
  };
}

function forEachLine(stream: Readable, tell: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}

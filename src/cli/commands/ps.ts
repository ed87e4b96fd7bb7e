import type { About, DetailedSnapshot } from '../../control/api.ts';
import { isResident, MEMORY_NOTE, type MeasuredMemory } from '../../ui/memory-text.ts';
import { processTable } from '../../ui/process-table.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import type { Io } from '../io.ts';

export interface PsSettings {
  readonly names: readonly string[];
  readonly json: boolean;
}

export interface ProcessesReply {
  readonly supervisor: About;
  readonly processes: readonly DetailedSnapshot[];
}

/** `procsup ps`: lists the processes and their states. */
export const ps = controlCommand<PsSettings>({
  settings: (read, names) => ({ names, json: read.isOn('json') }),

  async carryOut({ client, io }, { names, json }) {
    const answer = await client.get('/v1/processes', { names: namesOrAll(names), details: json });
    const { supervisor, processes } = bodyOf<ProcessesReply>(answer);
    if (json) printJson(io, processes);
    else {
      io.stdout(processTable(processes, await io.theme('stdout'), stdoutWidth(), Date.now()));
      explainMemory(io, processes);
    }
    for (const remark of supervisor.remarks) io.stderr(`procsup: ${remark}\n`);
    return 0;
  },
});

/** Below a table: what its mark means. On stderr, so that the table has nothing but rows for scripts. */
export function explainMemory(io: Io, processes: readonly MeasuredMemory[]): void {
  if (processes.some(isResident)) io.stderr(`procsup: ${MEMORY_NOTE}\n`);
}

/** An empty list would be sent as one empty name. */
export function namesOrAll(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}

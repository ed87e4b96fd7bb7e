import type { InstanceSnapshot } from '../../core/snapshot.ts';
import { statsTable } from '../../ui/process-table.ts';
import { bodyOf } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { printStream } from '../client/print-stream.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import { explainMemory, namesOrAll, type ProcessesReply } from './ps.ts';

interface StatsSettings {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly intervalMs: number;
}

interface StatsLine {
  readonly time: string;
  readonly processes: readonly InstanceSnapshot[];
}

/** `procsup stats` */
export const stats = controlCommand<StatsSettings>({
  settings: (read, names) => ({ names, json: read.isOn('json'), intervalMs: read.duration('interval') }),

  async carryOut(context, { names, json, intervalMs }) {
    const { client, io } = context;
    if (json) {
      const query = { names: namesOrAll(names), interval: Math.max(100, Math.round(intervalMs)) };
      return printStream(
        context,
        '/v1/stats',
        query,
        (line) => `${JSON.stringify(oneLine(line as StatsLine))}\n`,
      );
    }
    const { processes } = bodyOf<ProcessesReply>(
      await client.get('/v1/processes', { names: namesOrAll(names) }),
    );
    io.stdout(statsTable(processes, await io.theme('stdout'), stdoutWidth()));
    explainMemory(io, processes);
    return 0;
  },
});

/** Numbers only, for scripts. */
function oneLine({ time, processes }: StatsLine) {
  const figures = processes.map(({ name, pid, state, cpu, memory, memoryKind }) => {
    return { name, pid, state, cpu, memory, memoryKind };
  });
  return { time, processes: figures };
}

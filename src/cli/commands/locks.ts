import type { LockRecord, LockUser } from '../../runtime/exchange/locks.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { localTime } from '../../ui/event-line.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { stdoutWidth } from '../client/stdout-width.ts';

interface LocksSettings {
  readonly names: readonly string[];
  readonly json: boolean;
}

/** `procsup locks`: lists the locks with their holders, and what waits for them. */
export const locks = controlCommand<LocksSettings>({
  settings: (read, names) => ({ names, json: read.isOn('json') }),

  async carryOut({ client, io }, { names, json }) {
    const { locks: all } = bodyOf<{ readonly locks: readonly LockRecord[] }>(await client.get('/v1/locks'));
    const chosen = all.filter(({ name }) => names.length === 0 || names.includes(name));
    if (json) printJson(io, chosen);
    else if (chosen.length === 0) io.stderr('procsup: no lock is held\n');
    else {
      const rows = chosen.flatMap(rowsOf);
      io.stdout(tableText(COLUMNS, rows, { paint: io.paint, width: stdoutWidth() }));
    }
    return 0;
  },
});

const COLUMNS = [
  { title: 'NAME' },
  { title: 'SLOTS', align: 'right' },
  { title: 'STATE' },
  { title: 'PID', align: 'right' },
  { title: 'SINCE' },
  { title: 'COMMAND' },
] as const;

function rowsOf({ name, slots, abandoned, holders, waiting }: LockRecord): readonly (readonly string[])[] {
  const row = (state: string, { pid, command, mode, since }: LockUser): readonly string[] => [
    ...[name, String(slots), mode === 'shared' ? `${state} (shared)` : state],
    ...[pid === null ? '-' : String(pid), localTime(since), visibleText(command ?? '-')],
  ];
  const users = [...holders.map((one) => row('held', one)), ...waiting.map((one) => row('waiting', one))];
  return abandoned ? [[name, String(slots), 'abandoned', '-', '-', '-'], ...users] : users;
}

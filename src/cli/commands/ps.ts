import type { About, DetailedSnapshot } from '../../control/api.ts';
import type { ControlClient } from '../../control/client.ts';
import type { PoolSnapshot } from '../../control/pool-api.ts';
import type { CapSnapshot } from '../../core/fleet/caps.ts';
import type { HeldPage, HeldThing } from '../../core/exchange/held.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { byPlural, exchangeTables } from '../../ui/exchange-tables.ts';
import { capTable, poolTable } from '../../ui/held-tables.ts';
import { isResident, MEMORY_NOTE, type MeasuredMemory } from '../../ui/memory-text.ts';
import { processTable } from '../../ui/process-table.ts';
import type { Theme } from '../../ui/paint.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import type { Io } from '../io.ts';

export interface PsSettings {
  readonly names: readonly string[];
  readonly json: boolean;
  /** Also what the supervisor holds beside its processes. */
  readonly all: boolean;
}

export interface ProcessesReply {
  readonly supervisor: About;
  readonly processes: readonly DetailedSnapshot[];
}

/** `procsup ps`: lists the processes and their states. */
export const ps = controlCommand<PsSettings>({
  settings: (read, names) => ({ names, json: read.isOn('json'), all: read.isOn('all') }),

  async carryOut({ client, io }, { names, json, all }) {
    const answer = await client.get('/v1/processes', { names: namesOrAll(names), details: json });
    const { supervisor, processes } = bodyOf<ProcessesReply>(answer);
    const held = all ? await heldBy(client) : undefined;
    if (json) printJson(io, held === undefined ? processes : { processes, ...jsonOf(held) });
    else {
      io.stdout(processTable(processes, await io.theme('stdout'), stdoutWidth(), Date.now()));
      explainMemory(io, processes);
      if (held !== undefined) printHeld(held, await io.theme('stdout'), io);
    }
    for (const remark of [...supervisor.remarks, ...(held?.remarks ?? [])])
      io.stderr(`procsup: ${visibleText(remark)}\n`);
    return 0;
  },
});

interface Held {
  readonly pools: readonly PoolSnapshot[];
  readonly caps: readonly CapSnapshot[];
  readonly exchange: readonly HeldThing[];
  readonly remarks: readonly string[];
}

async function heldBy(client: ControlClient): Promise<Held> {
  const [pools, caps, exchange] = await Promise.all([
    client.get('/v1/pools'),
    client.get('/v1/caps'),
    exchangeOf(client),
  ]);
  return { ...bodyOf<Pick<Held, 'pools'>>(pools), ...bodyOf<Pick<Held, 'caps'>>(caps), ...exchange };
}

/** Page by page. */
async function exchangeOf(client: ControlClient): Promise<Pick<Held, 'exchange' | 'remarks'>> {
  const exchange: HeldThing[] = [];
  for (let after: string | undefined; ;) {
    const answer = await client.get('/v1/exchange', { after });
    const { held, next, remarks } = bodyOf<HeldPage & Pick<Held, 'remarks'>>(answer);
    exchange.push(...held);
    if (next === null) return { exchange, remarks };
    after = next;
  }
}

function jsonOf({ pools, caps, exchange }: Held): object {
  return { pools, caps, ...byPlural(exchange) };
}

/** A section for each kind of which there is something. */
function printHeld({ pools, caps, exchange }: Held, theme: Theme, io: Io): void {
  if (pools.length > 0) io.stdout(`\n${poolTable(pools, theme, stdoutWidth())}`);
  if (caps.length > 0) io.stdout(`\n${capTable(caps, theme, stdoutWidth())}`);
  for (const lines of exchangeTables(exchange, theme, stdoutWidth())) io.stdout(`\n${lines.join('\n')}\n`);
}

/** Below a table: what its mark means. On stderr, so that the table has nothing but rows for scripts. */
export function explainMemory(io: Io, processes: readonly MeasuredMemory[]): void {
  if (processes.some(isResident)) io.stderr(`procsup: ${MEMORY_NOTE}\n`);
}

/** An empty list would be sent as one empty name. */
export function namesOrAll(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}

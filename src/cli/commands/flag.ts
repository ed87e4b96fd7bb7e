import { STATUS } from '../../core/process/exit.ts';
import { VerbError, type SessionClient } from '../../control/session/client.ts';
import type { FlagRecord } from '../../runtime/exchange/flags.ts';
import { tableText } from '../../text/table.ts';
import { complain, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { withSession } from '../client/with-session.ts';
import { onlyFor, verbWords, type VerbWords } from '../exchange/verb-words.ts';
import type { Io } from '../io.ts';

const VERBS = { set: ['NAME'], clear: ['NAME'], get: ['NAME'], wait: ['NAME'], ls: [] } as const;

interface FlagSettings extends VerbWords<keyof typeof VERBS> {
  readonly isJson: boolean;
  readonly waitMs: number | undefined;
}

/** Of `get`: the flag is clear. */
const CLEAR = 1;

/** `procsup flag`: flags of the supervisor. */
export const flag = controlCommand<FlagSettings>({
  settings(read, operands) {
    const said = verbWords('flag', VERBS, operands);
    const [isJson, waitMs] = [read.isOn('json'), read.optionalDuration('timeout')];
    onlyFor('--json', isJson, ['ls', 'get'], said.verb);
    onlyFor('--timeout', waitMs !== undefined, ['wait'], said.verb);
    return { ...said, isJson, waitMs };
  },

  carryOut(context, settings) {
    const said = ['flag', settings.verb, settings.name].join(' ').trim();
    return withSession(context, said, (session) => carryOut(session, settings, context.io));
  },
});

async function carryOut(
  session: SessionClient,
  { verb, name, isJson, waitMs }: FlagSettings,
  io: Io,
): Promise<number> {
  switch (verb) {
    case 'set':
    case 'clear':
      await session.ask(`flag.${verb}`, { name });
      return STATUS.success;
    case 'get': {
      const { set } = (await session.ask('flag.get', { name })) as { readonly set: boolean };
      if (isJson) printJson(io, { name, set });
      else io.stdout(set ? 'set\n' : 'clear\n');
      return set ? STATUS.success : CLEAR;
    }
    case 'wait':
      return wait(session, name, waitMs, io);
    case 'ls': {
      const { flags } = (await session.ask('flag.ls', {})) as { readonly flags: readonly FlagRecord[] };
      if (isJson) printJson(io, flags);
      else if (flags.length === 0) io.stderr('procsup: no flag is set\n');
      else io.stdout(tableText(COLUMNS, flags.map(rowOf), { paint: io.paint }));
      return STATUS.success;
    }
  }
}

async function wait(
  session: SessionClient,
  name: string,
  waitMs: number | undefined,
  io: Io,
): Promise<number> {
  try {
    await session.ask('flag.wait', { name, wait: waitMs });
    return STATUS.success;
  } catch (error) {
    if (!(error instanceof VerbError) || error.code !== 'flag-timeout') throw error;
    complain(io, error.message);
    return STATUS.timeout;
  }
}

const COLUMNS = [{ title: 'NAME' }, { title: 'STATE' }, { title: 'WAITING', align: 'right' }] as const;

const rowOf = ({ name, set, waiting }: FlagRecord): readonly string[] => [
  ...[name, set ? 'set' : 'clear', String(waiting.length)],
];

import { STATUS } from '../../core/process/exit.ts';
import { VerbError } from '../../control/session/client.ts';
import { receive, send } from '../exchange/channel-streams.ts';
import type { ChannelRecord } from '../../runtime/exchange/channels.ts';
import { tableText } from '../../text/table.ts';
import { complain, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { withSession } from '../client/with-session.ts';
import { onlyFor, verbWords, wrong, type VerbWords } from '../exchange/verb-words.ts';

const VERBS = { send: ['NAME', '[MESSAGE...]'], recv: ['NAME'], ls: [], rm: ['NAME'] } as const;

export interface ChannelSettings extends VerbWords<keyof typeof VERBS> {
  readonly isJson: boolean;
  readonly count: number | undefined;
  readonly broadcast: boolean;
  readonly waitMs: number | undefined;
}

/** `procsup channel`: channels of the supervisor. */
export const channel = controlCommand<ChannelSettings>({
  settings(read, operands) {
    const said = verbWords('channel', VERBS, operands);
    const settings = {
      ...said,
      isJson: read.isOn('json'),
      count: read.count('count'),
      broadcast: read.isOn('broadcast'),
      waitMs: read.optionalDuration('timeout'),
    };
    const { verb, count } = settings;
    onlyFor('--json', settings.isJson, ['recv', 'ls'], verb);
    onlyFor('--count', count !== undefined, ['recv'], verb);
    onlyFor('--broadcast', settings.broadcast, ['recv'], verb);
    onlyFor('--timeout', settings.waitMs !== undefined, ['send', 'recv'], verb);
    if (count === 0) throw wrong("invalid number '0' for '--count'", 'use an integer, 1 or greater');
    return settings;
  },

  carryOut(context, settings) {
    const { io } = context;
    const { verb, name } = settings;
    return withSession(context, ['channel', verb, name].join(' ').trim(), async (session) => {
      try {
        switch (verb) {
          case 'send':
            await send(session, settings);
            return STATUS.success;
          case 'recv':
            await receive(session, settings, io);
            return STATUS.success;
          case 'rm':
            await session.ask('channel.rm', { name });
            io.stdout(`removed channel ${name}\n`);
            return STATUS.success;
          case 'ls': {
            const { channels } = (await session.ask('channel.ls', {})) as {
              readonly channels: readonly ChannelRecord[];
            };
            if (settings.isJson) printJson(io, channels);
            else if (channels.length === 0) io.stderr('procsup: no channel has a sender or a receiver\n');
            else io.stdout(tableText(COLUMNS, channels.map(rowOf), { paint: io.paint }));
            return STATUS.success;
          }
        }
      } catch (error) {
        if (!(error instanceof VerbError) || error.code !== 'channel-timeout') throw error;
        complain(io, error.message);
        return STATUS.timeout;
      }
    });
  },
});

const COLUMNS = [
  { title: 'NAME' },
  ...['SENDERS', 'RECEIVERS', 'WAITING'].map((title) => ({ title, align: 'right' as const })),
  { title: 'NOTES' },
];

const rowOf = ({ name, senders, receivers, waiting, broadcast }: ChannelRecord): readonly string[] => [
  ...[name, String(senders), String(receivers), String(waiting), broadcast ? 'broadcast' : ''],
];

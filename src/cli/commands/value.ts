import { STATUS } from '../../core/process/exit.ts';
import { VerbError, type SessionClient } from '../../control/session/client.ts';
import type { Changed, ValueRecord, Written } from '../../runtime/exchange/values.ts';
import { tableText } from '../../text/table.ts';
import { visibleText } from '../../text/terminal-safe.ts';
import { complain, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import { withSession } from '../client/with-session.ts';
import { printedValue, valueIn } from '../exchange/value-text.ts';
import { onlyFor, verbWords, wrong, type VerbWords } from '../exchange/verb-words.ts';
import type { Io } from '../io.ts';

const VERBS = {
  get: ['NAME'],
  set: ['NAME', 'VALUE'],
  incr: ['NAME', '[BY]'],
  cas: ['NAME', 'EXPECTED', 'NEW'],
  rm: ['NAME'],
  watch: ['NAME'],
  ls: [],
} as const;

interface ValueSettings extends VerbWords<keyof typeof VERBS> {
  readonly values: readonly unknown[];
  readonly isJson: boolean;
  readonly ifMissing: boolean;
  readonly until: { readonly value: unknown } | undefined;
  readonly waitMs: number | undefined;
}

/** It was not set: another value is there. */
const NOT_SET = 1;
const MOST_SHOWN = 100;

/** `procsup value`: values of the supervisor. */
export const value = controlCommand<ValueSettings>({
  settings(read, operands) {
    const said = verbWords('value', VERBS, operands);
    const { verb, words } = said;
    const isJson = read.isOn('json');
    const ifMissing = read.isOn('if-missing');
    const { until } = read.texts('until');
    const waitMs = read.optionalDuration('timeout');
    onlyFor('--if-missing', ifMissing, ['set'], verb);
    onlyFor('--until', until !== undefined, ['watch'], verb);
    onlyFor('--timeout', waitMs !== undefined, ['watch'], verb);
    if (waitMs !== undefined && until === undefined) throw wrong("'--timeout' needs '--until'");
    const values = words.map((word) => valueIn(word, isJson));
    if (verb === 'incr' && values.some((one) => typeof one !== 'number'))
      throw wrong(`invalid number '${words[0] ?? ''}'`, 'use for example 5, or -- -5 for a negative one');
    return {
      ...{ ...said, values, isJson, ifMissing, waitMs },
      until: until === undefined ? undefined : { value: valueIn(until, isJson) },
    };
  },

  carryOut(context, settings) {
    const said = ['value', settings.verb, settings.name].join(' ').trim();
    return withSession(context, said, (session) => VERB[settings.verb](session, settings, context.io));
  },
});

type Verb = (session: SessionClient, settings: ValueSettings, io: Io) => Promise<number>;

const VERB: Readonly<Record<keyof typeof VERBS, Verb>> = {
  async get(session, { name, isJson }, io) {
    const got = (await session.ask('value.get', { name })) as { readonly value: unknown };
    io.stdout(`${printedValue(got.value, isJson)}\n`);
    return STATUS.success;
  },

  async set(session, { name, values, ifMissing, isJson }, io) {
    const input = { name, value: values[0], missing: ifMissing };
    return told(name, (await session.ask('value.set', input)) as Written, isJson, io);
  },

  async incr(session, { name, values: [by] }, io) {
    const answer = (await session.ask('value.incr', { name, by })) as { readonly value: number };
    io.stdout(`${String(answer.value)}\n`);
    return STATUS.success;
  },

  async cas(session, { name, values: [expected, value], isJson }, io) {
    return told(name, (await session.ask('value.cas', { name, expected, value })) as Written, isJson, io);
  },

  async rm(session, { name }, io) {
    await session.ask('value.rm', { name });
    io.stdout(`removed value ${name}\n`);
    return STATUS.success;
  },

  async watch(session, settings, io) {
    try {
      return await watch(session, settings, io);
    } catch (error) {
      if (!(error instanceof VerbError) || error.code !== 'value-timeout') throw error;
      complain(io, error.message);
      return STATUS.timeout;
    }
  },

  async ls(session, { isJson }, io) {
    const { values } = (await session.ask('value.ls', {})) as { readonly values: readonly ValueRecord[] };
    if (isJson) printJson(io, values);
    else if (values.length === 0) io.stderr('procsup: no value exists\n');
    else io.stdout(tableText(COLUMNS, values.map(rowOf), { paint: io.paint, width: stdoutWidth() }));
    return STATUS.success;
  },
};

/** The real value goes to stderr, for a script that tries again. */
function told(name: string, { done, version, value: real }: Written, isJson: boolean, io: Io): number {
  if (done) return STATUS.success;
  const why = version === 0 ? 'does not exist' : `is ${visibleText(printedValue(real, isJson))}`;
  io.stderr(`procsup: value '${name}' ${why}\n`);
  return NOT_SET;
}

/** `until` is asked for on its own, so that a value that is there only for a moment is not missed. */
async function watch(
  session: SessionClient,
  { name, isJson, until, waitMs }: ValueSettings,
  io: Io,
): Promise<number> {
  const ask = async (input: object): Promise<Changed> =>
    (await session.ask('value.watch', { name, ...input })) as Changed;
  const reached =
    until === undefined
      ? new Promise<never>(() => undefined)
      : ask({ until: until.value, wait: waitMs }).then((change) => ({ ...change, isLast: true }));
  reached.catch(() => undefined);
  let known: number | undefined;
  for (;;) {
    const next = ask({ after: known });
    next.catch(() => undefined);
    const change: Changed & { readonly isLast?: boolean } = await Promise.race([next, reached]);
    if (change.version !== known) printChange(name, change, isJson, io);
    if (change.isLast === true) return STATUS.success;
    known = change.version;
  }
}

function printChange(name: string, { skipped, ...change }: Changed, isJson: boolean, io: Io): void {
  if (isJson) return printJson(io, { ...change, skipped });
  if (skipped > 0) io.stderr(`procsup: skipped ${String(skipped)} ${skipped === 1 ? 'change' : 'changes'}\n`);
  if ('value' in change) io.stdout(`${printedValue(change.value, false)}\n`);
  else io.stderr(`procsup: value '${name}' does not exist\n`);
}

const COLUMNS = [
  { title: 'NAME' },
  { title: 'VERSION', align: 'right' },
  { title: 'WATCHERS', align: 'right' },
  { title: 'VALUE' },
] as const;

function rowOf({ name, version, size, watchers, ...one }: ValueRecord): readonly string[] {
  const text = 'value' in one ? printedValue(one.value, false) : `(${String(size)} characters)`;
  const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return [name, String(version), String(watchers), visibleText(cut.replace(/\s+/g, ' '))];
}

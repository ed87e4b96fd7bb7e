import { controlCommand } from '../client/control-command.ts';
import { NotDone } from '../client/answers.ts';
import { parseSize } from '../../text/size.ts';
import { suggest } from '../../text/suggest.ts';
import type { QueueSettings } from '../queue/settings.ts';
import type { SettingsReader } from '../read-settings.ts';

export const QUEUE_VERB_NAMES: readonly string[] = [
  ...['put', 'get', 'ack', 'nack', 'work', 'ls', 'peek', 'dead'],
  ...['retry', 'rm', 'drain', 'pause', 'resume', 'set'],
];

/** `procsup queue`: its verbs are a chunk of their own. */
export const queue = controlCommand<QueueSettings>({
  settings: (read, [verb = '', name = '', ...words]) => ({ verb, name, words, ...optionsOf(read) }),

  async carryOut(context, settings) {
    const { verb, name } = settings;
    if (!QUEUE_VERB_NAMES.includes(verb)) {
      const meant = suggest(verb, QUEUE_VERB_NAMES);
      throw new NotDone({
        code: 'unknown-verb',
        message: `unknown verb '${verb}' of 'procsup queue'`,
        remedy:
          meant === undefined ? `use one of: ${QUEUE_VERB_NAMES.join(', ')}` : `did you mean '${meant}'?`,
      });
    }
    if (name === '' && verb !== 'ls') {
      const remedy = `for example: procsup queue ${verb} mail`;
      throw new NotDone({ code: 'no-name', message: `missing queue name after '${verb}'`, remedy });
    }
    const { carryOutVerb } = await import('../queue/verbs.ts');
    const outcome = await carryOutVerb(context, settings);
    if (typeof outcome !== 'number') throw new NotDone(outcome.failed);
    return outcome;
  },
});

/** What is above the limit is refused by the supervisor, which knows it. */
function sizeIn(
  text: string,
): { readonly value: number } | { readonly message: string; readonly remedy: string } {
  const value = parseSize(text);
  return value !== undefined && value > 0
    ? { value }
    : { message: `invalid size '${text}'`, remedy: 'use for example 512KiB or 16MiB' };
}

function optionsOf(read: SettingsReader): Omit<QueueSettings, 'verb' | 'name' | 'words'> {
  return {
    json: read.isOn('json'),
    count: read.count('count'),
    wait: read.optionalDuration('wait'),
    noWait: read.isOn('no-wait'),
    lease: read.optionalDuration('lease'),
    delay: read.optionalDuration('delay'),
    priority: read.text('priority', (text) =>
      /^-?\d{1,4}$/.test(text)
        ? { value: Number(text) }
        : { message: `invalid priority '${text}'`, remedy: 'use an integer from -1000 to 1000' },
    ),
    key: read.texts('key').key,
    replace: read.isOn('replace'),
    again: read.isOn('again'),
    reason: read.texts('reason').reason,
    workers: Math.max(1, read.count('workers') ?? 1),
    attempts: read.count('attempts'),
    backoff: read.optionalDuration('backoff'),
    maxsize: read.count('maxsize'),
    maxMessage: read.text('max-message', sizeIn),
    on: read.texts('on').on,
    durable: read.texts('durable').durable === undefined ? undefined : read.choice('durable') === 'yes',
  };
}

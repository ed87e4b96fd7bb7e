import type { Reshaped } from '../../control/api.ts';
import { reshapedText } from '../../ui/reshaped-text.ts';
import { bodyOf, NotDone, printJson } from './answers.ts';
import { controlCommand, type Errand } from './control-command.ts';
import { statusOfResults } from './change.ts';

interface ScaleSettings {
  readonly words: readonly string[];
  readonly wait: boolean;
  readonly json: boolean;
}

/** `procsup scale` */
export const scale = controlCommand<ScaleSettings>({
  settings: (read, words) => ({ words, wait: !read.isOn('no-wait'), json: read.isOn('json') }),
  carryOut: async (errand, { words, wait, json }) => {
    const answer = await errand.client.post('/v1/scale', { counts: countsIn(words), wait });
    const reshaped = bodyOf<Reshaped>(answer);
    if (wait || json) return tell(errand, reshaped, json);
    const names = [...reshaped.added, ...reshaped.removed, ...reshaped.changed];
    errand.io.stdout(`asked for: scale ${words.join(' ')} (${names.join(', ') || 'nothing to do'})\n`);
    return 0;
  },
});

/** `procsup reload` */
export const reload = controlCommand<{ readonly json: boolean }>({
  settings: (read) => ({ json: read.isOn('json') }),
  carryOut: async (errand, { json }) =>
    tell(errand, bodyOf<Reshaped>(await errand.client.post('/v1/reload')), json),
});

function tell({ io }: Errand, reshaped: Reshaped, json: boolean): number {
  for (const warning of reshaped.warnings) io.stderr(`procsup: ${warning}\n`);
  if (json) printJson(io, reshaped);
  else io.stdout(reshapedText(reshaped));
  return statusOfResults(
    'start',
    // What was to go and did not run is gone as well.
    reshaped.results.filter(({ name }) => !reshaped.removed.includes(name)),
  );
}

/** `web=3 worker=0`, also with commas as in a formation. Throws `NotDone` for what is none. */
function countsIn(words: readonly string[]): Readonly<Record<string, number>> {
  const items = words.flatMap((word) => word.split(',')).filter((item) => item !== '');
  return Object.fromEntries(
    items.map((item) => {
      const [, name, count] = /^([A-Za-z0-9_-]+)=(\d{1,4})$/.exec(item) ?? [];
      if (name !== undefined && count !== undefined) return [name, Number(count)];
      throw new NotDone({
        code: 'bad-count',
        message: `'${item}' is not NAME=COUNT`,
        remedy: 'write it as web=3',
      });
    }),
  );
}

import type { Replanned } from '../../control/api.ts';
import { bodyOf, NotDone } from '../client/answers.ts';
import { tellChangedFiles } from '../client/change.ts';
import { controlCommand } from '../client/control-command.ts';
import { printReplanned } from '../client/print-replanned.ts';

interface ScaleSettings {
  readonly words: readonly string[];
  readonly wait: boolean;
  readonly json: boolean;
}

/** `procsup scale` */
export const scale = controlCommand<ScaleSettings>({
  settings: (read, words) => ({ words, wait: !read.isOn('no-wait'), json: read.isOn('json') }),
  carryOut: async (context, { words, wait, json }) => {
    const answer = await context.client.post('/v1/scale', { counts: countsIn(words), wait });
    const replanned = bodyOf<Replanned & { readonly changedFiles?: readonly string[] }>(answer);
    tellChangedFiles(context.io, replanned.changedFiles);
    if (wait || json) return printReplanned(context, replanned, json);
    const names = [...replanned.added, ...replanned.removed, ...replanned.changed];
    context.io.stdout(`scale requested: ${words.join(' ')} (${names.join(', ') || 'nothing to do'})\n`);
    return 0;
  },
});

/** As in the schema of POST /v1/scale, which would name the place in the request and not the process. */
const MOST_INSTANCES = 1000;

/** Reads `web=3 'work*=0'`, also with commas as in a formation. Throws `NotDone` if it is invalid. */
function countsIn(words: readonly string[]): Readonly<Record<string, number>> {
  const items = words.flatMap((word) => word.split(',')).filter((item) => item !== '');
  return Object.fromEntries(
    items.map((item) => {
      const [, name, count] = /^([A-Za-z0-9_*?-]+)=(\d{1,9})$/.exec(item) ?? [];
      if (name === undefined || count === undefined) {
        throw new NotDone({
          code: 'bad-count',
          message: `invalid count '${item}'`,
          remedy: 'use NAME=COUNT, for example web=3',
        });
      }
      if (Number(count) > MOST_INSTANCES) {
        const limit = `the limit is ${String(MOST_INSTANCES)} instances`;
        throw new NotDone({ code: 'bad-count', message: `cannot scale ${name} to ${count}: ${limit}` });
      }
      return [name, Number(count)];
    }),
  );
}

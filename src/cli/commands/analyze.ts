import { systemClock } from '../../os/clock.ts';
import type { StartReport } from '../../core/start-report.ts';
import { analyzeText } from '../../ui/analyze-text.ts';
import { bodyOf, printJson } from '../client/answers.ts';
import { controlCommand } from '../client/control-command.ts';
import { isUtf8 } from '../client/locale.ts';
import { stdoutWidth } from '../client/stdout-width.ts';
import { namesOrAll } from './ps.ts';

interface AnalyzeSettings {
  readonly names: readonly string[];
  readonly json: boolean;
}

/** `procsup analyze`: what waited for what in the last start, and for how long. */
export const analyze = controlCommand<AnalyzeSettings>({
  settings: (read, names) => ({ names, json: read.isOn('json') }),

  async carryOut({ client, io }, { names, json }) {
    const { start } = bodyOf<{ readonly start: StartReport | null }>(
      await client.get('/v1/analyze', { names: namesOrAll(names) }),
    );
    if (json) printJson(io, start);
    else if (start === null) io.stderr(`procsup: ${nothingText(names)}\n`);
    else {
      const theme = await io.theme('stdout');
      const look = { columns: stdoutWidth(), ascii: !isUtf8(io.env), nowMs: systemClock.wallNow() };
      io.stdout(analyzeText(start, { theme, ...look }));
    }
    return 0;
  },
});

const nothingText = (names: readonly string[]): string =>
  names.length === 0 ? 'no start is known yet' : `no start of ${names.join(', ')} is known`;

/** Gives a command its settings, and prints the problems of invalid settings. */
import { STATUS } from '../core/process/exit.ts';
import type { Checked } from '../core/problem.ts';
import type { CommandLine } from './command-line.ts';
import { locate, type Located } from './locate.ts';
import type { StartIo } from './io.ts';
import { loadApp, type AppOptions } from '../config/load-app.ts';
import { appOptionsBesideProblems, type CommonSettings } from './settings.ts';
import { painted } from './with-io.ts';

/** The command gets its settings and the place of the project. `pipe` runs where it is typed, as a shell does. */
export async function withSettings<T extends CommonSettings>(
  line: CommandLine,
  { value, problems }: Checked<T>,
  io: StartIo,
  command: (settings: T & Located) => Promise<number>,
): Promise<number> {
  const place = async (given: Pick<AppOptions, 'file' | 'root'>): Promise<Located> =>
    line.command === 'pipe' ? { foundBy: 'option' } : locate(given, io);
  if (value !== undefined) return command({ ...value, ...(await place(value)) });
  const options = appOptionsBesideProblems(line, io.env, problems);
  const app =
    options === undefined
      ? { problems: [] }
      : await loadApp({ ...options, ...(await place(options)) }, io.env, io.cwd);
  const { problemsText } = await import('../ui/problem-text.ts');
  io.stderr(problemsText([...problems, ...app.problems], (await painted(io)).paint));
  return STATUS.usage;
}

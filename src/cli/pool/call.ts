/** Reads the settings of `pool` and runs it. Also the way of main.ts, for unusual command lines. */
import { STATUS } from '../../core/process/exit.ts';
import { problemsText } from '../../ui/problem-text.ts';
import type { CommandLine } from '../command-line.ts';
import { pool } from '../commands/pool.ts';
import type { StartIo } from '../io.ts';
import { painted } from '../with-io.ts';
import { exactOperands } from './exact-operands.ts';
import { poolSettings } from './settings.ts';

export async function callPool(line: CommandLine, startIo: StartIo): Promise<number> {
  const io = await painted(startIo);
  const operands = exactOperands(line.operands);
  const { value, problems } =
    operands.value === undefined
      ? { value: undefined, problems: operands.problems }
      : poolSettings({ ...line, operands: operands.value }, io.env);
  io.stderr(problemsText(problems, io.paint));
  return value === undefined ? STATUS.usage : pool(value, io);
}

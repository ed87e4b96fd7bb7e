/** Values after `:::`, and the command, as they were given: they may have any bytes. */
import { valueOfBytes } from '../../core/pool/quote-value.ts';
import type { Checked } from '../../core/problem.ts';
import { lastArguments } from '../../os/process/raw-arguments.ts';

const REPLACEMENT = '\ufffd';

export function exactOperands(operands: readonly string[], read = lastArguments): Checked<readonly string[]> {
  const at = operands.findIndex((word) => word.includes(REPLACEMENT));
  if (at === -1) return { value: operands, problems: [] };
  const exact = read(operands);
  if (exact !== undefined) return { value: exact.map(valueOfBytes), problems: [] };
  const message = `argument ${String(at + 1)} after the options may not be UTF-8: it would be changed`;
  const remedy = 'give such values by stdin or a file';
  return { value: undefined, problems: [{ code: 'pool-not-utf8', severity: 'error', message, remedy }] };
}

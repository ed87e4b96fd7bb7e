/** `procsup completion --names WORD...`, which completion scripts run at each Tab: without the modules of main.ts. */
import './hold-sigusr1.ts';
import { writeText } from './io.ts';
import { processNames } from './process-names.ts';

/** Of whatever is wrong the user is told by the command itself. */
async function namesOrNothing(): Promise<readonly string[]> {
  try {
    return await processNames(process.argv.slice(4), { env: process.env, cwd: process.cwd() });
  } catch {
    return [];
  }
}

void namesOrNothing().then((names) => {
  writeText(1, names.map((name) => `${name}\n`).join(''));
  process.exit(0);
});

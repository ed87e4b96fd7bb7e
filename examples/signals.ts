// A signal to a program, and the end of one that ignores SIGTERM, with all that it has started.
import { Process } from 'procsup';

const polite = new Process({ command: ['sleep', '1000'] });
await polite.start();
polite.signal('SIGINT');
console.log(await polite.wait(), polite.exitcode);

const stubborn = new Process({
  command: 'trap "" TERM; echo ready; while :; do sleep 1000; done',
  stdio: 'pipe',
});
await stubborn.start();
await new Promise((resolve) => stubborn.stdout?.once('data', resolve));
console.log(await stubborn.stop({ graceMs: 100 }), stubborn.exitcode);
stubborn.close();

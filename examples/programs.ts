// Launching a program, talking with it, and a run from start to end.
import { Process, run } from 'procsup';

const cat = new Process({ command: ['cat'], stdio: 'pipe' });
await cat.start();
const { stdout, exit } = await cat.communicate('hello\n');
console.log(stdout.toString().trim(), exit);
cat.close();

const { status } = await run('exit 3');
console.log(`status ${status}`);

// Programs with kernel pipes between them.
import { pipe } from 'procsup';

const { stdout, stages } = await pipe(['seq', '100'], ['grep', '7'], ['wc', '-l']);
console.log(`${stdout.toString().trim()} lines, ${stages.length} stages`);

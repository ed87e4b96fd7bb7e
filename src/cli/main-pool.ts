/** `procsup pool ...` without the modules that only `start` needs. Unusual command lines are left to main.ts. */
import './hold-sigusr1.ts';
import { endWith } from './end-with.ts';
import { fastArgs } from './fast-args.ts';
import { poolWords } from './pool-words.ts';
import { callPool } from './pool/call.ts';
import { withIo } from './with-io.ts';

const line = fastArgs(poolWords(process.argv.slice(2)));
if (line?.command !== 'pool') void import('./main.ts');
else endWith(() => withIo(line, (io) => callPool(line, io)));

/** `procsup task ...` without the modules that only `start` needs. Unusual command lines are left to main.ts. */
import './hold-sigusr1.ts';
import { endWith } from './end-with.ts';
import { fastArgs } from './fast-args.ts';
import { callTask } from './task/call.ts';
import { withIo } from './with-io.ts';

const line = fastArgs(process.argv.slice(2));
if (line?.command !== 'task') void import('./main.ts');
else endWith(() => withIo(line, (io) => callTask(line, io)));

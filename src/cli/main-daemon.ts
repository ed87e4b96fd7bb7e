/** The program that `start -d` leaves behind, without the modules of the command line: they would stay in its memory. */
import './hold-sigusr1.ts';
import { daemon } from '../host/daemon/daemon.ts';
import { endWith } from './end-with.ts';

endWith(() => daemon(process.argv.slice(3), process.env));

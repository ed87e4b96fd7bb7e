/** `value`, `flag`, `barrier` and `channel`, as rows of the table of commands. */
import type { CommandSpec } from '../command-spec.ts';

export const EXCHANGE_COMMANDS = [
  {
    name: 'value',
    group: 'Share data',
    summary: 'share a number, a text or JSON, and watch it',
    operands: ['<get|set|incr|cas|rm|watch|ls>', '[NAME]', '[VALUE...]'],
    description:
      'Values of the running supervisor, each changed at once or not at all. incr NAME [BY] adds; cas NAME EXPECTED NEW sets NEW if EXPECTED is there, else exits with status 1; watch prints the value and each change. They end with the supervisor.',
    examples: [
      ['procsup value set stage building', 'set it'],
      ['procsup value incr hits', 'add 1, and print the sum'],
      ['procsup value watch stage --until done', 'print each change until it is done'],
    ],
  },
  {
    name: 'flag',
    group: 'Share data',
    summary: 'set a flag, and wait for it',
    operands: ['<set|clear|wait|get|ls>', '[NAME]'],
    description:
      'Flags of the running supervisor, clear at first. wait ends when the flag is set; get prints set or clear, and exits with status 1 if it is clear.',
    examples: [
      ['procsup flag wait migrated -t 1m', 'wait until another program runs: procsup flag set migrated'],
    ],
  },
  {
    name: 'barrier',
    group: 'Share data',
    summary: 'wait until so many programs are there',
    operands: ['<BARRIER>', '<PARTIES>'],
    description:
      'Waits until PARTIES programs wait, lets all of them go on, and prints which one this was: 0 was the first. If one ends or times out before, the others exit with status 1. Then the barrier can be used again.',
    examples: [['procsup barrier round 3 && ./go', 'run ./go when three have come to here']],
  },
  {
    name: 'channel',
    group: 'Share data',
    summary: 'send messages to programs that receive them now',
    operands: ['<send|recv|ls|rm>', '[NAME]', '[MESSAGE...]'],
    description:
      'send gives messages, or the lines of stdin, to receivers, and waits for them; recv prints messages until the last sender has ended. Nothing is kept: for that there is queue.',
    examples: [
      ['./make-list | procsup channel send list', 'send each line'],
      ['procsup channel recv list', 'print what is sent; each line goes to one receiver'],
    ],
  },
] as const satisfies readonly CommandSpec[];

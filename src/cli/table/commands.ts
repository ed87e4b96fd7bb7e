/** All commands as data, in the order of the help: what is needed to read a command line. Their words are in ../help/. */
import type { CommandSpec } from './command-spec.ts';

export const COMMANDS = [
  { name: 'start', aliases: ['up'], operands: ['[NAME...]'] },
  { name: 'ps', aliases: ['status', 'list'], operands: ['[NAME...]'] },
  { name: 'logs', operands: ['[NAME...]'] },
  { name: 'down', aliases: ['quit'], operands: [] },
  { name: 'run', operands: ['<NAME|COMMAND>', '[ARG...]'], passThrough: true },
  { name: 'pipe', operands: ['<PIPELINE|COMMAND>', '[WORD...]'], passThrough: true },
  { name: 'pool', operands: ['[COMMAND... ::: VALUE...]'], passThrough: true },
  { name: 'stop', operands: ['[NAME...]'] },
  { name: 'restart', operands: ['[NAME...]'] },
  { name: 'scale', operands: ['<NAME=COUNT...>'] },
  { name: 'kill', operands: ['<NAME...>'] },
  { name: 'reload', operands: [] },
  { name: 'wait', operands: ['<NAME...>'] },
  { name: 'attach', aliases: ['connect'], operands: ['<NAME>'] },
  { name: 'send', operands: ['<NAME>', '[LINE...]'] },
  { name: 'shm', operands: ['<create|ls|path|rm>', '[NAME...]'] },
  { name: 'lock', operands: ['<LOCK>', '<COMMAND>', '[ARG...]'] },
  { name: 'locks', operands: ['[LOCK...]'] },
  { name: 'queue', operands: ['<VERB>', '[NAME]', '[WORD...]'] },
  { name: 'value', operands: ['<get|set|incr|cas|rm|watch|ls>', '[NAME]', '[VALUE...]'] },
  { name: 'flag', operands: ['<set|clear|wait|get|ls>', '[NAME]'] },
  { name: 'barrier', operands: ['<BARRIER>', '<PARTIES>'] },
  { name: 'channel', operands: ['<send|recv|ls|rm>', '[NAME]', '[MESSAGE...]'] },
  { name: 'top', aliases: ['monit'], operands: [] },
  { name: 'stats', operands: ['[NAME...]'] },
  { name: 'events', operands: ['[NAME...]'] },
  { name: 'why', operands: ['<NAME>'] },
  { name: 'analyze', operands: ['[NAME...]'] },
  { name: 'ls', operands: [] },
  { name: 'init', operands: [] },
  { name: 'check', operands: [] },
  { name: 'completion', operands: ['[SHELL]'] },
] as const satisfies readonly CommandSpec[];

export type CommandName = (typeof COMMANDS)[number]['name'];

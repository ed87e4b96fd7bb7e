import { describe, expect, test } from 'vitest';
import {
  stageWait,
  terminalUse,
  type StageMember,
  type TerminalUse,
} from '../../../src/core/pipeline/stage-wait.ts';

const TTY = '/dev/pts/3';

const member = (
  place: string,
  stdin = 'pipe:[1]',
  stdout = 'pipe:[2]',
  others: Partial<StageMember> = {},
): StageMember => ({
  isRunning: place === 'running',
  place: place === 'running' ? '0' : place,
  ...{ stdin, stdout, hasKeys: false, hasOthers: false },
  ...others,
});

const read = member('anon_pipe_read');
const write = member('anon_pipe_write');
const sleep = member('hrtimer_nanosleep');
const shell = member('do_wait');
const running = member('running');

describe('what a stage waits for', () => {
  test.each<[wait: string, what: string, members: readonly StageMember[]]>([
    ['none', 'one that runs', [running]],
    ['input', 'one that reads', [read]],
    ['output', 'one that writes', [write]],
    ['none', 'one that waits for a clock', [sleep]],
    ['input', 'an older kernel', [member('pipe_read')]],
    ['output', 'an older kernel', [member('pipe_write')]],
    ['unknown', 'a kernel with one function for both', [member('pipe_wait')]],
    ['input', 'a socket', [member('unix_stream_read_generic')]],
    ['output', 'a socket', [member('sock_alloc_send_pskb')]],
    ['unknown', 'hidden', [member('0')]],
    ['unknown', 'hidden', [member('')]],
    ['unknown', 'many things at once', [member('do_epoll_wait')]],
    ['unknown', 'many things at once', [member('poll_schedule_timeout')]],
    ['input', 'a terminal that is read', [member('wait_woken', TTY)]],
    ['output', 'a terminal that is written', [member('wait_woken', 'pipe:[1]', TTY)]],
    ['unknown', 'a terminal that is read or written', [member('wait_woken', TTY, TTY)]],
    ['unknown', 'a shell alone', [shell]],
    ['unknown', 'nobody is there', []],
    ['input', 'a shell whose child reads', [shell, read]],
    ['none', 'a shell one of whose children runs', [shell, read, running]],
    ['input', 'something in the background sleeps', [sleep, read]],
    ['none', 'a shell whose child sleeps', [shell, sleep]],
    // { cat | gzip; }
    [
      'none',
      'one waits for another of the same',
      [member('pipe_write', 'pipe:[1]', 'pipe:[7]'), member('running', 'pipe:[7]')],
    ],
    [
      'none',
      'one waits for another of the same',
      [member('pipe_write', 'pipe:[1]', 'pipe:[7]'), member('hrtimer_nanosleep', 'pipe:[7]')],
    ],
    [
      'output',
      'both wait, the second outwards',
      [member('pipe_write', 'pipe:[1]', 'pipe:[7]'), member('pipe_write', 'pipe:[7]')],
    ],
    [
      'input',
      'both wait, the first outwards',
      [member('pipe_read', 'pipe:[1]', 'pipe:[7]'), member('pipe_read', 'pipe:[7]')],
    ],
  ])('%s: %s', (wait, _, members) => {
    expect(stageWait(members)).toBe(wait);
  });
});

describe('what a stage does with the terminal', () => {
  test.each<[use: TerminalUse, what: string, members: readonly StageMember[]]>([
    ['output', 'wc', [member('running', 'pipe:[1]', TTY)]],
    [
      'output',
      'a child of a shell',
      [member('do_wait', 'pipe:[1]', TTY), member('pipe_read', 'pipe:[1]', TTY)],
    ],
    ['output', 'of the console', [member('running', '', '/dev/console')]],
    [
      'none',
      'a shell that waits',
      [member('do_wait', 'pipe:[1]', TTY), member('pipe_read', 'pipe:[1]', '/a/file')],
    ],
    ['none', 'a shell that has started a pager', [member('do_wait', TTY, TTY, { hasKeys: true })]],
    ['none', 'a pipe', [read]],
    ['none', 'a file', [member('running', '', '/home/dev/pts/3', { hasOthers: true })]],
    ['none', 'nobody is there', []],
    ['perhaps', 'a database that has its files', [member('running', 'pipe:[1]', TTY, { hasOthers: true })]],
    ['screen', 'a pager', [member('wait_woken', 'pipe:[1]', TTY, { hasKeys: true, hasOthers: true })]],
    ['screen', 'an editor that has taken the terminal for its stdin', [member('do_select', TTY, TTY)]],
    [
      'screen',
      'who asks for a password',
      [member('wait_woken', 'pipe:[1]', 'pipe:[2]', { hasKeys: true, hasOthers: true })],
    ],
    ['screen', 'one of several', [member('running', 'pipe:[1]', TTY), member('0', TTY, TTY)]],
  ])('%s: %s', (use, _, members) => {
    expect(terminalUse(members)).toBe(use);
  });
});

import { describe, expect, test } from 'vitest';
import { stageWait, writesToTerminal, type StageMember } from '../../src/core/stage-wait.ts';

const TTY = '/dev/pts/3';

const member = (place: string, stdin = 'pipe:[1]', stdout = 'pipe:[2]'): StageMember => ({
  isRunning: place === 'running',
  place: place === 'running' ? '0' : place,
  stdin,
  stdout,
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

describe('a terminal is written to', () => {
  test.each<[writes: boolean, what: string, members: readonly StageMember[]]>([
    [true, 'by a program', [member('running', 'pipe:[1]', TTY)]],
    [true, 'by a child', [member('do_wait', 'pipe:[1]', TTY), member('pipe_read', 'pipe:[1]', TTY)]],
    [
      false,
      'not by a shell that waits',
      [member('do_wait', 'pipe:[1]', TTY), member('pipe_read', 'pipe:[1]', '/a/file')],
    ],
    [false, 'not by whoever writes to a pipe', [read]],
    [true, 'of the console', [member('running', '', '/dev/console')]],
    [false, 'not by a file', [member('running', '', '/home/dev/pts/3')]],
  ])('%s: %s', (writes, _, members) => {
    expect(writesToTerminal(members)).toBe(writes);
  });
});

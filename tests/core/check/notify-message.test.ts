import { expect, test } from 'vitest';
import { readNotifyMessage } from '../../../src/core/check/notify-message.ts';

/** As real programs send them. */
test.each([
  {
    from: 'gunicorn',
    text: 'READY=1\nSTATUS=Gunicorn arbiter booted',
    isReady: true,
    status: 'Gunicorn arbiter booted',
  },
  { from: 'uWSGI at first', text: 'STATUS=initializing\n', isReady: false, status: 'initializing' },
  { from: 'uWSGI', text: 'STATUS=ready\nREADY=1\n', isReady: true, status: 'ready' },
  { from: 'haproxy at first', text: 'RELOADING=1', isReady: false },
  { from: 'haproxy', text: 'READY=1\nMAINPID=42', isReady: true },
  { from: 'php-fpm', text: 'READY=1\nSTATUS=\nMAINPID=42', isReady: true, status: '' },
  { from: 'mariadb at its end', text: 'STOPPING=1\nSTATUS=bye', isReady: false, status: 'bye' },
  { from: 'systemd-notify', text: 'BARRIER=1', isReady: false },
  { from: 'nobody', text: 'READY=0\nNOT_READY=1\nSTATUS=READY=1', isReady: false, status: 'READY=1' },
  { from: 'a talker', text: '\nSTATUS=a\n\nSTATUS=b\n', isReady: false, status: 'b' },
])('a message of $from', ({ text, isReady, status }) => {
  expect(readNotifyMessage(text)).toEqual({ isReady, ...(status !== undefined && { status }) });
});

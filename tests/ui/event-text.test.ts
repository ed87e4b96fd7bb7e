import { describe, expect, test } from 'vitest';
import type { Event, EventType } from '../../src/core/events.ts';
import { eventText, reasonText, systemLine } from '../../src/ui/event-text.ts';
import { ALL_SAMPLES, SAMPLES } from '../helpers/sample-events.ts';

/** The words of each sample, in their order. A member of the union without any does not compile. */
const TEXTS: Readonly<Record<EventType, readonly (string | RegExp)[]>> = {
  started: ['web.1 started (pid 42)'],
  refused: ['web.1 cannot be started: no more processes'],
  exited: ['web.1 exited with status 3', 'web.1 was terminated by SIGTERM (status 143)'],
  ready: ['web.1 is ready (after 1.2s)'],
  unready: [
    'web.1: not ready within 30s; stopping it',
    'web.1 is not healthy: tcp 5432: connection refused; stopping it',
    'stopping web.1, which is over its limit',
  ],
  'not-ready-yet': ['web.1 is not ready yet: http /: 503 for 30s'],
  unhealthy: ['web.1 is unhealthy: http /: 503'],
  healthy: ['web.1 is healthy again'],
  'over-limit': [
    'web.1: it used 1.5 cores for 30s; its limit is 1 core',
    'web.1: it used 3 processes; its limit is 1 process',
  ],
  'within-limit': ['web.1 is within its limits again: 3 MiB of memory'],
  'limit-kept': [
    'web.1 reached its limit of 4 MiB of memory: the kernel killed 1 process',
    'web.1 reached its limit of 50 processes: the kernel refused 3 more',
  ],
  'limits-not-enforced': [
    'cannot enforce limits, looking every second instead: no control group with memory',
  ],
  'out-of-memory': [
    'web.1 was killed by the kernel: out of memory',
    'web.1 was probably killed by the kernel: out of memory',
  ],
  'limits-unavailable': ['cannot look at the limits of processes: no such file'],
  waiting: ['web.1 waits for db (ready), migrate (succeeded)'],
  needed: ['starting web.1, which web needs'],
  followed: ['stopping web.1 until db, which it needs, runs again', 'stopping web.1, which needs db'],
  drawing: ["web.1 draws on the whole screen; see it with 'procsup attach web.1'"],
  'stdin-was-empty': ['web.1 ended early, and its stdin was empty; --stdin open keeps it open'],
  'hook-failed': ['web.1: post_start exited with status 1'],
  'awaits-change': ['web.1 waits for a change of its files'],
  'watch-command': ["running 'make css' for web.1: src/a.ts changed (and 3 more)"],
  'watch-failed': ["web.1: 'make css' exited with status 2"],
  'watch-loop': [
    "not restarting web.1 for changes of app.db, app.txt any more: they seem to be its own; see 'ignore' of 'watch'",
  ],
  'watch-limited': ['the system cannot watch 900 directories: 400 are polled; raise it'],
  'watch-unavailable': ['cannot watch files: no such file'],
  'schedule-skipped': [/^web\.1 was scheduled for .+, but is still running; skipping this time$/],
  'schedule-queued': [/^web\.1 was scheduled for .+, but is still running; it starts after that$/],
  'schedule-missed': [
    /^web\.1 missed its scheduled start at 2026-01-0\d .+$/,
    /^web\.1 missed 3 scheduled starts, the first at .+$/,
    /^web\.1 missed 1000 or more scheduled starts, the first at .+$/,
    /^web\.1 missed its scheduled start at .+ while procsup was not running$/,
    /^web\.1 missed 3 scheduled starts while procsup was not running, the last at .+$/,
  ],
  'schedules-unavailable': ['cannot start scheduled processes: no such file'],
  clearing: ['web.1 left child processes running; stopping them'],
  daemonized: [
    "web.1 made itself a daemon (nginx, pid 123), which is not supervised; run it in the foreground: nginx -g 'daemon off;'",
    'web.1 made itself a daemon (server, pid 123), which is not supervised; run it in the foreground',
  ],
  killing: ['web.1 has not stopped; killing it', 'killing web.1'],
  rolling: ['starting a new run of web.1 beside the old one (pid 4100)'],
  replaced: ['web.1 is replaced by its new run (pid 4242); stopping the old one (pid 4100)'],
  'roll-failed': [
    'the new run of web.1 exited with status 3; the old one (pid 4100) runs on',
    'the new run of web.1 was stopped: not ready after 5s; the old one (pid 4100) runs on',
    'the new run of web.1 failed; the old one runs on',
  ],
  restarting: ['web.1 restarts at once', 'web.1 restarts in 1.5s'],
  'gave-up': ['web.1 failed after 5 restarts within 1m', 'web.1 failed after 1 restart within 1m'],
  doomed: ['web.1 will not be started: no more processes', 'web.1 will not be started: exited with status 1'],
  unkillable: ['web.1 (pid 42) is still alive after SIGKILL; giving up on it'],
  requested: [
    'restart requested: web.1, web.2',
    'stop requested: web.1 (by `procsup stop web`, pid 4711)',
    'stop requested: web.1 (by a call of the library)',
    'starting a.1, a.2, a.3, a.4 and 2 more',
    'stop requested: web.1 (by a scale, `procsup stop web`, pid 4711)',
    'start requested: web.1 (by a reload)',
    'restart requested: web.1 (by its restart policy)',
    'restarting web.1: src/a.ts changed (and 3 more)',
    'restarting web.1: src/a.ts changed, and files are still being written',
  ],
  signalled: [
    'SIGHUP sent to web.1 on request',
    'SIGHUP sent to web.1 on request (by `procsup stop web`, pid 4711)',
    'SIGHUP sent to no process on request',
    'SIGHUP sent to web.1: src/a.ts changed (and 3 more)',
  ],
  'memory-created': ["created shared memory 'frames' of 1MiB (by `procsup stop web`, pid 4711)"],
  'memory-removed': ["removed shared memory 'frames' (by a call of the library)"],
  'message-dead': [
    'queue mail: message k3f9a2-17 failed after 5 attempts: the lease expired',
    'queue mail: message k3f9a2-18 failed after 1 attempt: no',
  ],
  'messages-dead': [
    '90 more messages failed in queue mail',
    '91 more messages failed in queues mail, images',
  ],
  'queue-paused': ['queue mail paused (by `procsup stop web`, pid 4711)'],
  'queue-resumed': ['queue mail resumed (by `procsup stop web`, pid 4711)'],
  'queue-removed': ['queue mail removed'],
  'queue-drained': [
    'queue mail drained: removed 1 message (by `procsup stop web`, pid 4711)',
    'queue mail drained: removed 7 messages',
  ],
  'lock-abandoned': [
    "lock 'deploy' was abandoned: its holder (`lock deploy -- make`, pid 4711) ended and had not released it",
    "lock 'deploy' was abandoned: its holder ended and had not released it",
  ],
  'locks-abandoned': ['12 more locks were abandoned: a, b'],
  'store-remark': ['queues are kept in memory only: no SQLite'],
  'store-full': ['cannot store messages: no room on the disk; those that are stored can still be read'],
  'store-recovered': ['messages can be stored again'],
  scaled: ['scaled: web=2 worker=0 (by `procsup stop web`, pid 4711)'],
  reloaded: [
    'configuration reloaded: no changes',
    'configuration reloaded: added a.1, a.2; changed b.1 (by `procsup stop web`, pid 4711)',
  ],
  closing: [
    'SIGINT: stopping; Ctrl-C again kills',
    'SIGINT: stopping',
    'SIGTERM: stopping',
    'c.1 has ended; stopping a.1, b.1',
    'c.1 has ended',
    'down requested: stopping',
    'down requested: stopping (by `procsup stop web`, pid 4711)',
    'down requested: stopping (by a call of the library)',
    'the output is not read any more: stopping',
    'another supervisor (pid 99) runs this project: stopping',
  ],
  interrupted: [
    'waiting for a.1, b.1; Ctrl-C again kills',
    'waiting for a.1, a.2, a.3, a.4 and 2 more; Ctrl-C again kills',
    'waiting for a.1, a.2, a.3, a.4, a.5; Ctrl-C again kills',
  ],
  hurried: ['killing everything'],
  'previous-ended': [
    /^the previous supervisor \(pid 99, started 2026-01-0\d \d\d:\d\d:05\) was killed; none of its processes were left$/,
    /ended when the machine was restarted; none of its processes were left$/,
    /was killed; stopped its remaining processes: pid 7, 8$/,
  ],
  'strays-stopped': ['stopped stray processes: pid 7, 8'],
  'strays-left': ['could not stop stray processes: pid 7'],
  'strays-unknown': ['could not look for stray processes (EMFILE); some may still be running'],
  'lock-renewed': ['the lock of the project had been removed; made it again'],
  'directory-unsafe': ["'/tmp/x' is a symbolic link"],
  'control-unavailable': ['not reachable from other terminals: no space'],
  'output-stuck': ['cannot write output: ENOSPC; retrying'],
  'logs-lost': ['cannot write to the log files: ENOSPC; the processes keep running'],
  'logs-recovered': [/^writing to the log files again; 2K\S* were lost$/],
  'socket-remark': ['web.1 removed ./run/web.sock; bound it again'],
  'port-taken': [
    "web.1: its PORT 5000 is in use by a process of another user; 'procsup start -p auto' chooses free ports",
    'web.1: its PORT 5000 is in use by another process (node, pid 7)',
    "web.1: its PORT 5000 is in use by web.1 of ../other (node, pid 7); 'procsup start -p auto' chooses free ports",
  ],
  'orphans-unreaped': [
    "cannot reap orphaned processes, which stay zombies: koffi is not installed; use an init, as in 'docker run --init'",
  ],
  'pool-failed': ["pool resize failed: no answer; start it again with 'procsup start resize'"],
  'guardian-lost': ['the guardian process is gone: if procsup is killed, its processes will keep running'],
};

const TYPES = Object.keys(SAMPLES) as EventType[];

test.each(TYPES)('%s', (type) => {
  const samples: readonly Event[] = SAMPLES[type];
  const told = samples.map(eventText);
  expect(told).toHaveLength(TEXTS[type].length);
  for (const [index, text] of TEXTS[type].entries()) {
    if (typeof text === 'string') expect(told[index]).toBe(text);
    else expect(told[index]).toMatch(text);
  }
});

describe('among the output', () => {
  test('what other lines say already is not said', () => {
    const silent = ALL_SAMPLES.filter((event) => systemLine(event) === undefined).map(eventText);
    expect(silent).toEqual([
      'starting a.1, a.2, a.3, a.4 and 2 more',
      'stop requested: web.1 (by a scale, `procsup stop web`, pid 4711)',
      'start requested: web.1 (by a reload)',
      'c.1 has ended',
      'the output is not read any more: stopping',
    ]);
  });

  test('all the rest is', () => {
    for (const event of ALL_SAMPLES) {
      expect([undefined, eventText(event)]).toContain(systemLine(event));
    }
  });
});

test('as the reason for a state', () => {
  const reasons = (
    ['requested', 'signalled', 'closing', 'restarting', 'gave-up', 'doomed', 'unkillable'] as const
  )
    .flatMap((type) => [...SAMPLES[type]])
    .map(reasonText);
  expect([...new Set(reasons)]).toEqual([
    'restart requested',
    'stop requested by `procsup stop web` (pid 4711)',
    'stop requested by a call of the library',
    'started with the supervisor',
    'stop requested by a scale (`procsup stop web`, pid 4711)',
    'start requested by a reload',
    'restart requested by its restart policy',
    'restart requested, because src/a.ts changed (and 3 more)',
    'restart requested, because src/a.ts changed, and files are still being written',
    'SIGHUP sent',
    'SIGHUP sent by `procsup stop web` (pid 4711)',
    'SIGHUP sent, because src/a.ts changed (and 3 more)',
    'the supervisor received SIGINT',
    'the supervisor received SIGTERM',
    'c.1 ended, and the others with it',
    'down requested',
    'down requested by `procsup stop web` (pid 4711)',
    'down requested by a call of the library',
    'the output was not read any more',
    'another supervisor (pid 99) had taken over the project',
    'restarted by its policy',
    'it failed after 5 restarts within 1m',
    'it failed after 1 restart within 1m',
    'it was not started: no more processes',
    'it was not started: exited with status 1',
    'it is still alive after SIGKILL (pid 42)',
  ]);
});

/** Events of every kind, for whatever must know them all. A member of the union without one does not compile. */
import type { Asker, Event, EventOf, EventType } from '../../src/core/events.ts';
import type { Exit } from '../../src/core/process/exit.ts';

export const CLIENT: Asker = {
  by: 'request',
  client: { command: 'procsup stop web', pid: 4711, user: 'jo' },
};
const UNKNOWN_CLIENT: Asker = { by: 'request' };
const LIBRARY: Asker = { by: 'library' };

const CHANGES = { by: 'watch', files: ['src/a.ts', 'src/b.ts'], count: 4 } as const;
const name = 'web.1';
const notReady: Exit = { by: 'refusal', error: 'ENOTREADY', message: 'not ready within 30s' };
const unhealthy: Exit = { by: 'refusal', error: 'EUNHEALTHY', message: 'tcp 5432: connection refused' };
const overLimit: Exit = { by: 'refusal', error: 'ELIMIT', message: 'it used 2 cores; its limit is 1 core' };
const refusal: Exit = { by: 'refusal', error: 'EAGAIN', message: 'no more processes' };
const living = ['a.1', 'b.1'];
const six = ['a.1', 'a.2', 'a.3', 'a.4', 'a.5', 'a.6'];
const since = '2026-01-02T03:04:05.000Z';
const previous = { type: 'previous-ended', pid: 99, since, how: 'killed', leftovers: [] } as const;

export const SAMPLES: { readonly [Type in EventType]: readonly [EventOf<Type>, ...EventOf<Type>[]] } = {
  started: [{ type: 'started', name, run: 1, pid: 42 }],
  refused: [{ type: 'refused', name, exit: refusal }],
  exited: [
    { type: 'exited', name, run: 1, exit: { by: 'code', code: 3 }, asked: false },
    { type: 'exited', name, run: 1, exit: { by: 'signal', signal: 'SIGTERM' }, asked: true },
  ],
  ready: [{ type: 'ready', name, run: 1, afterMs: 1200, isUsual: false }],
  unready: [
    { type: 'unready', name, exit: notReady, isUnhealthy: false },
    { type: 'unready', name, exit: unhealthy, isUnhealthy: true },
    { type: 'unready', name, exit: overLimit, isUnhealthy: true },
  ],
  'not-ready-yet': [{ type: 'not-ready-yet', name, words: 'http /: 503 for 30s' }],
  unhealthy: [{ type: 'unhealthy', name, words: 'http /: 503' }],
  healthy: [{ type: 'healthy', name }],
  'over-limit': [
    { type: 'over-limit', name, limit: 'cpu', used: 1.504, max: 1, lastedMs: 30_412, action: 'warn' },
    { type: 'over-limit', name, limit: 'processes', used: 3, max: 1, lastedMs: 0, action: 'stop' },
  ],
  'within-limit': [
    { type: 'within-limit', name, limit: 'memory', used: 3 * 1024 * 1024, max: 4 * 1024 * 1024 },
  ],
  'out-of-memory': [
    { type: 'out-of-memory', name, isCertain: true },
    { type: 'out-of-memory', name, isCertain: false },
  ],
  'limit-kept': [
    { type: 'limit-kept', name, limit: 'memory', max: 4 * 1024 * 1024, count: 1 },
    { type: 'limit-kept', name, limit: 'processes', max: 50, count: 3 },
  ],
  'limits-not-enforced': [{ type: 'limits-not-enforced', reason: 'no control group with memory' }],
  'limits-unavailable': [{ type: 'limits-unavailable', reason: 'no such file' }],
  waiting: [
    {
      type: 'waiting',
      name,
      needs: [
        { process: 'db', until: 'ready' },
        { process: 'migrate', until: 'succeeded' },
      ],
    },
  ],
  needed: [{ type: 'needed', name, by: 'web' }],
  followed: [
    { type: 'followed', name, need: 'db', how: 'restart' },
    { type: 'followed', name, need: 'db', how: 'stop' },
  ],
  drawing: [{ type: 'drawing', name }],
  'stdin-was-empty': [{ type: 'stdin-was-empty', name }],
  'hook-failed': [{ type: 'hook-failed', name, hook: 'post_start', words: 'exited with status 1' }],
  'awaits-change': [{ type: 'awaits-change', name }],
  'watch-command': [{ type: 'watch-command', command: 'make css', names: [name], cause: CHANGES }],
  'watch-failed': [{ type: 'watch-failed', name, command: 'make css', words: 'exited with status 2' }],
  'watch-loop': [{ type: 'watch-loop', names: [name], files: ['app.db', 'app.txt'] }],
  'watch-limited': [{ type: 'watch-limited', directories: 900, polled: 400, remedy: 'raise it' }],
  'watch-unavailable': [{ type: 'watch-unavailable', reason: 'no such file' }],
  'schedule-skipped': [{ type: 'schedule-skipped', name, due: since }],
  'schedule-queued': [{ type: 'schedule-queued', name, due: since }],
  'schedule-missed': [
    { type: 'schedule-missed', name, first: since, count: 1 },
    { type: 'schedule-missed', name, first: since, count: 3 },
    { type: 'schedule-missed', name, first: since, count: 1000 },
    { type: 'schedule-missed', name, first: since, last: since, count: 1 },
    { type: 'schedule-missed', name, first: since, last: since, count: 3 },
  ],
  'schedules-unavailable': [{ type: 'schedules-unavailable', reason: 'no such file' }],
  clearing: [{ type: 'clearing', name }],
  daemonized: [
    { type: 'daemonized', name, program: 'nginx', pid: 123 },
    { type: 'daemonized', name, program: 'server', pid: 123 },
  ],
  killing: [
    { type: 'killing', name, asked: true },
    { type: 'killing', name, asked: false },
  ],
  rolling: [{ type: 'rolling', name, run: 2, pid: 4100 }],
  replaced: [{ type: 'replaced', name, pid: 4100, by: 4242 }],
  'roll-failed': [
    { type: 'roll-failed', name, run: 2, pid: 4100, exit: { by: 'code', code: 3 } },
    {
      type: 'roll-failed',
      name,
      run: 2,
      pid: 4100,
      exit: { by: 'refusal', error: 'ENOTREADY', message: 'not ready after 5s' },
    },
    { type: 'roll-failed', name, run: 2, pid: null },
  ],
  restarting: [
    { type: 'restarting', name, delayMs: 0, restarts: 1 },
    { type: 'restarting', name, delayMs: 1500, restarts: 2 },
  ],
  'gave-up': [
    { type: 'gave-up', name, restarts: 5, withinMs: 60_000 },
    { type: 'gave-up', name, restarts: 1, withinMs: 60_000 },
  ],
  doomed: [
    { type: 'doomed', name, exit: refusal },
    { type: 'doomed', name, exit: { by: 'code', code: 1 } },
  ],
  unkillable: [{ type: 'unkillable', name, pid: 42 }],

  requested: [
    { type: 'requested', verb: 'restart', names: ['web.1', 'web.2'], cause: UNKNOWN_CLIENT },
    { type: 'requested', verb: 'stop', names: ['web.1'], cause: CLIENT },
    { type: 'requested', verb: 'stop', names: ['web.1'], cause: LIBRARY },
    { type: 'requested', verb: 'start', names: six, cause: { by: 'start' } },
    { type: 'requested', verb: 'stop', names: ['web.1'], cause: { by: 'scale', asker: CLIENT } },
    { type: 'requested', verb: 'start', names: ['web.1'], cause: { by: 'reload', asker: UNKNOWN_CLIENT } },
    { type: 'requested', verb: 'restart', names: ['web.1'], cause: { by: 'policy' } },
    { type: 'requested', verb: 'restart', names: ['web.1'], cause: CHANGES },
    {
      ...({ type: 'requested', verb: 'restart', names: ['web.1'] } as const),
      cause: { by: 'watch', files: ['src/a.ts'], count: 1, unsettled: true },
    },
  ],
  signalled: [
    { type: 'signalled', signal: 'SIGHUP', names: ['web.1'], cause: UNKNOWN_CLIENT },
    { type: 'signalled', signal: 'SIGHUP', names: ['web.1'], cause: CLIENT },
    { type: 'signalled', signal: 'SIGHUP', names: [], cause: UNKNOWN_CLIENT },
    { type: 'signalled', signal: 'SIGHUP', names: ['web.1'], cause: CHANGES },
  ],
  'memory-created': [{ type: 'memory-created', memory: 'frames', bytes: 1_048_576, cause: CLIENT }],
  'memory-removed': [{ type: 'memory-removed', memory: 'frames', cause: { by: 'library' } }],
  'message-dead': [
    { type: 'message-dead', queue: 'mail', id: 'k3f9a2-17', attempts: 5, reason: 'the lease expired' },
    { type: 'message-dead', queue: 'mail', id: 'k3f9a2-18', attempts: 1, reason: 'no' },
  ],
  'messages-dead': [
    { type: 'messages-dead', queues: ['mail'], count: 90 },
    { type: 'messages-dead', queues: ['mail', 'images'], count: 91 },
  ],
  'queue-paused': [{ type: 'queue-paused', queue: 'mail', cause: CLIENT }],
  'queue-resumed': [{ type: 'queue-resumed', queue: 'mail', cause: CLIENT }],
  'queue-removed': [{ type: 'queue-removed', queue: 'mail', cause: UNKNOWN_CLIENT }],
  'queue-drained': [
    { type: 'queue-drained', queue: 'mail', count: 1, cause: CLIENT },
    { type: 'queue-drained', queue: 'mail', count: 7, cause: UNKNOWN_CLIENT },
  ],
  'lock-abandoned': [
    { type: 'lock-abandoned', lock: 'deploy', pid: 4711, command: 'lock deploy -- make' },
    { type: 'lock-abandoned', lock: 'deploy' },
  ],
  'locks-abandoned': [{ type: 'locks-abandoned', locks: ['a', 'b'], count: 12 }],
  'store-remark': [{ type: 'store-remark', reason: 'queues are kept in memory only: no SQLite' }],
  'store-full': [{ type: 'store-full', reason: 'no room on the disk' }],
  'store-recovered': [{ type: 'store-recovered' }],
  scaled: [{ type: 'scaled', counts: { web: 2, worker: 0 }, cause: CLIENT }],
  reloaded: [
    { type: 'reloaded', added: [], removed: [], changed: [], cause: UNKNOWN_CLIENT },
    { type: 'reloaded', added: ['a.1', 'a.2'], removed: [], changed: ['b.1'], cause: CLIENT },
  ],
  closing: [
    { type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living },
    { type: 'closing', cause: { by: 'signal', signal: 'SIGINT' }, living: [] },
    { type: 'closing', cause: { by: 'signal', signal: 'SIGTERM' }, living },
    { type: 'closing', cause: { by: 'exit', name: 'c.1', exit: { by: 'code', code: 1 } }, living },
    { type: 'closing', cause: { by: 'exit', name: 'c.1', exit: { by: 'code', code: 1 } }, living: [] },
    { type: 'closing', cause: UNKNOWN_CLIENT, living },
    { type: 'closing', cause: CLIENT, living },
    { type: 'closing', cause: LIBRARY, living },
    { type: 'closing', cause: { by: 'reader-gone' }, living },
    { type: 'closing', cause: { by: 'lock-taken', pid: 99 }, living },
  ],
  interrupted: [
    { type: 'interrupted', living },
    { type: 'interrupted', living: six },
    { type: 'interrupted', living: six.slice(0, 5) },
  ],
  hurried: [{ type: 'hurried' }],
  'previous-ended': [previous, { ...previous, how: 'machine-restarted' }, { ...previous, leftovers: [7, 8] }],
  'strays-stopped': [{ type: 'strays-stopped', pids: [7, 8] }],
  'strays-left': [{ type: 'strays-left', pids: [7] }],
  'strays-unknown': [{ type: 'strays-unknown', reason: 'EMFILE' }],
  'lock-renewed': [{ type: 'lock-renewed' }],
  'directory-unsafe': [{ type: 'directory-unsafe', reason: "'/tmp/x' is a symbolic link" }],
  'control-unavailable': [{ type: 'control-unavailable', reason: 'no space' }],
  'output-stuck': [{ type: 'output-stuck', reason: 'ENOSPC' }],
  'logs-lost': [{ type: 'logs-lost', reason: 'ENOSPC' }],
  'logs-recovered': [{ type: 'logs-recovered', lostBytes: 2048 }],
  'pool-failed': [{ type: 'pool-failed', pool: 'resize', names: ['resize.1'], reason: 'no answer' }],
  'guardian-lost': [{ type: 'guardian-lost' }],
  'port-taken': [
    { type: 'port-taken', name: 'web.1', port: 5000, isAuto: false },
    { type: 'port-taken', name: 'web.1', port: 5000, pid: 7, command: 'node', isAuto: true },
    {
      ...{ type: 'port-taken', name: 'web.1', port: 5000, pid: 7, command: 'node', isAuto: false },
      owner: 'web.1 of ../other',
    },
  ],
  'socket-remark': [
    { type: 'socket-remark', name: 'web.1', socket: 'http', words: 'removed ./run/web.sock; bound it again' },
  ],
  'orphans-unreaped': [{ type: 'orphans-unreaped' }],
};

export const ALL_SAMPLES: readonly Event[] = Object.values(SAMPLES).flatMap((some): readonly Event[] => some);

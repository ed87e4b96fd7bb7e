/**
 * Every event in words. This is the only place for them: the lines of `system`, `events`, `why` and the `text` of the
 * JSON are made here.
 */
import { amountText, excessText, keptText } from '../core/limits/words.ts';
import { formatDuration } from '../text/duration.ts';
import type { Cause, ClientInfo, ClosingCause, Event, EventOf, EventType } from '../core/events.ts';
import { JUDGED, type Exit } from '../core/process/exit.ts';
import { formatSize } from '../text/size.ts';
import type { Awaited } from '../core/plan/process-plan.ts';
import { MOST_COUNTED } from '../core/schedule/schedule.ts';
import type { DecidingEvent } from '../core/why.ts';
import { localTime } from './event-line.ts';
import { exitText } from './exit-text.ts';

export function eventText(event: Event): string {
  const words = WORDS[event.type] as (event: Event) => string;
  return words(event);
}

/** The line of `system` for it. Undefined where it goes without saying among the output. */
export function systemLine(event: Event): string | undefined {
  return goesWithoutSaying(event) ? undefined : eventText(event);
}

/** A member without words does not compile. */
const WORDS: { readonly [Type in EventType]: (event: EventOf<Type>) => string } = {
  started: ({ name, pid }) => `${name} started (pid ${String(pid)})`,
  refused: ({ name, exit }) => `${name} cannot be started: ${reasonOf(exit)}`,
  exited: ({ name, exit }) => `${name} ${exitText(exit)}`,
  ready: ({ name, afterMs }) => `${name} is ready (after ${formatDuration(afterMs)})`,
  unready: ({ name, exit, isUnhealthy }) =>
    exit.by === 'refusal' && exit.error === JUDGED.overLimit
      ? `stopping ${name}, which is over its limit`
      : `${name}${isUnhealthy ? ' is not healthy' : ''}: ${reasonOf(exit)}; stopping it`,
  'not-ready-yet': ({ name, words }) => `${name} is not ready yet: ${words}`,
  unhealthy: ({ name, words }) => `${name} is unhealthy: ${words}`,
  'over-limit': ({ name, limit, used, max, lastedMs }) =>
    `${name}: ${excessText(limit, used, max, lastedMs)}`,
  'limit-kept': ({ name, limit, max, count }) => `${name} ${keptText(limit, max, count)}`,
  'out-of-memory': ({ name, isCertain }) =>
    `${name} was ${isCertain ? '' : 'probably '}killed by the kernel: out of memory`,
  'within-limit': ({ name, limit, used }) => `${name} is within its limits again: ${amountText(limit, used)}`,
  healthy: ({ name }) => `${name} is healthy again`,
  drawing: ({ name }) => `${name} draws on the whole screen; see it with 'procsup attach ${name}'`,
  'stdin-was-empty': ({ name }) => `${name} ended early, and its stdin was empty; --stdin open keeps it open`,
  'hook-failed': ({ name, hook, words }) => `${name}: ${hook} ${words}`,
  'awaits-change': ({ name }) => `${name} waits for a change of its files`,
  'watch-command': ({ command, names, cause }) =>
    `running '${command}' for ${namesText(names)}: ${changesText(cause)}`,
  'watch-failed': ({ name, command, words }) => `${name}: '${command}' ${words}`,
  'watch-loop': ({ names, files }) =>
    `not restarting ${namesText(names)} for changes of ${namesText(files)} any more: they seem to be its own; see 'ignore' of 'watch'`,
  'watch-limited': ({ directories, polled, remedy }) =>
    `the system cannot watch ${String(directories)} directories: ${String(polled)} are polled; ${remedy}`,
  'watch-unavailable': ({ reason }) => `cannot watch files: ${reason}`,
  'schedule-skipped': ({ name, due }) =>
    `${name} was scheduled for ${localTime(due)}, but is still running; skipping this time`,
  'schedule-queued': ({ name, due }) =>
    `${name} was scheduled for ${localTime(due)}, but is still running; it starts after that`,
  'schedule-missed': missedText,
  clearing: ({ name }) => `${name} left child processes running; stopping them`,
  daemonized: ({ name, program, pid }) =>
    `${name} made itself a daemon (${program}, pid ${String(pid)}), which is not supervised; ${foregroundRemedy(program)}`,
  killing: ({ name, asked }) => (asked ? `${name} has not stopped; killing it` : `killing ${name}`),
  rolling: ({ name, pid }) => `starting a new run of ${name} beside the old one (pid ${String(pid)})`,
  replaced: ({ name, pid, by }) =>
    `${name} is replaced by its new run (pid ${String(by)}); stopping the old one (pid ${String(pid)})`,
  'roll-failed': ({ name, pid, exit }) =>
    `the new run of ${name} ${exit === undefined ? 'failed' : exitText(exit)}; the old one${pid === null ? '' : ` (pid ${String(pid)})`} runs on`,
  restarting: ({ name, delayMs }) =>
    delayMs === 0 ? `${name} restarts at once` : `${name} restarts in ${formatDuration(delayMs)}`,
  'gave-up': ({ name, ...limit }) => `${name} failed after ${limitText(limit)}`,
  doomed: ({ name, exit }) => `${name} will not be started: ${reasonOf(exit)}`,
  waiting: ({ name, needs }) => `${name} waits for ${needsText(needs)}`,
  needed: ({ name, by: process }) => `starting ${name}, which ${process} needs`,
  followed: ({ name, need, how }) =>
    how === 'stop'
      ? `stopping ${name}, which needs ${need}`
      : `stopping ${name} until ${need}, which it needs, runs again`,
  unkillable: ({ name, pid }) => `${name} (pid ${String(pid)}) is still alive after SIGKILL; giving up on it`,
  'port-taken': portTakenText,
  'socket-remark': ({ name, words }) => `${name} ${words}`,

  requested: ({ verb, names, cause }) =>
    cause.by === 'start'
      ? `starting ${namesText(names)}`
      : cause.by === 'watch'
        ? `restarting ${namesText(names)}: ${changesText(cause)}`
        : cause.by === 'socket'
          ? `${verb === 'stop' ? 'stopp' : verb}ing ${namesText(names)}: ${cause.why}`
          : `${verb} requested: ${namesText(names)}${aside(cause)}`,
  signalled: ({ signal, names, cause }) =>
    cause.by === 'watch'
      ? `${signal} sent to ${namesText(names)}: ${changesText(cause)}`
      : `${signal} sent to ${namesText(names)} on request${aside(cause)}`,
  'pool-failed': ({ pool, reason }) =>
    `pool ${pool} failed: ${reason}; start it again with 'procsup start ${pool}'`,
  scaled: ({ counts, cause }) => `scaled: ${countsText(counts)}${aside(cause)}`,
  reloaded: ({ cause, ...difference }) =>
    `configuration reloaded: ${differenceText(difference)}${aside(cause)}`,

  'memory-created': ({ memory, bytes, cause }) =>
    `created shared memory '${memory}' of ${formatSize(bytes)}${aside(cause)}`,
  'memory-removed': ({ memory, cause }) => `removed shared memory '${memory}'${aside(cause)}`,

  'message-dead': ({ queue, id, attempts, reason }) =>
    `queue ${queue}: message ${id} failed after ${String(attempts)} attempt${attempts === 1 ? '' : 's'}: ${reason}`,
  'messages-dead': ({ queues, count }) =>
    `${String(count)} more messages failed in ${queues.length === 1 ? 'queue' : 'queues'} ${namesText(queues)}`,
  'queue-paused': ({ queue, cause }) => `queue ${queue} paused${aside(cause)}`,
  'queue-resumed': ({ queue, cause }) => `queue ${queue} resumed${aside(cause)}`,
  'queue-removed': ({ queue, cause }) => `queue ${queue} removed${aside(cause)}`,
  'queue-drained': ({ queue, count, cause }) =>
    `queue ${queue} drained: removed ${String(count)} message${count === 1 ? '' : 's'}${aside(cause)}`,
  'lock-abandoned': ({ lock, ...client }) =>
    `lock '${lock}' was abandoned: its holder${inBrackets(clientWords(client))} ended and had not released it`,
  'locks-abandoned': ({ locks, count }) => `${String(count)} more locks were abandoned: ${namesText(locks)}`,
  'store-remark': ({ reason }) => reason,
  'store-full': ({ reason }) => `cannot store messages: ${reason}; those that are stored can still be read`,
  'store-recovered': () => 'messages can be stored again',

  closing: ({ cause, living }) => closingText(cause, living),
  interrupted: ({ living }) => `waiting for ${namesText(living)}; Ctrl-C again kills`,
  hurried: () => 'killing everything',

  'previous-ended': previousEndText,
  'strays-stopped': ({ pids }) => `stopped stray processes: ${pidsText(pids)}`,
  'strays-left': ({ pids }) => `could not stop stray processes: ${pidsText(pids)}`,
  'strays-unknown': ({ reason }) =>
    `could not look for stray processes (${reason}); some may still be running`,
  'lock-renewed': () => 'the lock of the project had been removed; made it again',
  'directory-unsafe': ({ reason }) => reason,
  'control-unavailable': ({ reason }) => `not reachable from other terminals: ${reason}`,
  'output-stuck': ({ reason }) => `cannot write output: ${reason}; retrying`,
  'logs-lost': ({ reason }) =>
    `cannot write to the log files: ${reason === 'NOT_REGULAR' ? 'one of them is not a regular file' : reason}; the processes keep running`,
  'logs-recovered': ({ lostBytes }) => `writing to the log files again; ${formatSize(lostBytes)} were lost`,
  'guardian-lost': () =>
    'the guardian process is gone: if procsup is killed, its processes will keep running',
  'limits-unavailable': ({ reason }) => `cannot look at the limits of processes: ${reason}`,
  'limits-not-enforced': ({ reason }) => `cannot enforce limits, looking every second instead: ${reason}`,
  'schedules-unavailable': ({ reason }) => `cannot start scheduled processes: ${reason}`,
  'orphans-unreaped': () => UNREAPED_TEXT,
};

/** `db (ready), migrate (succeeded)`, `cap gpu (used by web.1)` */
export const needsText = (needs: readonly Awaited[]): string => needs.map(needText).join(', ');

function needText(need: Awaited): string {
  if ('process' in need) return `${need.process} (${need.until})`;
  return `cap ${need.cap}${need.usedBy.length === 0 ? '' : ` (used by ${need.usedBy.join(', ')})`}`;
}

function portTakenText({ name, port, pid, command, owner, isAuto }: EventOf<'port-taken'>): string {
  const process = [command, ...(pid === undefined ? [] : [`pid ${String(pid)}`])].filter(Boolean);
  const aside = process.length === 0 ? '' : `(${process.join(', ')})`;
  const who = owner ?? (pid === undefined ? 'a process of another user' : 'another process');
  const remedy = isAuto ? '' : "; 'procsup start -p auto' chooses free ports";
  return `${name}: its PORT ${String(port)} is in use by ${`${who} ${aside}`.trim()}${remedy}`;
}

export const UNREAPED_TEXT =
  "cannot reap orphaned processes, which stay zombies: koffi is not installed; use an init, as in 'docker run --init'";

function missedText({ name, first, last, count }: EventOf<'schedule-missed'>): string {
  const away = last === undefined ? '' : ' while procsup was not running';
  if (count === 1) return `${name} missed its scheduled start at ${localTime(first)}${away}`;
  const times = `${String(count)}${count === MOST_COUNTED ? ' or more' : ''}`;
  if (last !== undefined)
    return `${name} missed ${times} scheduled starts${away}, the last at ${localTime(last)}`;
  return `${name} missed ${times} scheduled starts, the first at ${localTime(first)}`;
}

/** `src/a.ts changed (and 3 more)` */
function changesText(cause: Cause): string {
  if (cause.by !== 'watch') return '';
  const [first = ''] = cause.files;
  const more = cause.count === 1 ? '' : ` (and ${String(cause.count - 1)} more)`;
  return `${first} changed${more}${cause.unsettled === true ? ', and files are still being written' : ''}`;
}

/** Other lines say it already: those of a larger change that it is part of, or of the processes. */
function goesWithoutSaying(event: Event): boolean {
  if (event.type === 'requested') return ['start', 'scale', 'reload'].includes(event.cause.by);
  if (event.type === 'ready') return event.isUsual;
  if (event.type !== 'closing') return false;
  const { cause, living } = event;
  return cause.by === 'reader-gone' || (cause.by === 'exit' && living.length === 0);
}

/** For `why`: what has decided the state of an instance, as the rest of a sentence about it. */
export function reasonText(event: DecidingEvent): string {
  switch (event.type) {
    case 'requested':
      if (event.cause.by === 'schedule') return `${event.verb}ed by its schedule`;
      if (event.cause.by === 'socket')
        return event.verb === 'stop' ? `stopped: ${event.cause.why}` : `started by ${event.cause.why}`;
      return event.cause.by === 'start'
        ? 'started with the supervisor'
        : `${event.verb} requested${by(event.cause)}`;
    case 'signalled':
      return `${event.signal} sent${by(event.cause)}`;
    case 'closing':
      return closingReason(event.cause);
    case 'restarting':
      return 'restarted by its policy';
    case 'gave-up':
      return `it failed after ${limitText(event)}`;
    case 'doomed':
      return `it was not started: ${reasonOf(event.exit)}`;
    case 'needed':
      return `started, because ${event.by} needs it`;
    case 'followed':
      return event.how === 'stop'
        ? `stopped with ${event.need}, which it needs`
        : `restarted with ${event.need}, which it needs`;
    case 'unkillable':
      return `it is still alive after SIGKILL (pid ${String(event.pid)})`;
  }
}

function closingText(cause: ClosingCause, living: readonly string[]): string {
  switch (cause.by) {
    case 'signal': {
      const hint = cause.signal === 'SIGINT' && living.length > 0 ? '; Ctrl-C again kills' : '';
      return `${cause.signal}: stopping${hint}`;
    }
    case 'exit':
      return `${cause.name} has ended${living.length === 0 ? '' : `; stopping ${namesText(living)}`}`;
    case 'request':
    case 'library':
      return `down requested: stopping${aside(cause)}`;
    case 'lock-taken':
      return `another supervisor (pid ${String(cause.pid)}) runs this project: stopping`;
    case 'reader-gone':
      return 'the output is not read any more: stopping';
  }
}

function closingReason(cause: ClosingCause): string {
  switch (cause.by) {
    case 'signal':
      return `the supervisor received ${cause.signal}`;
    case 'exit':
      return `${cause.name} ended, and the others with it`;
    case 'request':
    case 'library':
      return `down requested${by(cause)}`;
    case 'lock-taken':
      return `another supervisor (pid ${String(cause.pid)}) had taken over the project`;
    case 'reader-gone':
      return 'the output was not read any more';
  }
}

/** ` (by \`procsup stop web\`, pid 4711)`; nothing where it is not known. */
function aside(cause: Cause): string {
  return inBrackets(causeWords(cause), 'by ');
}

const inBrackets = (words: readonly string[], before = ''): string =>
  words.length === 0 ? '' : ` (${before}${words.join(', ')})`;

/** ` by \`procsup stop web\` (pid 4711)`; nothing where it is not known. */
function by(cause: Cause): string {
  if (cause.by === 'watch') return `, because ${changesText(cause)}`;
  const [what, ...details] = causeWords(cause);
  if (what === undefined) return '';
  return details.length === 0 ? ` by ${what}` : ` by ${what} (${details.join(', ')})`;
}

/** What caused it, then details of that. */
function causeWords(cause: Cause): readonly string[] {
  switch (cause.by) {
    case 'request':
      return clientWords(cause.client);
    case 'library':
      return ['a call of the library'];
    case 'scale':
    case 'reload':
      return [`a ${cause.by}`, ...causeWords(cause.asker)];
    case 'start':
      return ['the start of the supervisor'];
    case 'policy':
      return ['its restart policy'];
    case 'socket':
      return [cause.why];
    case 'pool':
      return [`its pool: ${cause.why}`];
    case 'schedule':
      return ['its schedule'];
    case 'watch':
      return [changesText(cause)];
    case 'signal':
      return [`${cause.signal} sent to the supervisor`];
    case 'exit':
      return [`the end of ${cause.name}`];
    case 'lock-taken':
      return [`another supervisor (pid ${String(cause.pid)})`];
    case 'reader-gone':
      return ['the end of the output'];
  }
}

function clientWords({ command, pid }: ClientInfo = {}): readonly string[] {
  return [
    ...(command === undefined ? [] : [`\`${command}\``]),
    ...(pid === undefined ? [] : [`pid ${String(pid)}`]),
  ];
}

/** What the supervisor before this one has left, and what was done about it. */
function previousEndText({ pid, since, how, leftovers }: EventOf<'previous-ended'>): string {
  const ended = how === 'killed' ? 'was killed' : 'ended when the machine was restarted';
  const cleared =
    leftovers.length === 0
      ? 'none of its processes were left'
      : `stopped its remaining processes: ${pidsText(leftovers)}`;
  return `the previous supervisor (pid ${String(pid)}, started ${localTime(since)}) ${ended}; ${cleared}`;
}

function differenceText({ added, removed, changed }: Omit<EventOf<'reloaded'>, 'cause'>): string {
  const parts = [
    ['added', added],
    ['removed', removed],
    ['changed', changed],
  ] as const;
  const told = parts
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${namesText(names)}`);
  return told.length === 0 ? 'no changes' : told.join('; ');
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([process, count]) => `${process}=${String(count)}`)
    .join(' ');
}

function limitText({ restarts, withinMs }: Pick<EventOf<'gave-up'>, 'restarts' | 'withinMs'>): string {
  return `${String(restarts)} restart${restarts === 1 ? '' : 's'} within ${formatDuration(withinMs)}`;
}

const pidsText = (pids: readonly number[]): string => `pid ${pids.join(', ')}`;

/** How those that make themselves daemons by default, or often, are run in the foreground. */
const IN_FOREGROUND: readonly (readonly [program: RegExp, command: string])[] = [
  [/^nginx$/, "nginx -g 'daemon off;'"],
  [/^redis-server$/, 'redis-server --daemonize no'],
  [/^valkey-server$/, 'valkey-server --daemonize no'],
  [/^(apache2|httpd)$/, 'httpd -D FOREGROUND'],
  [/^php-fpm/, 'php-fpm -F'],
];

function foregroundRemedy(program: string): string {
  const command = IN_FOREGROUND.find(([pattern]) => pattern.test(program))?.[1];
  return `run it in the foreground${command === undefined ? '' : `: ${command}`}`;
}

const MOST_NAMES = 5;

export function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'no process';
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${String(names.length - MOST_NAMES + 1)} more`;
}

/** Why it cannot be started. */
function reasonOf(exit: Exit): string {
  return exit.by === 'refusal' ? exit.message : exitText(exit);
}

/** Readiness and health with one rule broken on purpose. */
import type { Mutant } from './load-mutant.ts';

const readiness = 'check/readiness.ts';
const listening = 'check/listening.ts';
const health = 'check/health.ts';
const runtime = '../runtime/checks.ts';

export const PROBE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a check is asked twice at a time',
    file: readiness,
    original: 'progress.holds || progress.isAsked',
    broken: 'progress.holds',
  },
  {
    name: 'a check that has held is asked again',
    file: readiness,
    original: 'progress.holds || progress.isAsked',
    broken: 'progress.isAsked',
  },
  {
    name: 'a check that was answered with no is not asked again',
    file: readiness,
    original: "effects: [{ type: 'set-timer', timer: key, ms }] };",
    broken: 'effects: ms < 0 ? [] : [] };',
  },
  {
    name: 'checks are asked more and more rarely',
    file: readiness,
    original: 'const LAST_MS = 1000;',
    broken: 'const LAST_MS = 20_000;',
  },
  {
    name: 'an answer from before a change counts',
    file: readiness,
    original: 'isOutdated ? 0 : ',
    broken: '',
  },
  {
    name: 'a program is asked again for what it says by itself',
    file: readiness,
    original: 'check === undefined || !isAskedAgain(check)) return { state: next, effects: [] };',
    broken: 'check === undefined) return { state: next, effects: [] };',
  },
  {
    name: 'a newline at a descriptor is waited for too late',
    file: readiness,
    original: "kind === 'http' || kind === 'exec'",
    broken: "kind === 'http' || kind === 'exec' || kind === 'fd'",
  },
  {
    name: 'a message without READY=1 makes it ready',
    file: readiness,
    original: "if (answer.is === 'yes') return held(spec, state, key);",
    broken:
      "if (answer.is === 'yes' || (answer.is === 'no' && check.kind === 'notify')) return held(spec, state, key);",
  },
  {
    name: 'a command is run for each new socket',
    file: readiness,
    original: " || check.kind === 'exec') continue;",
    broken: ') continue;',
  },
  {
    name: 'one check of several makes it ready',
    file: readiness,
    original: 'state.progress.every(',
    broken: 'state.progress.some(',
  },
  {
    name: 'what nothing makes ready is ready',
    file: readiness,
    original: 'spec.checks !== null && state.progress.every',
    broken: 'state.progress.every',
  },
  {
    name: 'questions go on after a failure',
    file: readiness,
    original: "effects: [{ type: 'end' }, verdictOf]",
    broken: 'effects: [verdictOf]',
  },
  {
    name: 'nobody is told that it is not ready in time',
    file: readiness,
    original: "if (withinMs !== undefined) effects.push({ type: 'set-timer', timer: 'within'",
    broken: "if (withinMs === 0) effects.push({ type: 'set-timer', timer: 'within'",
  },
  {
    name: 'nobody is told what is missing',
    file: readiness,
    original: 'export const LONG_MS = 30_000;',
    broken: 'export const LONG_MS = 300_000;',
  },
  {
    name: 'its output is not searched for a failure',
    file: readiness,
    original: 'if (failLog !== undefined)\n',
    broken: 'if (failLog === spec)\n',
  },
  {
    name: 'a socket counts at once',
    file: listening,
    original: 'export const SETTLED_MS = 250;',
    broken: 'export const SETTLED_MS = 0;',
  },
  {
    name: 'sockets of one run are taken for each other',
    file: listening,
    original: '[inode, before.get(inode) ?? nowMs]',
    broken: '[inode, [...before.values()][0] ?? nowMs]',
  },
  {
    name: 'a port that the kernel has chosen counts',
    file: listening,
    original: '!isWithin(port, ephemeral) && ',
    broken: '',
  },
  {
    name: 'a debugger counts',
    file: listening,
    original: ' && !isWithin(port, INSPECTOR)',
    broken: '',
  },
  {
    name: 'each failure is told once it is unhealthy',
    file: health,
    original: '!state.isUnhealthy && failed >= spec.failures',
    broken: 'failed >= spec.failures',
  },
  {
    name: 'failures count that are not in a row',
    file: health,
    original: '{ ...state, failed: 0, isUnhealthy: false }',
    broken: '{ ...state, isUnhealthy: false }',
  },
  {
    name: 'it never gets healthy again',
    file: health,
    original: "state.isUnhealthy ? [{ type: 'healthy' }, timer] : [timer]",
    broken: '[timer]',
  },
  {
    name: 'the words of the last failure in a round are told',
    file: health,
    original: 'state.failure ?? failureOf(spec, check, answer)',
    broken: 'failureOf(spec, check, answer) ?? state.failure',
  },
  {
    name: 'a round ends with its first answer',
    file: health,
    original: 'awaited.length > 0 ? { state: next',
    broken: 'awaited.length > 99 ? { state: next',
  },
  {
    name: 'a failure of the round before counts',
    file: health,
    original: 'awaited: asked.map(([key]) => key), failure: null',
    broken: 'awaited: asked.map(([key]) => key)',
  },
  {
    name: 'what is said once is asked again',
    file: health,
    original: '.filter(([, check]) => isAskedAgain(check))',
    broken: '',
  },
  {
    name: 'a system that does not tell its sockets is a failure',
    file: health,
    original: 'if (answer.sockets === null) return null;',
    broken: 'if (answer.sockets === null) return missingWords(check);',
  },
  {
    name: 'a process is asked whether it is well before it is ready',
    file: runtime,
    original: 'if (spec.checks === null) beginHealthBeside();',
    broken: 'beginHealthBeside();',
  },
  {
    name: 'a process that is ready is not asked whether it is well',
    file: runtime,
    original: "        case 'ready':\n          beginHealth();",
    broken: "        case 'ready':\n          phase.end();",
  },
  {
    name: 'the check of a run is stopped by an event of another one',
    file: runtime,
    original: 'checkings.get(key)?.stop();\n      checkings.delete(key);',
    broken: 'for (const one of checkings.values()) if (one.name === name) one.stop();',
  },
  {
    name: 'what is not checked any more is asked on',
    file: runtime,
    original: 'checkings.get(key)?.stop();\n      checkings.delete(key);',
    broken: 'checkings.delete(key);',
  },
  {
    name: 'a process that is not well is restarted, whatever is said',
    file: runtime,
    original: "if (health.action === 'restart') on.unready",
    broken: "if (health.action !== 'warn' || effect.words !== '') on.unready",
  },
  {
    name: 'a web process is ready when it has lived for a while',
    file: 'check/usual.ts',
    original: "name === 'web' || ",
    broken: '',
  },
];

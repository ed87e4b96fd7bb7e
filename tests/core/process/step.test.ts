/** One process as a table: in which phase, what happens, what becomes of it, and what it asks for. */
import { describe, expect, test } from 'vitest';
import type { Exit } from '../../../src/core/process/exit.ts';
import { stepProcess } from '../../../src/core/process/step.ts';
import {
  isAlive,
  NEW_PROCESS,
  type Phase,
  type ProcessEffect,
  type ProcessEvent,
  type ProcessSpec,
  type ProcessState,
  type Want,
} from '../../../src/core/process/state.ts';
import { RESTART_DEFAULTS, type RestartPolicy } from '../../../src/core/process/restart-policy.ts';
import { stopLadder } from '../../../src/core/process/stop-ladder.ts';

const ok: Exit = { by: 'code', code: 0 };
const failed: Exit = { by: 'code', code: 1 };
const notReady: Exit = { by: 'refusal', error: 'ENOTREADY', message: 'not ready within 30s' };
const refusal: Exit = { by: 'refusal', error: 'EAGAIN', message: 'no more' };

const PHASES = {
  idle: { name: 'idle' },
  starting: { name: 'starting' },
  'before its start': { name: 'starting', isHooked: true },
  'called off': { name: 'starting', isHooked: true, isCalledOff: true },
  running: { name: 'running', pid: 7, since: 0, ready: true },
  stopping: { name: 'stopping', pid: 7, since: 0, rung: 0 },
  killing: { name: 'stopping', pid: 7, since: 0, rung: 1 },
  unready: { name: 'running', pid: 7, since: 0, ready: false, checked: true },
  checked: { name: 'running', pid: 7, since: 0, ready: true, checked: true },
  judged: { name: 'stopping', pid: 7, since: 0, rung: 0, verdict: { exit: notReady, isUnhealthy: false } },
  unhealthy: { name: 'stopping', pid: 7, since: 0, rung: 0, verdict: { exit: notReady, isUnhealthy: true } },
  hooked: { name: 'stopping', pid: 7, since: 0, rung: 0, hooked: true },
  clearing: { name: 'clearing', pid: 7, rung: 0, exit: failed, ranMs: 10, asked: false },
  ending: { name: 'ending', exit: failed, ranMs: 10, asked: false },
  stopped: { name: 'ending', exit: failed, ranMs: 10, asked: true },
  backoff: { name: 'backoff', exit: failed },
  exited: { name: 'exited', exit: failed },
  failed: { name: 'failed', why: 'gave-up', exit: failed },
  outliving: { name: 'clearing', pid: 7, rung: 1, exit: failed, ranMs: 10, asked: true },
  unkillable: { name: 'failed', why: 'unkillable', exit: refusal, pid: 7 },
} as const satisfies Record<string, Phase>;

const RUN = 3;
const TIMER = 5;

const EVENTS = {
  up: { type: 'want', want: 'up' },
  drain: { type: 'want', want: 'drain' },
  wait: { type: 'want', want: 'wait', ms: 70 },
  finish: { type: 'want', want: 'finish', ms: 80 },
  'wait no more': { type: 'want', want: 'wait', ms: 0 },
  down: { type: 'want', want: 'down' },
  interrupt: { type: 'want', want: 'down', signal: 'SIGINT' },
  renew: { type: 'renew' },
  'less time': { type: 'grace', ms: 40 },
  'no time': { type: 'grace', ms: 0 },
  forget: { type: 'forget' },
  hurry: { type: 'hurry' },
  doom: { type: 'doom', exit: refusal },
  spawned: { type: 'spawned', run: RUN, pid: 7 },
  refused: { type: 'refused', run: RUN, exit: refusal },
  ready: { type: 'ready', run: RUN },
  late: { type: 'unready', run: RUN, exit: notReady, isUnhealthy: false },
  sick: { type: 'unready', run: RUN, exit: notReady, isUnhealthy: true },
  success: { type: 'exited', run: RUN, exit: ok, survivors: false },
  failure: { type: 'exited', run: RUN, exit: failed, survivors: false },
  leaving: { type: 'exited', run: RUN, exit: failed, survivors: true },
  cleared: { type: 'cleared', run: RUN },
  'hooks over': { type: 'stop-hooks-over', run: RUN },
  timer: { type: 'timer', timer: TIMER },
} as const satisfies Record<string, ProcessEvent>;

interface Given {
  readonly mode?: RestartPolicy['mode'];
  readonly delayMs?: number;
  readonly restarts?: number;
  readonly lastExit?: Exit;
  readonly stdinIsEmpty?: boolean;
  readonly readiness?: ProcessSpec['readiness'];
  readonly stopTarget?: ProcessSpec['stopTarget'];
  readonly hooks?: ProcessSpec['hooks'];
  /** Time for its stop, as requested. */
  readonly graceMs?: number;
  /** The program has run since 0. */
  readonly now?: number;
}

function step(phase: keyof typeof PHASES, want: Want, event: ProcessEvent, given: Given = {}) {
  const { mode = 'on-failure', delayMs = 500, restarts = 0, lastExit = null, now = 100 } = given;
  const spec: ProcessSpec = {
    restart: { ...RESTART_DEFAULTS, mode, delayMs },
    ladder: stopLadder('SIGTERM', 5000),
    readiness: given.readiness ?? 'started',
    stdinIsEmpty: given.stdinIsEmpty ?? false,
    ...(given.stopTarget && { stopTarget: given.stopTarget }),
    ...(given.hooks && { hooks: given.hooks }),
  };
  const past = { run: RUN, timer: TIMER, restarts, lastExit, graceMs: given.graceMs ?? null };
  const state: ProcessState = { ...NEW_PROCESS, want, phase: PHASES[phase], ...past };
  const { state: next, effects } = stepProcess(spec, state, event, { now, random: 0 });
  return { next, becomes: phaseText(next.phase), asks: effects.map(effectText).join(', ') };
}

function phaseText(phase: Phase): string {
  if ('hooked' in phase) return `${phase.name} ${phase.rung}, hooked`;
  if ('rung' in phase) return `${phase.name} ${phase.rung}`;
  if ('isCalledOff' in phase) return `${phase.name}, called off`;
  return phase.name === 'failed' ? `failed: ${phase.why}` : phase.name;
}

function effectText(effect: ProcessEffect): string {
  switch (effect.type) {
    case 'spawn':
      return `spawn ${effect.run}`;
    case 'signal':
      return effect.reach === 'group' ? effect.signal : `${effect.signal} to ${effect.reach}`;
    case 'set-timer':
      return `timer ${effect.timer} in ${effect.ms}`;
    case 'watch-survivors':
    case 'cancel-timer':
      return effect.type;
    case 'run-stop-hooks':
    case 'end-hooks':
      return `${effect.type} in ${effect.ms}`;
    case 'run-end-hooks':
    case 'start-check':
    case 'stop-check':
      return `${effect.type} ${effect.run}`;
    case 'record':
      return `say ${effect.event.type}${isUnasked(effect.event) ? ' unasked' : ''}`;
  }
}

const isUnasked = (event: { readonly type: string; readonly asked?: boolean }): boolean =>
  event.type === 'killing' && event.asked === false;

type Row = readonly [keyof typeof PHASES, Want, keyof typeof EVENTS, string, string, Given?];

const PROBED: Given = { readiness: 'probed' };
const EMPTY: Given = { stdinIsEmpty: true };
const MAIN: Given = { stopTarget: 'main' };
const AT_START: Given = { hooks: { start: true, stop: false, end: false } };
const AT_STOP: Given = { hooks: { start: false, stop: true, end: true } };
const TERM = 'SIGTERM, SIGCONT, timer 6 in 5000';
const KILL = 'say killing, SIGKILL, timer 6 in 1000';
const KILL_UNASKED = KILL.replace('killing', 'killing unasked');

describe.each<readonly [string, readonly Row[]]>([
  [
    'what is wanted',
    [
      ['idle', 'down', 'up', 'starting', 'spawn 4'],
      ['idle', 'up', 'down', 'idle', ''],
      ['running', 'up', 'down', 'stopping 0', TERM],
      ['running', 'up', 'interrupt', 'stopping 0', 'SIGINT, SIGCONT, timer 6 in 5000'],
      ['running', 'up', 'drain', 'running', ''],
      ['running', 'drain', 'down', 'stopping 0', TERM],
      ['backoff', 'up', 'down', 'idle', 'cancel-timer'],
      ['backoff', 'up', 'drain', 'exited', 'cancel-timer'],
      ['starting', 'up', 'down', 'starting', ''],
      ['stopping', 'down', 'up', 'stopping 0', ''],
      ['exited', 'up', 'down', 'exited', ''],
      ['failed', 'up', 'up', 'failed: gave-up', ''],
    ],
  ],
  [
    'a time to stop that was requested',
    [
      ['running', 'up', 'down', 'stopping 0', 'SIGTERM, SIGCONT, timer 6 in 40', { graceMs: 40 }],
      ['running', 'up', 'renew', 'stopping 0', 'SIGTERM, SIGCONT, timer 6 in 40', { graceMs: 40 }],
      ['running', 'up', 'down', 'stopping 1', KILL_UNASKED, { graceMs: 0 }],
      ['stopping', 'down', 'timer', 'stopping 1', KILL, { graceMs: 40 }],
      ['stopping', 'down', 'less time', 'stopping 0', 'timer 6 in 40'],
      ['stopping', 'down', 'no time', 'stopping 0', 'timer 6 in 0'],
      ['clearing', 'down', 'less time', 'clearing 0', 'timer 6 in 40'],
      ['killing', 'down', 'no time', 'stopping 1', ''],
      ['running', 'up', 'less time', 'running', ''],
      ['idle', 'down', 'less time', 'idle', ''],
    ],
  ],
  [
    'a wait for others that are stopped first',
    [
      ['running', 'up', 'wait', 'running', 'timer 6 in 70'],
      ['running', 'up', 'wait no more', 'stopping 0', TERM],
      ['running', 'wait', 'timer', 'stopping 0', TERM],
      ['running', 'wait', 'up', 'running', 'cancel-timer'],
      ['running', 'wait', 'drain', 'running', 'cancel-timer'],
      ['running', 'wait', 'finish', 'running', 'cancel-timer, timer 7 in 80'],
      ['running', 'wait', 'down', 'stopping 0', 'cancel-timer, SIGTERM, SIGCONT, timer 7 in 5000'],
      ['running', 'wait', 'hurry', 'stopping 1', KILL_UNASKED],
      ['running', 'wait', 'renew', 'stopping 0', TERM],
      ['running', 'wait', 'failure', 'exited', 'say exited, cancel-timer', { mode: 'always' }],
      ['starting', 'wait', 'spawned', 'running', 'say started, timer 6 in 5000'],
    ],
  ],
  [
    'a start',
    [
      ['starting', 'up', 'spawned', 'running', 'say started'],
      ['starting', 'down', 'spawned', 'stopping 0', `say started, ${TERM}`],
      ['starting', 'drain', 'spawned', 'running', 'say started'],
      ['starting', 'up', 'refused', 'backoff', 'say refused, say restarting, timer 6 in 500'],
      ['starting', 'up', 'refused', 'failed: refused', 'say refused', { mode: 'never' }],
      ['starting', 'down', 'refused', 'idle', 'say refused'],
    ],
  ],
  [
    'a run that is asked whether it is ready: as long as it runs',
    [
      ['starting', 'up', 'spawned', 'running', 'say started, start-check 3', PROBED],
      ['starting', 'down', 'spawned', 'stopping 0', `say started, ${TERM}`, PROBED],
      ['starting', 'up', 'spawned', 'running', 'say started', { readiness: 'ended' }],
      ['unready', 'up', 'ready', 'running', 'say ready', PROBED],
      ['checked', 'up', 'ready', 'running', ''],
      ['stopping', 'up', 'ready', 'stopping 0', ''],
      ['checked', 'up', 'down', 'stopping 0', `${TERM}, stop-check 3`],
      ['checked', 'up', 'success', 'exited', 'say exited, stop-check 3'],
      ['checked', 'up', 'drain', 'running', ''],
      ['checked', 'up', 'hurry', 'stopping 1', `${KILL_UNASKED}, stop-check 3`],
    ],
  ],
  [
    'a run that is not ready in time, or not healthy: it is stopped, and counts as failed',
    [
      ['unready', 'up', 'late', 'stopping 0', `say unready, ${TERM}, stop-check 3`],
      ['checked', 'up', 'sick', 'stopping 0', `say unready, ${TERM}, stop-check 3`],
      ['checked', 'drain', 'sick', 'running', ''],
      ['stopping', 'down', 'late', 'stopping 0', ''],
      ['judged', 'up', 'success', 'backoff', 'say exited, cancel-timer, say restarting, timer 6 in 500'],
      ['judged', 'up', 'success', 'failed: refused', 'say exited, cancel-timer', { mode: 'never' }],
      [
        ...(['unhealthy', 'up', 'success', 'backoff'] as const),
        'say exited, cancel-timer, say restarting, timer 6 in 500',
        { mode: 'never' },
      ],
      ['judged', 'up', 'timer', 'stopping 1', KILL],
      ['judged', 'drain', 'success', 'exited', 'say exited, cancel-timer'],
    ],
  ],
  [
    'an end by itself',
    [
      ['running', 'up', 'success', 'exited', 'say exited'],
      ['running', 'up', 'failure', 'backoff', 'say exited, say restarting, timer 6 in 500'],
      ['running', 'up', 'failure', 'starting', 'say exited, say restarting, spawn 4', { delayMs: 0 }],
      [
        'running',
        'up',
        'success',
        'backoff',
        'say exited, say restarting, timer 6 in 500',
        { mode: 'always' },
      ],
      ['running', 'drain', 'failure', 'exited', 'say exited'],
      ['backoff', 'up', 'timer', 'starting', 'spawn 4'],
    ],
  ],
  [
    'an end that an empty stdin may explain: a success within two seconds',
    [
      ['running', 'up', 'success', 'exited', 'say exited, say stdin-was-empty', EMPTY],
      ['running', 'up', 'success', 'exited', 'say exited, say stdin-was-empty', { ...EMPTY, now: 1999 }],
      ['running', 'up', 'success', 'exited', 'say exited', { ...EMPTY, now: 2000 }],
      ['running', 'up', 'success', 'exited', 'say exited', { stdinIsEmpty: false }],
      ['running', 'drain', 'failure', 'exited', 'say exited', EMPTY],
      ['stopping', 'down', 'success', 'idle', 'say exited, cancel-timer', EMPTY],
    ],
  ],
  [
    'an end on request',
    [
      ['stopping', 'down', 'success', 'idle', 'say exited, cancel-timer'],
      ['stopping', 'up', 'failure', 'starting', 'say exited, cancel-timer, spawn 4'],
      ['stopping', 'drain', 'failure', 'exited', 'say exited, cancel-timer'],
      ['stopping', 'down', 'timer', 'stopping 1', KILL],
      ['killing', 'down', 'timer', 'failed: unkillable', 'say unkillable'],
    ],
  ],
  [
    'an end that leaves something behind',
    [
      [
        ...(['running', 'up', 'leaving', 'clearing 0'] as const),
        'say exited, say clearing, SIGTERM to all, SIGCONT, timer 6 in 5000, watch-survivors',
      ],
      ['clearing', 'up', 'cleared', 'backoff', 'cancel-timer, say restarting, timer 6 in 500'],
      ['clearing', 'down', 'cleared', 'exited', 'cancel-timer'],
      ['clearing', 'down', 'timer', 'clearing 1', 'say killing, SIGKILL to all, timer 6 in 1000'],
    ],
  ],
  [
    'what lives on after SIGKILL: no other run beside it, and none by itself when it has ended after all',
    [
      ['outliving', 'up', 'timer', 'failed: unkillable', 'say unkillable'],
      ['unkillable', 'down', 'forget', 'failed: unkillable', ''],
      ['unkillable', 'down', 'renew', 'failed: unkillable', ''],
      ['unkillable', 'down', 'up', 'failed: unkillable', ''],
      ['unkillable', 'down', 'failure', 'idle', 'say exited'],
      ['unkillable', 'up', 'failure', 'exited', 'say exited', { mode: 'always' }],
      ['unkillable', 'down', 'leaving', 'failed: unkillable', 'say exited, watch-survivors'],
      ['unkillable', 'down', 'cleared', 'idle', ''],
      ['unkillable', 'up', 'cleared', 'exited', '', { mode: 'always' }],
    ],
  ],
  [
    'a renewal',
    [
      ['running', 'up', 'renew', 'stopping 0', TERM],
      ['backoff', 'up', 'renew', 'starting', 'cancel-timer, spawn 4'],
      ['failed', 'up', 'renew', 'starting', 'spawn 4'],
      ['exited', 'up', 'renew', 'starting', 'spawn 4'],
      ['idle', 'down', 'renew', 'starting', 'spawn 4'],
      ['stopping', 'down', 'renew', 'stopping 0', ''],
    ],
  ],
  [
    'haste',
    [
      ['running', 'up', 'hurry', 'stopping 1', KILL_UNASKED],
      ['stopping', 'down', 'hurry', 'stopping 1', KILL],
      ['killing', 'down', 'hurry', 'stopping 1', ''],
      ['clearing', 'down', 'hurry', 'clearing 1', 'say killing, SIGKILL to all, timer 6 in 1000'],
      ['backoff', 'up', 'hurry', 'idle', 'cancel-timer'],
      ['starting', 'up', 'hurry', 'starting', ''],
    ],
  ],
  [
    'a stop of the first process only: all hear what kills, and the rest when it has ended',
    [
      ['running', 'up', 'down', 'stopping 0', 'SIGTERM to main, SIGCONT to main, timer 6 in 5000', MAIN],
      ['running', 'up', 'interrupt', 'stopping 0', 'SIGINT to main, SIGCONT to main, timer 6 in 5000', MAIN],
      ['running', 'up', 'down', 'stopping 1', KILL_UNASKED, { ...MAIN, graceMs: 0 }],
      ['stopping', 'down', 'timer', 'stopping 1', KILL, MAIN],
      ['stopping', 'down', 'hurry', 'stopping 1', KILL, MAIN],
      [
        ...(['stopping', 'down', 'leaving', 'clearing 0'] as const),
        'say exited, SIGTERM to rest, watch-survivors',
        MAIN,
      ],
      [
        ...(['running', 'up', 'leaving', 'clearing 0'] as const),
        'say exited, say clearing, SIGTERM to all, SIGCONT, timer 6 in 5000, watch-survivors',
        MAIN,
      ],
    ],
  ],
  [
    'hooks before the start: a stop ends them, and the program is not started',
    [
      ['before its start', 'up', 'down', 'starting, called off', 'end-hooks in 5000', AT_START],
      ['before its start', 'up', 'hurry', 'starting, called off', 'end-hooks in 0', AT_START],
      // Its spec has lost them since, or has got some.
      ['before its start', 'up', 'down', 'starting, called off', 'end-hooks in 5000', {}],
      ['starting', 'up', 'down', 'starting', '', AT_START],
      ['before its start', 'up', 'drain', 'starting', '', AT_START],
      ['called off', 'up', 'down', 'starting, called off', '', AT_START],
      ['called off', 'down', 'hurry', 'starting, called off', 'end-hooks in 0', AT_START],
      ['called off', 'down', 'refused', 'idle', '', AT_START],
      ['called off', 'up', 'refused', 'starting', 'spawn 4', { ...AT_START, mode: 'never' }],
      ['called off', 'down', 'spawned', 'stopping 0', `say started, ${TERM}`, AT_START],
      ['starting', 'up', 'refused', 'backoff', 'say refused, say restarting, timer 6 in 500', AT_START],
      ['starting', 'up', 'refused', 'failed: refused', 'say refused', { ...AT_START, mode: 'never' }],
    ],
  ],
  [
    'hooks before the first signal: they take of the time of the stop, and the signal follows them',
    [
      ['running', 'up', 'down', 'stopping 0, hooked', 'run-stop-hooks in 5000, timer 6 in 5000', AT_STOP],
      ['running', 'up', 'renew', 'stopping 0, hooked', 'run-stop-hooks in 5000, timer 6 in 5000', AT_STOP],
      ['running', 'up', 'down', 'stopping 1', KILL_UNASKED, { ...AT_STOP, graceMs: 0 }],
      ['running', 'up', 'hurry', 'stopping 1', KILL_UNASKED, AT_STOP],
      ['hooked', 'down', 'hooks over', 'stopping 0', 'SIGTERM, SIGCONT', AT_STOP],
      ['hooked', 'up', 'down', 'stopping 0, hooked', '', AT_STOP],
      ['hooked', 'down', 'down', 'stopping 0', 'end-hooks in 1000, SIGTERM, SIGCONT', AT_STOP],
      ['hooked', 'up', 'renew', 'stopping 0', 'end-hooks in 1000, SIGTERM, SIGCONT', AT_STOP],
      ['hooked', 'down', 'less time', 'stopping 0, hooked', 'timer 6 in 40', AT_STOP],
      [
        ...(['hooked', 'down', 'timer', 'stopping 1'] as const),
        'say killing, end-hooks in 0, SIGKILL, timer 6 in 1000',
        AT_STOP,
      ],
      [
        ...(['hooked', 'down', 'hurry', 'stopping 1'] as const),
        'say killing, end-hooks in 0, SIGKILL, timer 6 in 1000',
        AT_STOP,
      ],
      ['hooked', 'down', 'success', 'ending', 'say exited, cancel-timer, run-end-hooks 3', AT_STOP],
      [
        ...(['hooked', 'down', 'leaving', 'clearing 0'] as const),
        'say exited, SIGTERM to rest, watch-survivors',
        AT_STOP,
      ],
      ['stopping', 'down', 'hooks over', 'stopping 0', '', AT_STOP],
      ['running', 'up', 'hooks over', 'running', '', AT_STOP],
    ],
  ],
  [
    'hooks after the end: what follows waits for them',
    [
      ['running', 'up', 'failure', 'ending', 'say exited, run-end-hooks 3', AT_STOP],
      ['stopping', 'down', 'success', 'ending', 'say exited, cancel-timer, run-end-hooks 3', AT_STOP],
      ['clearing', 'up', 'cleared', 'ending', 'cancel-timer, run-end-hooks 3', AT_STOP],
      ['ending', 'up', 'cleared', 'backoff', 'say restarting, timer 6 in 500', AT_STOP],
      ['ending', 'down', 'cleared', 'exited', '', AT_STOP],
      ['stopped', 'down', 'cleared', 'idle', '', AT_STOP],
      ['stopped', 'up', 'cleared', 'starting', 'spawn 4', AT_STOP],
      ['ending', 'up', 'renew', 'ending', '', AT_STOP],
      ['ending', 'up', 'down', 'ending', '', AT_STOP],
      ['ending', 'down', 'less time', 'ending', '', AT_STOP],
      ['ending', 'down', 'hurry', 'ending', 'end-hooks in 0', AT_STOP],
    ],
  ],
  [
    'being forgotten, being doomed',
    [
      ['exited', 'up', 'forget', 'idle', ''],
      ['failed', 'up', 'forget', 'idle', ''],
      ['running', 'up', 'forget', 'running', ''],
      ['idle', 'down', 'doom', 'failed: unmet-need', 'say doomed'],
      ['running', 'up', 'doom', 'running', ''],
    ],
  ],
])('%s', (_what, rows) => {
  for (const [phase, want, event, becomes, asks, given] of rows) {
    test(`${phase}, wanted ${want}: ${event} -> ${becomes}`, () => {
      const seen = step(phase, want, EVENTS[event], given);
      expect({ becomes: seen.becomes, asks: seen.asks }).toEqual({ becomes, asks });
    });
  }
});

// What survives may have left the group, and so never have heard what the group was told.
test.each([
  ['stopping', 'clearing 0', 'SIGTERM to rest'],
  ['killing', 'clearing 1', 'SIGKILL to all'],
] as const)('what survives a program that was %s hears of it as well', (phase, becomes, heard) => {
  const seen = step(phase, 'down', EVENTS.leaving);
  expect(seen.becomes).toBe(becomes);
  expect(seen.asks.split(', ')).toContain(heard);
  expect(seen.asks.split(', ')).toContain('watch-survivors');
});

describe('what comes too late changes nothing', () => {
  const late: readonly ProcessEvent[] = [
    { type: 'timer', timer: TIMER - 1 },
    { type: 'exited', run: RUN - 1, exit: failed, survivors: false },
    { type: 'spawned', run: RUN - 1, pid: 1 },
    { type: 'refused', run: RUN - 1, exit: refusal },
    { type: 'ready', run: RUN - 1 },
    { type: 'unready', run: RUN - 1, exit: notReady, isUnhealthy: true },
    { type: 'cleared', run: RUN - 1 },
    { type: 'stop-hooks-over', run: RUN - 1 },
  ];
  const phases = Object.keys(PHASES) as (keyof typeof PHASES)[];
  test.each(phases)('%s', (phase) => {
    for (const event of late) {
      const { next, asks } = step(phase, 'up', event);
      expect({ phase: next.phase, asks }).toEqual({ phase: PHASES[phase], asks: '' });
    }
  });
});

test('no event whatsoever makes two of one process', () => {
  const phases = Object.keys(PHASES) as (keyof typeof PHASES)[];
  for (const phase of phases) {
    if (!isAlive(PHASES[phase])) continue;
    for (const [name, event] of Object.entries(EVENTS)) {
      const { asks, next } = step(phase, 'up', event, { mode: 'always', delayMs: 0 });
      const mayStart = ['success', 'failure', 'cleared', 'refused'].includes(name);
      if (!mayStart) expect(asks, `${phase}: ${name}`).not.toContain('spawn');
      expect(next.run - RUN).toBe(asks.includes('spawn') ? 1 : 0);
    }
  }
});

describe('one that is being stopped because it was not ready', () => {
  test.each([
    ['down', 'idle'],
    ['renew', 'starting'],
  ] as const)('is stopped on request from then on: %s', (event, becomes) => {
    const { phase } = step('judged', 'up', EVENTS[event]).next;
    expect(phase).toEqual(PHASES.stopping);
    expect(step('stopping', event === 'down' ? 'down' : 'up', EVENTS.failure).becomes).toBe(becomes);
  });

  test('has ended by that, whatever its program said', () => {
    expect(step('judged', 'up', EVENTS.success).next.lastExit).toBe(notReady);
    expect(step('judged', 'up', EVENTS.leaving, { mode: 'never' }).next.phase).toMatchObject({
      name: 'clearing',
      exit: notReady,
      asked: false,
    });
  });
});

test('a process that was killed on request is remembered as that, until it is started anew', () => {
  const killed = step('stopping', 'down', EVENTS.timer).next;
  expect(killed.killed).toBe(true);
  expect(step('stopping', 'up', EVENTS.timer).next.killed).toBe(false);
  expect(step('exited', 'down', EVENTS.forget).next.killed).toBe(false);
});

test('a program that was to be killed at once was not late', () => {
  expect(step('running', 'down', EVENTS.down, { graceMs: 0 }).next.killed).toBe(false);
  expect(step('stopping', 'down', EVENTS.timer, { graceMs: 40 }).next.killed).toBe(true);
});

test('a new run has the time of its spec again', () => {
  expect(step('idle', 'down', EVENTS.up, { graceMs: 40 }).next.graceMs).toBeNull();
});

describe('restarts are counted', () => {
  test.each<[string, keyof typeof PHASES, Want, keyof typeof EVENTS, Given, number]>([
    ['after a delay', 'backoff', 'up', 'timer', {}, 3],
    ['at once', 'running', 'up', 'failure', { delayMs: 0 }, 3],
    ['but not before they happen', 'running', 'up', 'failure', {}, 2],
    ['but not those on request', 'stopping', 'up', 'failure', {}, 0],
    ['anew after a restart on request', 'running', 'up', 'renew', {}, 0],
    ['anew after a start on request', 'idle', 'down', 'up', {}, 0],
    ['anew when the past is forgotten', 'exited', 'up', 'forget', {}, 0],
  ])('%s', (_what, phase, want, event, given, restarts) => {
    expect(step(phase, want, EVENTS[event], { ...given, restarts: 2 }).next.restarts).toBe(restarts);
  });
});

test.each<[keyof typeof PHASES, keyof typeof EVENTS, Exit | null]>([
  ['judged', 'failure', notReady],
  ['running', 'failure', failed],
  ['running', 'leaving', failed],
  ['starting', 'refused', refusal],
  ['exited', 'forget', ok],
  ['exited', 'renew', ok],
  ['idle', 'doom', ok],
])('the last exit when one that is %s hears of %s', (phase, event, exit) => {
  expect(step(phase, 'up', EVENTS[event], { lastExit: ok }).next.lastExit).toEqual(exit);
});

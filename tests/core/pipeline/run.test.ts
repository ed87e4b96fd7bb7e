import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hasEnded,
  newPipeline,
  runningPids,
  stepPipeline,
  type PipelineEffect,
  type PipelineEvent,
  type PipelineState,
} from '../../../src/core/pipeline/run.ts';

const OK = { by: 'code', code: 0 } as const;

/** What a pipeline of `count` stages decides, event by event; stage n has pid 100 + n, time passes by 1 ms for each. */
function live(count: number, events: readonly PipelineEvent[]) {
  let state = newPipeline(count);
  const effects: (readonly string[])[] = [];
  events.forEach((event, at) => {
    const step = stepPipeline(state, event, at + 1);
    state = step.state;
    effects.push(step.effects.map(inWords));
  });
  return { state, effects };
}

function inWords(effect: PipelineEffect): string {
  switch (effect.type) {
    case 'signal':
      return `${effect.signal} ${effect.pids.join(',')} ${effect.reach}`;
    case 'set-timer':
      return `timer ${effect.ms}`;
    case 'cancel-timer':
      return 'no timer';
    case 'finish':
      return effect.sweep ? 'finish and sweep' : 'finish';
  }
}

const spawned = (stage: number): PipelineEvent => ({ type: 'spawned', stage, pid: 100 + stage });
const exited = (stage: number): PipelineEvent => ({ type: 'exited', stage, exit: OK });
const stop = { type: 'stop', signal: 'SIGTERM', graceMs: 5000, heard: false } as const;
const graceOver = { type: 'grace-over' } as const;

describe('a running pipeline', () => {
  test('is over when every stage has ended, whatever the order', () => {
    const { state, effects } = live(3, [spawned(0), exited(0), spawned(1), spawned(2), exited(2), exited(1)]);
    expect(effects).toEqual([[], [], [], [], [], ['no timer', 'finish']]);
    expect(state.stages).toEqual([
      { phase: 'ended', pid: 100, startedAtMs: 1, endedAtMs: 2, exit: OK },
      { phase: 'ended', pid: 101, startedAtMs: 3, endedAtMs: 6, exit: OK },
      { phase: 'ended', pid: 102, startedAtMs: 4, endedAtMs: 5, exit: OK },
    ]);
  });

  test('a stage that could not be started has ended', () => {
    const exit = { by: 'refusal', error: 'EAGAIN', message: '' } as const;
    const { state, effects } = live(1, [{ type: 'refused', stage: 0, exit }]);
    expect(effects).toEqual([['no timer', 'finish']]);
    expect(state.stages).toEqual([{ phase: 'ended', pid: null, startedAtMs: null, endedAtMs: 1, exit }]);
  });

  test('a request to stop goes to all that run, and SIGKILL after the grace', () => {
    const { effects } = live(3, [
      spawned(0),
      spawned(1),
      spawned(2),
      exited(1),
      stop,
      graceOver,
      exited(0),
      exited(2),
    ]);
    expect(effects.slice(3)).toEqual([
      [],
      ['SIGTERM 100,102 all', 'SIGCONT 100,102 all', 'timer 5000'],
      ['SIGKILL 100,102 all', 'timer 1000'],
      [],
      ['no timer', 'finish and sweep'],
    ]);
  });

  test('what the terminal has sent is not sent again', () => {
    expect(live(1, [spawned(0), { ...stop, signal: 'SIGINT', heard: true }]).effects[1]).toEqual([
      'timer 5000',
    ]);
  });

  test('who starts late hears of it at once, and only of the last', () => {
    const { effects } = live(2, [spawned(0), stop, spawned(1)]);
    expect(effects[2]).toEqual(['SIGTERM 101 stages']);
    expect(live(2, [spawned(0), stop, graceOver, spawned(1)]).effects[3]).toEqual(['SIGKILL 101 stages']);
  });

  test('another signal is passed on and buys no time', () => {
    expect(live(1, [spawned(0), stop, { ...stop, signal: 'SIGHUP' }]).effects[2]).toEqual([
      'SIGHUP 100 all',
      'SIGCONT 100 all',
    ]);
  });

  test('can be killed at once, asked before or not', () => {
    const killed = ['SIGKILL 100 all', 'timer 1000'];
    expect(live(1, [spawned(0), { type: 'kill' }]).effects[1]).toEqual(killed);
    expect(live(1, [spawned(0), stop, { type: 'kill' }]).effects[2]).toEqual(killed);
  });

  test('what SIGKILL does not end is given up', () => {
    const { state, effects } = live(2, [
      spawned(0),
      spawned(1),
      exited(1),
      stop,
      graceOver,
      graceOver,
      exited(0),
    ]);
    expect(effects.slice(5)).toEqual([['no timer', 'finish and sweep'], []]);
    expect(state.stages[0]).toMatchObject({ phase: 'ended', pid: 100, exit: { error: 'EBUSY' } });
    expect(state.stages[1]).toMatchObject({ exit: OK });
  });

  test('whatever happens, it ends once, signals only the living, and kills nobody too early', () => {
    const happening = fc.oneof(
      { weight: 4, arbitrary: fc.record({ what: fc.constant('next' as const), stage: fc.nat(4) }) },
      fc.record({ what: fc.constantFrom('stop', 'grace-over', 'kill', 'refuse'), stage: fc.nat(4) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(happening, { maxLength: 40 }), (count, story) => {
        let state = newPipeline(count);
        let finished = 0;
        let mayKill = false;
        const told = new Set<number>();
        const take = (event: PipelineEvent): void => {
          const wasOver = hasEnded(state);
          const step = stepPipeline(state, event, 0);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type === 'finish') finished += 1;
            if (effect.type !== 'signal') continue;
            expect(runningPids(state)).toEqual(expect.arrayContaining([...effect.pids]));
            if (effect.signal === 'SIGKILL') expect(mayKill).toBe(true);
            for (const pid of effect.pids) told.add(pid);
          }
          if (wasOver) expect(step.effects).toEqual([]);
        };
        for (const { what, stage: at } of story) {
          const stage = at % count;
          const phase = state.stages[stage]?.phase;
          if (what === 'stop') take(stop);
          else if (what === 'kill') {
            mayKill = true;
            take({ type: 'kill' });
          } else if (what === 'grace-over') {
            if (state.stop === null) continue;
            mayKill = true;
            take(graceOver);
          } else if (phase === 'waiting') {
            take(what === 'refuse' ? { type: 'refused', stage, exit: OK } : spawned(stage));
          } else if (phase === 'running') take(exited(stage));
        }
        if (state.stop !== null) expect([...told]).toEqual(expect.arrayContaining([...runningPids(state)]));
        expect(finished).toBe(hasEnded(state) ? 1 : 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('a state is never changed, only followed', () => {
    const before: PipelineState = newPipeline(1);
    stepPipeline(before, spawned(0), 1);
    expect(before).toEqual(newPipeline(1));
  });
});

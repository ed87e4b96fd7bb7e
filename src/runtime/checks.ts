/**
 * Performs the checks of all runs: gives the machines of readiness and health what the prober answers, and does what they
 * say. A run is asked whether it is ready; from then on, if its plan says so, whether it is well.
 */
import type { Check } from '../core/check/check.ts';
import {
  missingText,
  newReadiness,
  stepReadiness,
  type ReadinessEffect,
  type ReadinessEvent,
} from '../core/check/readiness.ts';
import { NEW_HEALTH, stepHealth, type HealthEffect, type HealthEvent } from '../core/check/health.ts';
import { readyPlanOf } from '../core/check/usual.ts';
import { lackedForNotify } from '../core/check/known-programs.ts';
import { checkWithoutSockets } from '../core/check/without-sockets.ts';
import type { InstanceFact } from '../core/events.ts';
import type { InstanceSpec } from '../core/plan/app-spec.ts';
import type { ServicePlan } from '../core/plan/process-plan.ts';
import type { Refusal } from '../core/process/exit.ts';
import type { Endpoints, Prober, Subject } from '../ports/checks.ts';
import type { Clock } from '../ports/clock.ts';
import { doAll } from './do-all.ts';
import { runIdOf } from './run-id.ts';

export interface CheckedRun extends Pick<Subject, 'instance' | 'run' | 'pid' | 'root' | 'endpoints'> {
  readonly on: CheckEvents;
}

export interface CheckEvents {
  ready(): void;
  /** It is to be stopped for that. */
  unready(message: string, isUnhealthy: boolean): void;
  /** Something that only has to be told. */
  tell(fact: InstanceFact): void;
}

export interface RunChecks {
  /** Before a start. Undefined: nothing is needed. */
  open(instance: InstanceSpec): Promise<Endpoints | Refusal> | undefined;
  /** Nothing is told after `stop` of the same run, and nothing during `start`. */
  start(checked: CheckedRun): void;
  stop(name: string, run: number): void;
  /** Why it is not ready, in words; undefined where that is not being found out. */
  missing(name: string): string | undefined;
  close(): void;
}

interface Checking {
  readonly name: string;
  missing(): string | undefined;
  stop(): void;
}

export function createRunChecks(prober: Prober, clock: Clock): RunChecks {
  /** By run. */
  const checkings = new Map<string, Checking>();
  return {
    open(instance) {
      return prober.open(instance, readyPlanOf(instance.plan)?.checks ?? []);
    },
    start(checked) {
      const key = runIdOf('', checked.instance.name, checked.run);
      checkings.get(key)?.stop();
      checkings.set(key, check(checked, prober, clock));
    },
    stop(name, run) {
      const key = runIdOf('', name, run);
      checkings.get(key)?.stop();
      checkings.delete(key);
    },
    missing: (name) => [...checkings.values()].find((one) => one.name === name)?.missing(),
    close() {
      for (const checking of checkings.values()) checking.stop();
      checkings.clear();
      prober.close();
    },
  };
}

function check(checked: CheckedRun, prober: Prober, clock: Clock): Checking {
  const { instance, on } = checked;
  const { plan, port } = instance;
  const service: Partial<ServicePlan> = plan.kind === 'stage' ? {} : plan;
  const ports = { given: port, declared: service.ports ?? [], ephemeral: prober.ephemeral };
  const here = (checks: readonly Check[]): readonly Check[] =>
    prober.seesSockets ? checks : checks.map((each) => checkWithoutSockets(each, plan, port));
  const health = service.health && { ...service.health, checks: here(service.health.checks), ports };
  const subject: Subject = { ...checked, ports };
  let phase = createPhase();
  let missing = (): string | undefined => undefined;

  const beginHealth = (): void => {
    phase.end();
    if (health !== undefined) phase = checkHealth(health, subject, on, prober, clock);
  };
  const beginReadiness = (): void => {
    const ready = readyPlanOf(plan);
    const { withinMs } = ready ?? {};
    const { failLog } = service;
    const lacks = lackedForNotify(plan);
    const spec = {
      checks: ready === null ? null : here(ready.checks),
      ports,
      ...(withinMs !== undefined && { withinMs }),
      ...(failLog !== undefined && { failLog }),
      ...(lacks !== undefined && { notifyHint: `${lacks.program} says it only with ${lacks.option}` }),
    };
    let state = newReadiness(spec);
    const own = phase;
    missing = () => (state.isOver ? undefined : missingText(spec, state, clock.now()));
    const send = (event: ReadinessEvent): void => {
      const step = stepReadiness(spec, state, event, clock.now());
      state = step.state;
      doAll(step.effects, perform);
    };
    const perform = (effect: ReadinessEffect): void => {
      switch (effect.type) {
        case 'ask': {
          const { key } = effect;
          return own.ask(
            key,
            prober.ask(effect.check, subject, (answer) => send({ type: 'answer', key, answer })),
          );
        }
        case 'set-timer': {
          const { timer, ms } = effect;
          return own.time(
            timer,
            clock.after(ms, () => send({ type: 'timer', timer })),
          );
        }
        case 'end':
          return own.end();
        case 'ready':
          beginHealth();
          return on.ready();
        case 'unready':
          return on.unready(effect.message, false);
        case 'not-yet':
          return on.tell({ type: 'not-ready-yet', words: effect.words });
      }
    };
    if (prober.seesSockets && spec.checks?.some(goesToSockets) === true)
      own.ask(
        'sockets',
        prober.watch(subject, () => send({ type: 'changed' })),
      );
    send({ type: 'begin' });
    if (spec.checks === null) beginHealthBeside();
  };
  /** Nothing will make it ready, so its health is asked for from the beginning. */
  const beginHealthBeside = (): void => {
    if (health === undefined) return;
    const beside = checkHealth(health, subject, on, prober, clock);
    phase.ask('health', beside.end);
  };
  beginReadiness();
  return { name: instance.name, missing: () => missing(), stop: () => phase.end() };
}

const goesToSockets = ({ kind }: Check): boolean => kind === 'listening' || kind === 'tcp' || kind === 'http';

function checkHealth(
  health: NonNullable<ServicePlan['health']> & Pick<Subject, 'ports'>,
  subject: Subject,
  on: CheckEvents,
  prober: Prober,
  clock: Clock,
): Phase {
  const phase = createPhase();
  let state = NEW_HEALTH;
  const send = (event: HealthEvent): void => {
    const step = stepHealth(health, state, event);
    state = step.state;
    doAll(step.effects, perform);
  };
  const perform = (effect: HealthEffect): void => {
    switch (effect.type) {
      case 'ask': {
        const { key } = effect;
        return phase.ask(
          key,
          prober.ask(effect.check, subject, (answer) => send({ type: 'answer', key, answer })),
        );
      }
      case 'set-timer':
        return phase.time(
          'round',
          clock.after(effect.ms, () => send({ type: 'timer' })),
        );
      case 'unhealthy':
        if (health.action === 'restart') on.unready(effect.words, true);
        else on.tell({ type: 'unhealthy', words: effect.words });
        return;
      case 'healthy':
        return on.tell({ type: 'healthy' });
    }
  };
  send({ type: 'begin' });
  return phase;
}

/** What goes on until something is known: timers and questions, each under a name of which there is one. */
interface Phase {
  readonly time: (name: string | number, cancel: () => void) => void;
  readonly ask: (name: string | number, stop: () => void) => void;
  readonly end: () => void;
}

function createPhase(): Phase {
  const timers = new Map<string | number, () => void>();
  const questions = new Map<string | number, () => void>();
  let isOver = false;
  const put = (map: Map<string | number, () => void>) => (name: string | number, stop: () => void) => {
    // What was asked last may have been answered during the call.
    if (isOver) {
      stop();
      return;
    }
    map.get(name)?.();
    map.set(name, stop);
  };
  return {
    time: put(timers),
    ask: put(questions),
    end() {
      isOver = true;
      for (const stop of [...timers.values(), ...questions.values()]) stop();
      timers.clear();
      questions.clear();
    },
  };
}

/** Performs the effects of processes: the only switch over them. */
import type { Member } from '../core/fleet/member.ts';
import type { InstanceSpec, StageSpec } from '../core/plan/app-spec.ts';
import { wholeEnvironment } from '../core/plan/environment.ts';
import { poolOf } from '../core/plan/process-plan.ts';
import { JUDGED, judged, type Exit } from '../core/process/exit.ts';
import type { ProcessEffect, ProcessEvent } from '../core/process/state.ts';
import type { SignalName } from '../core/process/signals.ts';
import type { ProcessGroup, LaunchRequest } from '../ports/processes.ts';
import type { Endpoints } from '../ports/checks.ts';
import type { RunTerminal } from '../ports/terminals.ts';
import type { CheckedRun } from './checks.ts';
import type { EarlierRuns } from './earlier-runs.ts';
import type { Plan } from './plan.ts';
import { createHookEffects } from './hook-effects.ts';
import { runIdOf } from './run-id.ts';
import { createSpawnQueue } from './spawn-queue.ts';
import type { AttachedOutput, SupervisorOptions } from './supervisor-options.ts';
import { lookUntilApart, mayHaveSurvivors, watchSurvivors, type SurvivorWatch } from './survivors.ts';

export interface Performer {
  /** `isBeside`: of its second run. */
  perform(name: string, effect: Exclude<ProcessEffect, { type: 'record' }>, isBeside: boolean): void;
  /** It is no member any more. */
  forget(name: string): void;
}

type SignalEffect = Extract<ProcessEffect, { type: 'signal' }>;

/** Whoever sends one of these on request wants an end, as a stop does. */
const STOPPING: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];
const QUICK_MS = 1000;

export function createPerformer(
  options: SupervisorOptions,
  plan: Plan,
  earlierRuns: EarlierRuns,
  memberOf: (name: string) => Member | undefined,
  tell: (name: string, event: ProcessEvent, isBeside?: true) => void,
): Performer {
  const { runTag, launcher, links, processGroups, stopSignals, guard } = options;
  const { output, inputs, terminals, checks, pools, clock, on } = options;
  const timers = new Map<string, () => void>();
  const watches = new Map<string, SurvivorWatch>();
  /** By run: output that something of it still held when its first process had ended. */
  const heldOutputs = new Map<string, AttachedOutput>();
  /** By run: when it began, unless it was signalled. */
  const beginnings = new Map<string, number>();
  /** Those that live, by run. */
  const living = new Map<string, Omit<CheckedRun, 'on'>>();
  const isTwofold = (name: string): boolean => memberOf(name)?.beside != null;
  const inTurn = createSpawnQueue(clock);
  const hooks = createHookEffects(options, plan, tell);

  const processGroupOf = (name: string, run: number, pid: number) => ({
    pid,
    runId: runIdOf(runTag, name, run),
  });

  const spawn = (name: string, run: number): void => {
    const instance = plan.instances.get(name);
    if (instance === undefined) return;
    hooks.beforeStart(instance, run, isTwofold(name), () => spawnNow(instance, run));
  };

  const spawnNow = (instance: InstanceSpec, run: number): void => {
    if (poolOf(instance.plan) !== undefined) void spawnWorker(instance, run);
    else if (instance.plan.tty === true) void spawnOnTerminal(instance, run);
    else if (instance.stage === undefined) launch(instance, run);
    else void spawnStage(instance, instance.stage, run);
  };

  const spawnStage = async (instance: InstanceSpec, stage: StageSpec, run: number): Promise<void> => {
    const { name } = instance;
    const ends = await links.open(name, plan.root, stage);
    if ('by' in ends) tell(name, { type: 'refused', run, exit: ends });
    else launch(instance, run, { ...ends, joinsStderr: stage.joinsStderr });
  };

  const spawnWorker = async (instance: InstanceSpec, run: number): Promise<void> => {
    const { name } = instance;
    const ends = await pools.open(instance, plan.root);
    if ('by' in ends) tell(name, { type: 'refused', run, exit: ends });
    else launch(instance, run, { ...ends, joinsStderr: false });
  };

  const spawnOnTerminal = async (instance: InstanceSpec, run: number): Promise<void> => {
    const terminal = await terminals.open(instance.name);
    if ('by' in terminal) tell(instance.name, { type: 'refused', run, exit: terminal });
    else launch(instance, run, undefined, terminal);
  };

  const launch = (
    instance: InstanceSpec,
    run: number,
    ends?: LaunchRequest['ends'],
    terminal?: RunTerminal,
  ): void => {
    const opening = checks.open(instance);
    if (opening === undefined) return launchWith(undefined, instance, run, ends, terminal);
    void opening.then((endpoints) => {
      if (!('by' in endpoints)) return launchWith(endpoints, instance, run, ends, terminal);
      terminal?.discard();
      tell(instance.name, { type: 'refused', run, exit: endpoints });
    });
  };

  const launchWith = (
    endpoints: Endpoints | undefined,
    instance: InstanceSpec,
    run: number,
    ends?: LaunchRequest['ends'],
    terminal?: RunTerminal,
  ): void => {
    const {
      name,
      script,
      plan: { stdin, workingDir },
    } = instance;
    const env = Object.assign(wholeEnvironment(instance.env), endpoints?.env);
    let leader = 0;
    let closeInput: (() => void) | undefined;
    let attached: AttachedOutput | undefined;
    const request = {
      runId: runIdOf(runTag, name, run),
      script: endpoints?.confine?.(script, env) ?? script,
      root: workingDir ?? plan.root,
      env,
      ...(stdin && { stdin }),
      ...(ends && { ends }),
      ...(terminal && { terminal }),
      ...(endpoints && { extra: endpoints.descriptors }),
    };
    launcher.launch(request, {
      spawned(pid, fd, input) {
        leader = pid;
        guard.add(pid);
        earlierRuns.begin(name, pid);
        beginnings.set(request.runId, clock.now());
        if (terminal !== undefined) attached = output.attach(terminal.fd, instance, terminal);
        else if (fd !== null) attached = output.attach(fd, instance);
        const inputEnd = terminal?.input ?? input;
        if (inputEnd !== null) closeInput = inputs.attach(name, inputEnd);
        living.set(request.runId, {
          instance,
          run,
          pid,
          root: request.root,
          ...(endpoints && { endpoints }),
        });
        if (poolOf(instance.plan) !== undefined) pools.began(instance, pid);
        tell(name, { type: 'spawned', run, pid });
        hooks.started(instance, run, pid);
      },
      refused(exit) {
        terminal?.discard();
        endpoints?.close();
        if (poolOf(instance.plan) !== undefined) pools.refused(instance, exit);
        tell(name, { type: 'refused', run, exit });
      },
      exited(exit) {
        earlierRuns.end(leader);
        terminal?.letGo();
        closeInput?.();
        end(name, run, leader, judged(exit, successStatusOf(name)), attached);
      },
    });
  };

  /** As it was when it was started. */
  const isWorker = (name: string, run: number): boolean =>
    poolOf(living.get(runIdOf(runTag, name, run))?.instance.plan) !== undefined;

  /** As the latest plan says: it may have been reloaded since the start. */
  const successStatusOf = (name: string) => plan.instances.get(name)?.plan.successStatus;

  /** Prints the last output before the exit is reported. */
  const end = (
    name: string,
    run: number,
    pid: number,
    exit: Exit,
    attached: AttachedOutput | undefined,
  ): void => {
    const processGroup = processGroupOf(name, run, pid);
    const isQuick = isQuickSuccess(processGroup.runId, exit);
    beginnings.delete(processGroup.runId);
    hooks.ended(name, run, pid, exit);
    if (isWorker(name, run)) pools.ended(name, exit, memberOf(name)?.process.phase.name === 'stopping');
    living.get(processGroup.runId)?.endpoints?.close();
    living.delete(processGroup.runId);
    const look = (): boolean => mayHaveSurvivors(processGroups, processGroup, isHeldAfterLastWords(attached));
    const report = (survivors: boolean): void => {
      if (!survivors) forgetRun(processGroup);
      else if (attached !== undefined) heldOutputs.set(processGroup.runId, attached);
      // Another run of it is no daemon.
      if (isQuick && !isTwofold(name)) earlierRuns.suspect(name, pid, survivors ? 'now' : 'soon');
      tell(name, { type: 'exited', run, exit, survivors });
    };
    if (isQuick) lookUntilApart(look, clock, report);
    else report(look());
  };

  const forgetRun = ({ pid, runId }: ProcessGroup): void => {
    guard.remove(pid);
    stopSignals.forget(runId);
    heldOutputs.delete(runId);
  };

  /** As the end of a program that has made itself a daemon. */
  const isQuickSuccess = (runId: string, exit: Exit): boolean => {
    const beganMs = beginnings.get(runId);
    return beganMs !== undefined && clock.now() - beganMs < QUICK_MS && exit.by === 'code' && exit.code === 0;
  };

  const isHeldAfterLastWords = (attached: AttachedOutput | undefined): boolean => {
    let isHeld = false;
    attached?.finish((ended) => (isHeld = !ended));
    return isHeld;
  };

  const watch = (name: string, run: number, pid: number): void => {
    const processGroup = processGroupOf(name, run, pid);
    const watched = watchSurvivors(processGroups, stopSignals, processGroup, clock, () => {
      watches.delete(processGroup.runId);
      // What it wrote last may not have been read yet: its end is seen by a look at the group.
      heldOutputs.get(processGroup.runId)?.finish(() => undefined);
      forgetRun(processGroup);
      tell(name, { type: 'cleared', run });
    });
    watches.set(processGroup.runId, watched);
  };

  const signal = (name: string, effect: SignalEffect): void => {
    const { run, pid, signal: sent, reach } = effect;
    const processGroup = processGroupOf(name, run, pid);
    const { runId } = processGroup;
    if (sent === 'SIGKILL') {
      processGroups.signal(processGroup, sent, reach === 'group' ? 'group' : 'all');
      watches.get(runId)?.kill();
    } else if (sent === 'SIGCONT' && reach === 'main') {
      processGroups.signalOne(pid, sent);
    } else if (sent === 'SIGCONT' || (effect.isRequested === true && !STOPPING.includes(sent))) {
      processGroups.signal(processGroup, sent, 'group');
    } else if (reach === 'main') {
      stopSignals.toMain(processGroup, sent);
    } else {
      if (reach === 'group' || (reach === 'all' && !stopSignals.wasToldLately(runId)))
        stopSignals.toGroup(processGroup, sent);
      if (reach !== 'group') stopSignals.toOthers(runId);
    }
  };

  const startCheck = (name: string, run: number): void => {
    const checked = living.get(runIdOf(runTag, name, run));
    if (checked === undefined) return;
    checks.start({
      ...checked,
      on: {
        ready: () => tell(name, { type: 'ready', run }),
        unready(message, isUnhealthy) {
          const exit = {
            by: 'refusal',
            error: isUnhealthy ? JUDGED.unhealthy : JUDGED.notReady,
            message,
          } as const;
          tell(name, { type: 'unready', run, exit, isUnhealthy });
        },
        tell: (fact) => on.record({ name, ...fact }),
      },
    });
  };

  const laneOf = (name: string, isBeside: boolean): string => (isBeside ? `${name} beside` : name);

  const perform: Performer['perform'] = (name, effect, isBeside) => {
    const lane = laneOf(name, isBeside);
    switch (effect.type) {
      case 'spawn': {
        const stage = plan.instances.get(name)?.stage;
        if (stage !== undefined) links.prepare(name, stage);
        const begin = (): void => inTurn(() => spawn(name, effect.run));
        return isTwofold(name) ? begin() : earlierRuns.clear(name, begin);
      }
      case 'signal':
        beginnings.delete(runIdOf(runTag, name, effect.run));
        return signal(name, effect);
      case 'start-check':
        return startCheck(name, effect.run);
      case 'stop-check':
        return checks.stop(name, effect.run);
      case 'run-stop-hooks':
        if (!isWorker(name, effect.run)) return hooks.perform(name, effect);
        return pools.finish(name, effect.ms, () => tell(name, { type: 'stop-hooks-over', run: effect.run }));
      case 'run-end-hooks':
      case 'end-hooks':
        return hooks.perform(name, effect);
      case 'watch-survivors':
        return watch(name, effect.run, effect.pid);
      case 'set-timer':
        timers.get(lane)?.();
        timers.set(
          lane,
          clock.after(effect.ms, () =>
            tell(name, { type: 'timer', timer: effect.timer }, isBeside || undefined),
          ),
        );
        return;
      case 'cancel-timer':
        timers.get(lane)?.();
        timers.delete(lane);
        return;
    }
  };

  return {
    perform,
    forget(name) {
      for (const lane of [name, laneOf(name, true)]) {
        timers.get(lane)?.();
        timers.delete(lane);
      }
    },
  };
}

/** What limits promise, told from the history of all looks: what may be done at one of them, and what must be. */
import type { Look, Verdicts, WatchedKind, WatchedLimit } from '../../src/core/limits/limits.ts';

export interface LimitOracle {
  readonly violations: string[];
  /** Returns how many instances had to wait for another one of their process. */
  judge(looks: readonly Look[], verdicts: Verdicts, nowMs: number): number;
}

interface History {
  run: number;
  /** Of each kind, since when it has used more without a break. */
  overSince: Map<WatchedKind, number>;
  warned: Map<WatchedKind, WatchedLimit>;
  /** It was stopped in this run for a limit. */
  stoppedRun: number | null;
}

export function createLimitOracle(): LimitOracle {
  const violations: string[] = [];
  const histories = new Map<string, History>();

  const historyOf = ({ name, run }: Look): History => {
    const known = histories.get(name);
    if (known?.run === run) return known;
    const fresh: History = {
      run,
      overSince: new Map(),
      warned: new Map(),
      stoppedRun: known?.stoppedRun ?? null,
    };
    histories.set(name, fresh);
    return fresh;
  };

  /** Takes in what this look has shown; returns the limits that it has exceeded for long enough. */
  const exceededIn = (look: Look, history: History, nowMs: number): readonly WatchedLimit[] => {
    const { used, limits } = look;
    if (used === undefined || history.stoppedRun === look.run) return [];
    for (const kind of history.overSince.keys())
      if (!limits.some((limit) => limit.kind === kind)) history.overSince.delete(kind);
    return limits.filter((limit) => {
      const { kind, max, forMs } = limit;
      const value = used[kind];
      if (value === null) return false;
      if (value <= max) {
        history.overSince.delete(kind);
        return false;
      }
      const since = history.overSince.get(kind) ?? nowMs;
      history.overSince.set(kind, since);
      return nowMs - since >= forMs;
    });
  };

  const judge: LimitOracle['judge'] = (looks, { excesses, recoveries }, nowMs) => {
    const fail = (what: string): void => void violations.push(`${what} at ${String(nowMs)}`);
    const all = looks.map((look) => ({ look, history: historyOf(look) }));
    for (const { look, history } of all) {
      const isSettledAnew = look.standing === 'settled' && history.stoppedRun !== look.run;
      if (look.standing === 'down' || isSettledAnew) history.stoppedRun = null;
    }
    const busy = new Set(
      all.flatMap(({ look, history }) => (history.stoppedRun === null ? [] : look.process)),
    );
    const due = all.map(({ look, history }) => exceededIn(look, history, nowMs));
    const acted = new Map<string, string>();
    const stopping = new Set(
      all.flatMap(({ look, history }) => (history.stoppedRun === look.run ? look.name : [])),
    );
    if (recoveries.some(({ name }) => stopping.has(name))) fail('a recovery of a run that is being stopped');

    for (const { name, run, limit, used, lastedMs } of excesses) {
      const at = all.findIndex(({ look }) => look.name === name);
      const subject = all[at];
      if (subject === undefined || subject.look.run !== run) {
        fail('acted on another run');
        continue;
      }
      const { look, history } = subject;
      if (!(due[at] ?? []).includes(limit)) fail(`${limit.action} without an excess`);
      if (look.used?.[limit.kind] !== used) fail('another amount is told');
      if (nowMs - (history.overSince.get(limit.kind) ?? -1) !== lastedMs) fail('another time is told');
      if (history.stoppedRun === run) fail('acted on a run that is being stopped');
      if (limit.action === 'warn') {
        if (isWarned(history, limit)) fail('warned twice');
        history.warned.set(limit.kind, limit);
        continue;
      }
      if (busy.has(look.process)) fail('two instances at a time');
      if (acted.has(look.process)) fail('two instances in one look');
      acted.set(look.process, name);
      history.stoppedRun = run;
    }

    let inTurn = 0;
    for (const [at, { look, history }] of all.entries()) {
      if (history.stoppedRun === look.run) continue;
      for (const limit of due[at] ?? []) {
        if (limit.action === 'warn') {
          if (!isWarned(history, limit)) fail('not warned');
        } else if (busy.has(look.process) || acted.has(look.process)) inTurn += 1;
        else fail(`no ${limit.action}`);
      }
    }

    for (const { look, history } of all) {
      if (look.used === undefined || history.stoppedRun === look.run) continue;
      for (const limit of look.limits) {
        const value = look.used[limit.kind];
        const isRecovered = value !== null && value <= limit.max * 0.9 && isWarned(history, limit);
        const isTold = recoveries.some(({ name, limit: of }) => name === look.name && of === limit);
        if (isRecovered !== isTold) fail(isTold ? 'a recovery from nothing' : 'a recovery is not told');
        if (isRecovered) history.warned.delete(limit.kind);
        else if (value !== null && !isWarned(history, limit)) history.warned.delete(limit.kind);
      }
    }
    return inTurn;
  };

  return { violations, judge };
}

/** About a limit as it is now: a reload makes another one of it. */
function isWarned(history: History, { kind, max, action }: WatchedLimit): boolean {
  const about = history.warned.get(kind);
  return about?.max === max && about.action === action;
}

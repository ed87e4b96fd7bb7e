/** The keys of `top`: one table per mode. */
import { openExchange, pressInExchange } from './exchange.ts';
import { STATUS } from '../core/process/exit.ts';
import { followingLog, logHeight, scrollLog, togglePause } from './log.ts';
import {
  MENU_SIGNALS,
  type LogSize,
  type TopLog,
  type TopModel,
  type TopSort,
  type TopStep,
  type TopVerb,
} from './model.ts';
import { beginSearch, endSearch, keptInSight, nextMatch, withLog, withPattern } from './search.ts';
import { moveSelection, refollowed, reselected } from './selection.ts';
import { only, says } from './step-result.ts';
import { topLayout } from './view.ts';

type KeyAction = (model: TopModel) => TopStep;

export function pressKey(model: TopModel, key: string): TopStep {
  if (key === 'ctrl-c') return quit(model);
  switch (model.mode.type) {
    case 'table':
      return (model.log.isFull ? FULL_LOG_KEYS : TABLE_KEYS)[key]?.(model) ?? only(model);
    case 'search':
      return only(typeSearch(model, key));
    case 'filter':
      return typeFilter(model, key);
    case 'signal':
      return chooseSignal(model, model.mode, key);
    case 'exchange':
      return only(pressInExchange(model, model.mode, key));
    case 'help':
      return only({ ...model, mode: { type: 'table' } });
  }
}

const quit: KeyAction = (model) => ({ model, effects: [{ type: 'quit', status: STATUS.success }] });

const move =
  (by: number): KeyAction =>
  (model) =>
    moveSelection(model, by);

const movePages =
  (by: number): KeyAction =>
  (model) =>
    moveSelection(model, by * Math.max(1, topLayout(model, model.size).table));

const act =
  (verb: TopVerb, doing: string): KeyAction =>
  (model) =>
    withSelected(model, (name) => ({
      model: says(model, `${doing} ${name} ...`),
      effects: [{ type: 'act', verb, name }],
    }));

const sortBy =
  (sort: TopSort): KeyAction =>
  (model) =>
    only({ ...model, sort });

const scroll =
  (by: number): KeyAction =>
  (model) =>
    only(withLog(model, scrollLog(model, by)));

const scrollPages =
  (by: number): KeyAction =>
  (model) =>
    only(withLog(model, scrollLog(model, by * logHeight(model))));

const pause: KeyAction = (model) => only(withLog(model, togglePause(model.log)));

const toLast: KeyAction = (model) => only(withLog(model, followingLog(model.log)));

/** Changes what the log shows. */
const relog =
  (change: (log: TopLog) => Partial<TopLog>): KeyAction =>
  (model) =>
    refollowed(model, keptInSight({ ...model, log: { ...model.log, ...change(model.log) } }));

const attach: KeyAction = (model) =>
  withSelected(model, (name) => ({ model, effects: [{ type: 'attach', name }] }));

const startSearch: KeyAction = (model) =>
  only(
    topLayout(model, model.size).log === 0
      ? says(model, 'no log to search: l shows it, Enter in full')
      : beginSearch(model),
  );

const help: KeyAction = (model) => only({ ...model, mode: { type: 'help' } });

const openMenu: KeyAction = (model) =>
  withSelected(model, (name) =>
    only({ ...model, mode: { type: 'signal', name, index: 0 }, status: undefined }),
  );

/** Leaves one thing after the other: the search, the filter, the pause. */
const leave: KeyAction = (model) => {
  if (model.search !== undefined) return only(endSearch(model));
  if (model.filter !== '') return reselected(model, { ...model, filter: '' });
  return toLast(model);
};

const leaveFullLog: KeyAction = (model) =>
  model.search === undefined ? closeFullLog(model) : only(endSearch(model));

const closeFullLog = relog(() => ({ isFull: false }));

const NEXT_SIZE: Readonly<Record<LogSize, LogSize>> = { normal: 'large', large: 'off', off: 'normal' };

/** Keys of the log, wherever it is shown. */
const LOG_KEYS: Readonly<Record<string, KeyAction>> = {
  '/': startSearch,
  n: (model) => nextMatch(model, 1),
  N: (model) => nextMatch(model, -1),
  a: relog(({ isAll }) => ({ isAll: !isAll })),
  w: relog(({ wrap }) => ({ wrap: !wrap })),
  ' ': pause,
  'shift-up': scroll(1),
  '[': scroll(1),
  'shift-down': scroll(-1),
  ']': scroll(-1),
  r: act('restart', 'restarting'),
  s: act('stop', 'stopping'),
  S: act('start', 'starting'),
  t: act('start', 'starting'),
  x: openMenu,
  A: attach,
  e: openExchange,
  '?': help,
};

const TABLE_KEYS: Readonly<Record<string, KeyAction>> = {
  ...LOG_KEYS,
  up: move(-1),
  k: move(-1),
  down: move(1),
  j: move(1),
  'page-up': movePages(-1),
  'page-down': movePages(1),
  home: move(-Infinity),
  end: move(Infinity),
  f: (model) => only({ ...model, mode: { type: 'filter' } }),
  escape: leave,
  c: sortBy('cpu'),
  m: sortBy('memory'),
  o: sortBy('name'),
  u: sortBy('uptime'),
  l: relog(({ size }) => ({ size: NEXT_SIZE[size] })),
  enter: relog(() => ({ isFull: true })),
  q: quit,
};

const FULL_LOG_KEYS: Readonly<Record<string, KeyAction>> = {
  ...LOG_KEYS,
  up: scroll(1),
  k: scroll(1),
  down: scroll(-1),
  j: scroll(-1),
  'page-up': scrollPages(1),
  'page-down': scrollPages(-1),
  home: scroll(Infinity),
  g: scroll(Infinity),
  end: toLast,
  G: toLast,
  escape: leaveFullLog,
  enter: closeFullLog,
  q: closeFullLog,
};

const LONGEST_PATTERN = 200;

function typeSearch(model: TopModel, key: string): TopModel {
  const pattern = model.search?.pattern ?? '';
  if (key === 'enter') return pattern === '' ? endSearch(model) : { ...model, mode: { type: 'table' } };
  if (key === 'escape') return endSearch(model);
  if (key === 'backspace')
    return pattern === '' ? endSearch(model) : withPattern(model, pattern.replace(/.$/u, ''));
  if (key === 'ctrl-u') return withPattern(model, '');
  return /^.$/u.test(key) && pattern.length < LONGEST_PATTERN ? withPattern(model, pattern + key) : model;
}

const LONGEST_FILTER = 63;

function typeFilter(model: TopModel, key: string): TopStep {
  const { filter } = model;
  const changed = (text: string): TopStep => reselected(model, { ...model, filter: text });
  if (key === 'enter') return only({ ...model, mode: { type: 'table' } });
  if (key === 'escape') return reselected(model, { ...model, filter: '', mode: { type: 'table' } });
  if (key === 'backspace') return changed(filter.replace(/.$/u, ''));
  if (key === 'ctrl-u') return changed('');
  const arrow = key === 'up' ? -1 : key === 'down' ? 1 : undefined;
  if (arrow !== undefined) return moveSelection(model, arrow);
  return /^.$/u.test(key) && filter.length < LONGEST_FILTER ? changed(filter + key) : only(model);
}

function chooseSignal(
  model: TopModel,
  menu: Extract<TopModel['mode'], { type: 'signal' }>,
  key: string,
): TopStep {
  const closed: TopModel = { ...model, mode: { type: 'table' } };
  const { name, index } = menu;
  const count = MENU_SIGNALS.length;
  const shift = MENU_ARROWS[key];
  if (shift !== undefined)
    return only({ ...model, mode: { ...menu, index: (index + shift + count) % count } });
  if (key === 'escape' || key === 'q' || key === 'x') return only(closed);
  const signal = key === 'enter' ? MENU_SIGNALS[index] : MENU_SIGNALS[Number(key) - 1];
  if (signal === undefined) return only(model);
  return {
    model: says(closed, `sending ${signal} to ${name} ...`),
    effects: [{ type: 'signal', name, signal }],
  };
}

const MENU_ARROWS: Readonly<Record<string, number>> = {
  left: -1,
  up: -1,
  k: -1,
  right: 1,
  down: 1,
  j: 1,
  tab: 1,
};

function withSelected(model: TopModel, press: (name: string) => TopStep): TopStep {
  return model.selected === undefined ? only(says(model, 'no process selected')) : press(model.selected);
}

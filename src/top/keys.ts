/** The keys of `top`: one table per mode. */
import { STATUS } from '../core/process/exit.ts';
import { emptyLog, scrollLog, togglePause } from './log.ts';
import {
  MENU_SIGNALS,
  type LogSize,
  type TopModel,
  type TopSort,
  type TopStep,
  type TopVerb,
} from './model.ts';
import { followed, moveSelection, reselected } from './selection.ts';
import { only, says } from './step-result.ts';
import { topLayout } from './view.ts';

type KeyAction = (model: TopModel) => TopStep;

export function pressKey(model: TopModel, key: string): TopStep {
  if (key === 'ctrl-c') return quit(model);
  switch (model.mode.type) {
    case 'table':
      return TABLE_KEYS[key]?.(model) ?? only(model);
    case 'filter':
      return typeFilter(model, key);
    case 'signal':
      return chooseSignal(model, model.mode, key);
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
    only({ ...model, log: scrollLog(model, by) });

const openMenu: KeyAction = (model) =>
  withSelected(model, (name) =>
    only({ ...model, mode: { type: 'signal', name, index: 0 }, status: undefined }),
  );

const clearFilter: KeyAction = (model) => reselected(model, { ...model, filter: '' });

const NEXT_SIZE: Readonly<Record<LogSize, LogSize>> = { normal: 'large', large: 'off', off: 'normal' };

/** A hidden log is not followed. */
const resizeLog: KeyAction = (model) => {
  const size = NEXT_SIZE[model.log.size];
  const resized = { ...model, log: { ...model.log, size } };
  if (size === 'large') return only(resized);
  const emptied = { ...resized, log: emptyLog(resized.log) };
  return { model: emptied, effects: [followed(emptied)] };
};

const TABLE_KEYS: Readonly<Record<string, KeyAction>> = {
  up: move(-1),
  k: move(-1),
  down: move(1),
  j: move(1),
  'page-up': movePages(-1),
  'page-down': movePages(1),
  home: move(-Infinity),
  end: move(Infinity),
  r: act('restart', 'restarting'),
  s: act('stop', 'stopping'),
  S: act('start', 'starting'),
  t: act('start', 'starting'),
  x: openMenu,
  '/': (model) => only({ ...model, mode: { type: 'filter' } }),
  escape: clearFilter,
  c: sortBy('cpu'),
  m: sortBy('memory'),
  n: sortBy('name'),
  u: sortBy('uptime'),
  l: resizeLog,
  w: (model) => only({ ...model, log: { ...model.log, wrap: !model.log.wrap } }),
  ' ': (model) => only({ ...model, log: togglePause(model.log) }),
  'shift-up': scroll(1),
  '[': scroll(1),
  'shift-down': scroll(-1),
  ']': scroll(-1),
  '?': (model) => only({ ...model, mode: { type: 'help' } }),
  q: quit,
};

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

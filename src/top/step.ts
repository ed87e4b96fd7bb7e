/** The machine of `procsup top`: `stepTop(model, event) -> {model, effects}`. */
import { STATUS } from '../core/process/exit.ts';
import { pressKey } from './keys.ts';
import { withHeld } from './exchange.ts';
import { scaleOf, withSamples } from './history.ts';
import { addLogLines } from './log.ts';
import {
  ALL_OUTPUT,
  STATUS_FOR_MS,
  type StatsMessage,
  type TopEvent,
  type TopModel,
  type TopStep,
} from './model.ts';
import { logSource, reselected } from './selection.ts';
import { keptInSight, searchedAgain } from './search.ts';
import { only, says } from './step-result.ts';

export function stepTop(model: TopModel, event: TopEvent): TopStep {
  switch (event.type) {
    case 'stats':
      return hear(at(model, event.nowMs), event.message);
    case 'tick':
      return only(at(model, event.nowMs));
    case 'log':
      if (event.source !== logSource(model)) return only(model);
      return only(searchedAgain(model, addLogLines(model.log, event.lines, event.skipped)));
    case 'log-ended':
      if (event.source !== logSource(model)) return only(model);
      return only(says(model, `${logName(event.source)} ended${becauseOf(event.reason)}`));
    case 'held':
      return only(withHeld(model, event.held));
    case 'key':
      return pressKey(model, event.key);
    case 'resize':
      return only(keptInSight({ ...model, size: event.size }));
    case 'acted':
      return only(says(model, event.sentence));
    case 'lost': {
      const reason = `lost the connection to the supervisor${becauseOf(event.reason)}`;
      return { model, effects: [{ type: 'quit', status: STATUS.supervisor, reason }] };
    }
  }
}

function hear(model: TopModel, message: StatsMessage): TopStep {
  const history = withSamples(model, message, model.nowMs);
  const step = reselected(model, {
    ...model,
    time: message.time,
    instances: message.processes,
    history,
    scale: scaleOf(history),
    heardMs: model.nowMs,
  });
  return { ...step, model: withoutLostMenu(step.model) };
}

/** Closes the menu of a process that was removed. */
function withoutLostMenu(model: TopModel): TopModel {
  const { mode, instances } = model;
  if (mode.type !== 'signal' || instances.some(({ name }) => name === mode.name)) return model;
  return says({ ...model, mode: { type: 'table' } }, `${mode.name} was removed`);
}

function at(model: TopModel, nowMs: number): TopModel {
  const isRead = model.status !== undefined && nowMs - model.status.atMs >= STATUS_FOR_MS;
  return { ...model, nowMs, ...(isRead && { status: undefined }) };
}

const becauseOf = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

const logName = (source: string): string => (source === ALL_OUTPUT ? 'the output' : `log of ${source}`);

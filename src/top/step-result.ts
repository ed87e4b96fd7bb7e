/** The ends of most steps of `top`. */
import type { TopModel, TopStep } from './model.ts';

/** Nothing is to be done about it. */
export const only = (model: TopModel): TopStep => ({ model, effects: [] });

/** On the last line, for a while. */
export const says = (model: TopModel, text: string): TopModel => ({
  ...model,
  status: { text, atMs: model.nowMs },
});

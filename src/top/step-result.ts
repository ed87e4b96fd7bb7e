/** Common results of steps of `top`. */
import type { TopModel, TopStep } from './model.ts';

/** No effects. */
export const only = (model: TopModel): TopStep => ({ model, effects: [] });

/** Shows a text on the last line for a while. */
export const says = (model: TopModel, text: string): TopModel => ({
  ...model,
  status: { text, atMs: model.nowMs },
});

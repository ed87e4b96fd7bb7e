// What the pools of rate.mjs and memory.mjs call.
export const noop = () => undefined;
export default noop;

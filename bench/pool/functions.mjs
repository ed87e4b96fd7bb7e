// What the pools of compare.mjs call.
export const noop = () => undefined;
export default noop;

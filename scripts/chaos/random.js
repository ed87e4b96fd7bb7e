/** A seeded generator (mulberry32): the same seed draws the same round. */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low, high) => low + Math.floor(next() * (high - low + 1));
  return {
    /** An integer in [low, high]. */
    between,
    chance: (probability) => next() < probability,
    pick: (values) => values[between(0, values.length - 1)],
    /** So many of them, in a random order. */
    sample(values, count) {
      const rest = [...values];
      const drawn = [];
      while (drawn.length < count && rest.length > 0)
        drawn.push(...rest.splice(between(0, rest.length - 1), 1));
      return drawn;
    },
  };
}

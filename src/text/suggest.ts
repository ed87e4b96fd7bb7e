const LONGEST_WORD = 100;

/**
 * The candidate that `word` is most likely a misspelling of, or undefined if none is near. Upper and lower case
 * count as equal; of two equally near candidates the first wins.
 */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (!mayBeNear(word, candidate)) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance > tolerance(word, candidate)) continue;
    if (best === undefined || distance < best.distance) best = { candidate, distance };
  }
  return best?.candidate;
}

/** One slip in a short word, one for every three letters of a long one; a one-letter word is no misspelling. */
function tolerance(word: string, candidate: string): number {
  const longer = Math.max(word.length, candidate.length);
  return Math.min(word.length, candidate.length) < 2 ? 0 : Math.max(1, Math.floor(longer / 3));
}

function mayBeNear(word: string, candidate: string): boolean {
  return Math.abs(word.length - candidate.length) <= tolerance(word, candidate);
}

/** Damerau-Levenshtein (optimal string alignment): insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(replace, at(last, column) + 1, at(current, column - 1) + 1);
      if (isSwap(a, row, b, column)) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function isSwap(a: string, row: number, b: string, column: number): boolean {
  return row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
}

const at = (costs: readonly number[], index: number): number => costs[index] ?? Infinity;

// Has every line arrived that was written?

/** A line cut in two by another process's, or by nothing, is as lost as one that never came. */
const BROKEN = '**loses or breaks lines**';

/**
 * @param {import('./marks.js').Mark[]} done  each writer's own count
 * @param {import('./reading.js').Report} report
 * @returns {import('./bench.js').Flaw[]} empty: all there, whole and in order
 */
export function checkArrival(done, report) {
  const written = done.reduce((sum, { lines }) => sum + lines, 0);
  const lost = done.reduce(
    (sum, { index, lines }) => sum + Math.max(0, lines - (report.lines[index] ?? 0)),
    0,
  );
  const doubled = done.some(({ index, lines }) => (report.lines[index] ?? 0) > lines);
  return [
    ...(lost ? [{ what: BROKEN, detail: `${count(lost)} of ${count(written)}` }] : []),
    ...(doubled ? [{ what: '**prints lines twice**', detail: '' }] : []),
    ...checkOrder(report),
  ];
}

/** For writers that never finish: nothing left out in between, nothing out of order. */
export function checkFlow(report) {
  return [
    ...(report.missing ? [{ what: BROKEN, detail: count(report.missing) }] : []),
    ...checkOrder(report),
  ];
}

const checkOrder = ({ disordered }) =>
  disordered ? [{ what: '**mixes up the lines of one process**', detail: count(disordered) }] : [];

const count = (/** @type {number} */ number) => number.toLocaleString('en');

/**
 * Nobody can count what went to /dev/null, but the kernel knows how much it was.
 * @param {number} bytes   the writers' own
 * @param {number} passed  by the tool, prefixes and all
 */
export const checkAmount = (bytes, passed) =>
  passed >= bytes ? [] : [{ what: BROKEN, detail: `${count(passed)} of ${count(bytes)} bytes came out` }];

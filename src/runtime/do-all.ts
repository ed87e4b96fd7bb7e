/** Does it with each, also after one has failed. Throws what was thrown when all are done. */
export function doAll<T>(all: Iterable<T>, act: (one: T) => void): void {
  const errors: unknown[] = [];
  for (const one of all) {
    try {
      act(one);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several deeds have failed');
}

/** `pool run NAME` as an option, so that further options may follow the name. */
export function poolWords(words: readonly string[]): readonly string[] {
  const [verb, run, name = '-', ...rest] = words;
  return verb === 'pool' && run === 'run' && !name.startsWith('-') && !name.startsWith(':')
    ? [verb, '--run', name, ...rest]
    : words;
}

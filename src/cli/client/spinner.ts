import ora from 'ora';

/** Shows a spinner on stderr until the returned function is called. */
export function spin(text: string): () => void {
  // A terminal, for example a serial line, may report a width of 0. ora divides by it and would clear lines for ever.
  if (!process.stderr.columns) return () => undefined;
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  return () => void spinner.stop();
}

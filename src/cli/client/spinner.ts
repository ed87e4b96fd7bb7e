import ora from 'ora';

/** Turns on stderr until the returned function is called, which wipes it away. */
export function spin(text: string): () => void {
  // A terminal may not know how wide it is, a serial line say: ora divides by it, and would wipe lines without end.
  if (!process.stderr.columns) return () => undefined;
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  return () => void spinner.stop();
}

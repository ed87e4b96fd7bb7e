import ora from 'ora';

/** Turns on stderr until the returned function is called, which wipes it away. */
export function spin(text: string): () => void {
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  return () => void spinner.stop();
}

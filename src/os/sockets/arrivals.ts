/** SIGURG, by which sockets tell that somebody has come: its default is to do nothing, so one that is late does no harm. */
export function onArrival(listener: () => void): () => void {
  const heard = (): void => listener();
  process.on('SIGURG', heard);
  return () => void process.off('SIGURG', heard);
}

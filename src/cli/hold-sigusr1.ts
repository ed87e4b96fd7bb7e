// Until somebody listens, SIGUSR1 makes Node open its inspector, to anyone on this machine, on a TCP port.
process.on('SIGUSR1', () => undefined);

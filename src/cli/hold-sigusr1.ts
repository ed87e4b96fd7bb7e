// Without a listener, SIGUSR1 makes Node open its inspector on a TCP port, for every user of this machine.
process.on('SIGUSR1', () => undefined);

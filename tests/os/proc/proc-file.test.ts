import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { tableOrNothing } from '../../../src/os/proc/proc-file.ts';

it.skipIf(process.platform !== 'linux')(
  'a table of the kernel is read whole, however long it is',
  async () => {
    const accepted: Socket[] = [];
    const server = createServer((client) => accepted.push(client.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 511, resolve));
    const { port } = server.address() as AddressInfo;
    const clients: Socket[] = [];
    onTestFinished(() => {
      for (const socket of [...clients, ...accepted]) socket.destroy();
      server.close();
    });
    // Two lines of 150 bytes each: three times what one read takes.
    for (let count = 0; count < 700; count += 1) {
      const client = connect(port, '127.0.0.1');
      await new Promise((resolve) => client.once('connect', resolve));
      clients.push(client);
    }
    const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
    const lines = tableOrNothing('/proc/net/tcp').split('\n');
    const remote = new Set(
      lines.filter((line) => line.includes(hex)).flatMap((line) => line.trim().split(/\s+/).slice(1, 3)),
    );
    const missing = clients.filter(
      ({ localPort = 0 }) => !remote.has(`0100007F:${localPort.toString(16).toUpperCase().padStart(4, '0')}`),
    );
    expect(missing).toHaveLength(0);
  },
);

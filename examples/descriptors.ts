// A socket that we listen on is served by another process.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Process } from 'procsup';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const program = `require('node:http').createServer((_, answer) => answer.end('served by a child')).listen({ fd: 3 })`;
const child = new Process({
  command: ['node', '-e', program],
  stdio: ['ignore', 'inherit', 'inherit', server],
});
await child.start();
server.close();
console.log(await (await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })).text());
await child.stop();

// Listens on a port of its own, and records itself as program.sh does: node listener.js ROOT INSTANCE PORT
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const [, , root, instance, port] = process.argv;
createServer()
  .on('error', (error) => {
    appendFileSync(`${root}/twice`, `${instance} listener ${process.pid} ${error.code}\n`);
    process.exit(98);
  })
  .listen(Number(port), '127.0.0.1', () => {
    appendFileSync(`${root}/pids`, `${instance} listener ${readFileSync('/proc/self/stat', 'latin1')}`);
    console.log('listening');
  });

/** Debian's redis-server on a free port of the loopback, its data in a folder of the test. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createConnection } from 'node:net';
import { becomes, until } from './eventually.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What redis-cli would be told. */
  ask(...words: readonly string[]): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** After a kill: with the same data. */
  start(): Promise<void>;
}

const PROGRAM = 'redis-server';

/** What is missing for tests with Redis; undefined: nothing. */
export function whyNoRedis(): string | undefined {
  return spawnSync(PROGRAM, ['--version']).error === undefined ? undefined : 'redis-server is not installed';
}

/** To be killed at the end. */
export async function startRedis(
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const port = await freePort();
  const options = {
    ...{ port: String(port), bind: '127.0.0.1', dir: directory, save: '', appendonly: 'yes' },
    ...{ 'maxmemory-policy': 'noeviction', ...settings },
  };
  const words = Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]);
  let child: ChildProcess | undefined;
  const isUp = async (): Promise<boolean> => {
    try {
      return (await ask(port, ['PING'])).startsWith('+PONG');
    } catch {
      return false;
    }
  };
  const server: RedisServer = {
    url: `redis://127.0.0.1:${String(port)}`,
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    ask: (...asked) => ask(port, asked),
    async kill(signal) {
      const one = child;
      one?.kill(signal);
      await until(() => one === undefined || one.exitCode !== null || one.signalCode !== null, 'its end');
    },
    async start() {
      child = spawn(PROGRAM, words, { stdio: 'ignore' });
      let isReady = false;
      let isAsking = false;
      await becomes(() => {
        if (!isAsking && !isReady) {
          isAsking = true;
          void isUp().then((is) => {
            isAsking = false;
            isReady = is;
          });
        }
        return isReady;
      });
    },
  };
  await server.start();
  return server;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Its answer as it comes, up to 64 KiB. */
function ask(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.on('error', reject);
    socket.write(
      `*${String(words.length)}\r\n${words.map((word) => `$${String(Buffer.byteLength(word))}\r\n${word}\r\n`).join('')}`,
    );
    socket.once('data', (bytes) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
}

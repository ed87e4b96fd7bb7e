/** Children whose brain is the test: see tests/fixtures/puppet.mjs. */
import { createServer, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { inTime } from './eventually.ts';

/** What to write into a Procfile. */
export const PUPPET = `${process.execPath} ${resolve(import.meta.dirname, '../fixtures/puppet.mjs')}`;

export interface Puppet {
  readonly pid: number;
  /** Everything it has heard so far, in order. */
  readonly heard: readonly NodeJS.Signals[];
  /** Resolves when it has done so. */
  print(text: string): Promise<void>;
  printBytes(bytes: Uint8Array): Promise<void>;
  /** In writes of one byte. */
  trickle(text: string): Promise<void>;
  complain(text: string): Promise<void>;
  /** Hears these signals from now on, and does not die of them. */
  listen(...signals: NodeJS.Signals[]): Promise<void>;
  /** Resolves when the signal has reached it, now or earlier. */
  hears(signal: NodeJS.Signals): Promise<void>;
  /** Starts a shell line that shares its output; returns the pid. `apart`: in a session of its own. */
  start(line: string, how?: { readonly apart: boolean }): Promise<number>;
  environment(): Promise<Readonly<Record<string, string>>>;
  read(path: string): Promise<string>;
  /** Passes on so many lines of its stdin, without reading ahead; how many there were before its end. Waits for them. */
  relay(count: number): Promise<number>;
  /** Stops itself by SIGSTOP. */
  pause(): Promise<void>;
  exit(status: number): void;
  die(signal: NodeJS.Signals): void;
}

export interface Theatre {
  /** The latest puppet under this name (`web.1`) that was not handed out yet; waits for it. */
  puppet(name: string): Promise<Puppet>;
  close(): void;
}

export function openTheatre(path: string): Theatre {
  const arrived = new Map<string, Puppet[]>();
  const awaited = new Map<string, ((puppet: Puppet) => void)[]>();
  const sockets = new Set<Socket>();

  const enter = (name: string, puppet: Puppet): void => {
    const waiting = awaited.get(name)?.shift();
    if (waiting !== undefined) waiting(puppet);
    else arrived.set(name, [...(arrived.get(name) ?? []), puppet]);
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    takeStrings(socket, enter);
  }).listen(path);

  return {
    puppet(name) {
      const here = arrived.get(name)?.shift();
      if (here !== undefined) return Promise.resolve(here);
      return new Promise((resolvePuppet) => {
        awaited.set(name, [...(awaited.get(name) ?? []), resolvePuppet]);
      });
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

type Message =
  | { readonly name: string; readonly pid: number }
  | { readonly value: unknown }
  | { readonly heard: NodeJS.Signals };

function takeStrings(socket: Socket, enter: (name: string, puppet: Puppet) => void): void {
  const heard: NodeJS.Signals[] = [];
  const answers: ((value: unknown) => void)[] = [];
  const ears = new Set<() => void>();

  const tell = (...words: readonly unknown[]): Promise<unknown> => {
    socket.write(`${JSON.stringify(words)}\n`);
    const answered = new Promise((resolveAnswer) => answers.push(resolveAnswer));
    return inTime(answered, `the puppet does not answer to ${JSON.stringify(words).slice(0, 100)}`);
  };
  const order = async (...words: readonly unknown[]): Promise<void> => {
    await tell(...words);
  };

  const puppet = (pid: number): Puppet => ({
    pid,
    heard,
    print: (text) => order('print', text),
    printBytes: (bytes) => order('printBytes', Buffer.from(bytes).toString('base64')),
    trickle: (text) => order('trickle', text),
    complain: (text) => order('complain', text),
    listen: (...signals) => order('listen', ...signals),
    hears: (signal) => {
      const hearing = new Promise<void>((resolveHearing) => {
        const listen = (): void => {
          if (heard.includes(signal)) resolveHearing();
        };
        ears.add(listen);
        listen();
      });
      return inTime(hearing, `puppet ${pid} does not hear ${signal}; it has heard ${heard.join(', ')}`);
    },
    start: async (line, how = { apart: false }) => Number(await tell('start', line, how)),
    environment: async () => (await tell('environment')) as Record<string, string>,
    read: async (file) => String(await tell('read', file)),
    relay: async (lines) => Number(await tell('relay', lines)),
    pause: () => order('pause'),
    exit: (status) => void socket.write(`${JSON.stringify(['exit', status])}\n`),
    die: (signal) => void socket.write(`${JSON.stringify(['die', signal])}\n`),
  });

  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    if ('name' in message) {
      enter(message.name, puppet(message.pid));
    } else if ('heard' in message) {
      heard.push(message.heard);
      for (const listen of ears) listen();
    } else {
      answers.shift()?.(message.value);
    }
  });
}

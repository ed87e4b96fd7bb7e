/**
 * What a program says by itself: READY=1 at a socket that is its own (sd_notify(3)), or a newline at a descriptor that it
 * has inherited (s6). Both are opened before it is started, for one run: a late message of an earlier run reaches nobody.
 */
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { readNotifyMessage } from '../../core/check/notify-message.ts';
import type { Answer } from '../../core/check/answer.ts';
import type { Check } from '../../core/check/check.ts';
import type { Refusal } from '../../core/process/exit.ts';
import type { Endpoints } from '../../ports/checks.ts';
import type { PipeReader } from '../../ports/output.ts';
import { readInto } from '../pipes/reader.ts';
import type { PipePool } from '../pipes/pool.ts';
import type { DatagramSocket, KoffiSockets } from '../pipes/koffi-sockets.ts';
import { emptyStat } from '../proc/stat.ts';
import { readStat } from '../proc/threads.ts';

export interface OpenEndpoints extends Endpoints {
  /** Answers from now on, and with what was said before. */
  readonly listen: (check: Check, pid: number, tell: (answer: Answer) => void) => () => void;
}

export interface EndpointTools {
  readonly pipes: Pick<PipePool, 'take'>;
  /** Undefined: there are none here. */
  readonly loadSockets: () => Promise<KoffiSockets | undefined>;
}

type Listener = (answer: Answer) => void;

/** What was said, for those who listen, and for those who will. */
interface Ear {
  say(answer: Answer): void;
  listen(tell: Listener): () => void;
}

export async function openEndpoints(
  checks: readonly Check[],
  { pipes, loadSockets }: EndpointTools,
): Promise<OpenEndpoints | Refusal> {
  const opened: { close(): void }[] = [];
  const descriptors: { at: number; end: { fd: number; release(): void } }[] = [];
  const env: Record<string, string> = {};
  const fdEars = new Map<number, Ear>();
  let notify: NotifyEnd | undefined;
  const close = (): void => {
    for (const one of opened.splice(0)) one.close();
    for (const { end } of descriptors) end.release();
  };
  try {
    if (checks.some(({ kind }) => kind === 'notify')) {
      const sockets = await loadSockets();
      if (sockets === undefined) return withoutSockets();
      notify = openNotify(sockets);
      opened.push(notify);
      env['NOTIFY_SOCKET'] = notify.path;
    }
    for (const check of checks) {
      if (check.kind !== 'fd' || fdEars.has(check.fd)) continue;
      const { read, write } = pipes.take();
      const ear = createEar();
      fdEars.set(check.fd, ear);
      descriptors.push({ at: check.fd, end: heldOnce(write) });
      opened.push(listenAt(read, check.fd, ear));
    }
  } catch (error) {
    close();
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
    return { by: 'refusal', error: code, message };
  }
  return {
    env,
    descriptors,
    close,
    listen(check, pid, tell) {
      if (check.kind === 'fd') return fdEars.get(check.fd)?.listen(tell) ?? (() => undefined);
      return notify?.listen(pid, tell) ?? (() => undefined);
    },
  };
}

const withoutSockets = (): Refusal => ({
  by: 'refusal',
  error: 'ENOTSUP',
  lasting: true,
  message:
    process.platform === 'linux'
      ? "'ready: notify' needs the optional package koffi, which is not installed; use 'ready: {fd: 3}', log or http"
      : "'ready: notify' works on Linux only; use 'ready: {fd: 3}', log or http",
});

function createEar(): Ear {
  const listeners = new Set<Listener>();
  let last: Answer | undefined;
  return {
    say(answer) {
      if (last?.is !== 'yes') last = answer;
      for (const tell of [...listeners]) tell(answer);
    },
    listen(tell) {
      const own: Listener = (answer) => tell(answer);
      listeners.add(own);
      setImmediate(() => {
        if (last !== undefined && listeners.has(own)) own(last);
      });
      return () => void listeners.delete(own);
    },
  };
}

const heldOnce = (fd: number) => {
  let isOpen = true;
  return {
    fd,
    release() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
};

const LINE_BYTES = 512;
const NEWLINE = 0x0a;

function listenAt(read: number, fd: number, ear: Ear): PipeReader {
  const place = Buffer.allocUnsafeSlow(LINE_BYTES);
  return readInto(place)(read, {
    data(byteCount) {
      if (place.subarray(0, byteCount).includes(NEWLINE)) ear.say({ is: 'yes' });
    },
    end: () => ear.say({ is: 'no', words: `descriptor ${String(fd)} was closed without a newline` }),
  });
}

interface NotifyEnd {
  readonly path: string;
  listen(pid: number, tell: Listener): () => void;
  close(): void;
}

/** All that are open: one handler of SIGURG serves them. */
const openSockets = new Set<() => void>();
const drainAll = (): void => {
  for (const drain of openSockets) drain();
};

/** In the abstract namespace: a program that runs as another user needs no permission for a path there. */
function openNotify(sockets: KoffiSockets): NotifyEnd {
  const name = `procsup/${String(process.pid)}/${randomBytes(8).toString('hex')}`;
  const ear = createEar();
  let root: number | undefined;
  const early: { readonly bytes: Buffer }[] = [];
  if (openSockets.size === 0) process.on('SIGURG', drainAll);
  let socket: DatagramSocket;
  const take = ({ bytes }: { readonly bytes: Buffer }): void => {
    const { isReady, status } = readNotifyMessage(bytes.toString('utf8'));
    if (isReady) ear.say({ is: 'yes' });
    else if (status !== undefined && status !== '')
      ear.say({ is: 'no', words: `no READY=1 at its NOTIFY_SOCKET (its status: ${status.slice(0, 200)})` });
  };
  const drain = (): void => {
    for (let got = socket.read(); got !== undefined; got = socket.read()) {
      if (!mayTell(got.sender, root)) continue;
      if (root === undefined) early.push(got);
      else take(got);
    }
  };
  try {
    socket = sockets.bindDatagram(name);
  } catch (error) {
    if (openSockets.size === 0) process.off('SIGURG', drainAll);
    throw error;
  }
  openSockets.add(drain);
  return {
    path: `@${name}`,
    listen(pid, tell) {
      root = pid;
      drain();
      for (const one of early.splice(0)) take(one);
      return ear.listen(tell);
    },
    close() {
      if (!openSockets.delete(drain)) return;
      if (openSockets.size === 0) process.off('SIGURG', drainAll);
      socket.close();
    },
  };
}

/** Other users see the name of the socket. A root that starts programs as other users knows them by their session. */
function mayTell(
  sender: { readonly pid: number; readonly uid: number } | undefined,
  root: number | undefined,
): boolean {
  if (sender === undefined) return false;
  const own = process.getuid?.() ?? 0;
  if (sender.uid === own || sender.uid === 0) return true;
  const stat = emptyStat();
  return own === 0 && readStat(sender.pid, stat).is === 'read' && stat.session === root;
}

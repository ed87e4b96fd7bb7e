/** What is done to the daemon, by many at once: everything that its users do, and some things that they should not. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { resolve as pathOf } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as rest } from 'node:timers/promises';
import type { Answer, ControlClient, Stream } from '../../src/control/client.ts';
import type { Random } from '../simulation/random.ts';
import { inTime } from '../helpers/eventually.ts';
import { CHANGING, NAMES, type Site } from './site.ts';

const PROBER = pathOf(import.meta.dirname, '../fixtures/prober.mjs');

/** What came of it. */
export interface Tally {
  requests: number;
  /** Of programs, as the daemon's events tell. */
  starts: number;
  ends: number;
  logLines: number;
  missedLines: number;
  samples: number;
  readonly refused: string[];
  /** Of each `ps`, with the time at which it was answered. */
  readonly latencies: { readonly atMs: number; readonly tookMs: number }[];
}

export const newTally = (): Tally => ({
  ...{ requests: 0, starts: 0, ends: 0, logLines: 0, missedLines: 0, samples: 0 },
  refused: [],
  latencies: [],
});

export interface Load {
  readonly site: Site;
  readonly tally: Tally;
  readonly random: Random;
  readonly isOver: () => boolean;
}

/** Resolves when it is over and everybody has had their answers; rejects when somebody had none. */
export async function strain(load: Load): Promise<void> {
  const streams = [followEvents(load), followLogs(load), followSlowly(load)];
  const endPs = askForPs(load);
  try {
    await Promise.all([
      ...Array.from({ length: 3 }, () => changeThings(load)),
      reload(load),
      comeAndGo(load),
      watchStats(load),
      misbehave(load),
      useCommands(load),
    ]);
  } finally {
    for (const stream of streams) stream.close();
    await endPs();
  }
}

/** 404 and 409 are good answers: names come and go by `scale` and `reload`. */
async function asked(
  { tally, site }: Load,
  ask: (client: ControlClient) => Promise<Answer>,
): Promise<Answer> {
  const answer = await inTime(ask(site.client), 'an answer of the daemon');
  tally.requests += 1;
  if (![200, 202, 404, 409].includes(answer.status)) tally.refused.push(JSON.stringify(answer));
  return answer;
}

/** In a process of its own, as this one is busy with reading floods. Returns how to end it. */
function askForPs({ site, tally }: Load): () => Promise<void> {
  const prober = spawn(process.execPath, [PROBER, site.socket, '100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<void>((resolve) => prober.once('close', () => resolve()));
  createInterface({ input: prober.stdout }).on('line', (line) => {
    const [tookMs = '', status] = line.split(' ');
    tally.requests += 1;
    if (status === '200') tally.latencies.push({ atMs: performance.now(), tookMs: Number(tookMs) });
    else tally.refused.push(`ps: ${line}`);
  });
  return () => {
    prober.kill('SIGKILL');
    return closed;
  };
}

async function changeThings(load: Load): Promise<void> {
  const { random } = load;
  const name = (): string => (random.chance(0.4) ? 'quick' : random.pick(['quick', ...NAMES]));
  const post = (path: string, body: unknown) => asked(load, (client) => client.post(path, body));
  while (!load.isOver()) {
    const one = name();
    const dice = random.next();
    if (dice < 0.4) await post('/v1/restart', { names: [one] });
    else if (dice < 0.6) await post('/v1/stop', { names: [one], wait: random.chance(0.8) });
    else if (dice < 0.8)
      await post('/v1/start', { names: random.chance(0.3) ? NAMES.filter((each) => each !== 'web') : [one] });
    else if (dice < 0.88) await post('/v1/scale', { counts: { web: random.between(0, 5) } });
    else
      await post('/v1/kill', {
        names: [one],
        signal: random.pick(['SIGTERM', 'SIGKILL', 'SIGHUP', 'SIGUSR1']),
      });
    await rest(random.between(0, 40));
  }
}

async function reload(load: Load): Promise<void> {
  const { site, random } = load;
  while (!load.isOver()) {
    site.writeProcfile(random.pick([null, 'exec sleep 100000', 'echo I am new; exec sleep 100000']));
    await asked(load, (client) => client.post('/v1/reload'));
    await asked(load, (client) => client.post('/v1/restart', { names: [CHANGING] }));
    await rest(random.between(500, 2000));
  }
}

function followEvents({ site, tally }: Load): Stream {
  return site.client.stream(
    'GET',
    '/v1/events',
    { follow: true },
    {
      line(value) {
        const { event } = value as { readonly event?: string };
        if (event === 'started') tally.starts += 1;
        if (event === 'exited') tally.ends += 1;
      },
      ended: () => undefined,
    },
  );
}

const countLines = (tally: Tally) => (value: unknown) => {
  const { text, missed } = value as { readonly text?: string; readonly missed?: number };
  if (text !== undefined) tally.logLines += 1;
  tally.missedLines += missed ?? 0;
};

function followLogs({ site, tally }: Load): Stream {
  return site.client.stream(
    'GET',
    '/v1/logs',
    { follow: true, lines: 0 },
    {
      line: countLines(tally),
      ended: () => undefined,
    },
  );
}

/** Reads for a moment each second. */
function followSlowly({ site, tally }: Load): Stream {
  const stream = site.client.stream(
    'GET',
    '/v1/logs',
    { follow: true, lines: 0 },
    {
      line: countLines(tally),
      ended: () => undefined,
    },
  );
  const timer = setInterval(() => {
    stream.resume();
    setTimeout(() => stream.pause(), 5);
  }, 1000);
  return {
    ...stream,
    close() {
      clearInterval(timer);
      stream.close();
    },
  };
}

/** Readers who leave in the middle, and some who read what there is to its end. */
async function comeAndGo(load: Load): Promise<void> {
  const { site, tally, random } = load;
  while (!load.isOver()) {
    const wanted = random.between(1, 2000);
    const follow = random.chance(0.7);
    await new Promise<void>((resolve) => {
      let count = 0;
      const stream = site.client.stream(
        'GET',
        '/v1/logs',
        { follow, lines: random.between(0, 5000) },
        {
          line(value) {
            countLines(tally)(value);
            if ((count += 1) < wanted) return;
            stream.close();
            resolve();
          },
          ended: () => resolve(),
        },
      );
      // Where nobody writes there is nothing to read.
      setTimeout(() => {
        stream.close();
        resolve();
      }, 1000);
    });
    tally.requests += 1;
    await rest(random.between(0, 200));
  }
}

/** Comes back sometimes before the sampling has ended, and sometimes after. */
async function watchStats(load: Load): Promise<void> {
  const { site, tally, random } = load;
  while (!load.isOver()) {
    const query = { interval: random.pick([100, 500, 1000]), history: random.chance(0.5) };
    const stream = site.client.stream('GET', '/v1/stats', query, {
      line: () => (tally.samples += 1),
      ended: () => undefined,
    });
    await restUnlessOver(load, random.between(500, 4000));
    stream.close();
    tally.requests += 1;
    await restUnlessOver(load, random.pick([100, 1000, 12_000]));
  }
}

/** Connections that say nothing, half a request, nonsense, or too much, and then are gone. */
async function misbehave(load: Load): Promise<void> {
  const { site, random } = load;
  const words = [
    '',
    'GET /v1/proc',
    'nonsense\r\n\r\n',
    'POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"names"',
    `POST /v1/stop HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`,
    'GET /v1/events?follow=true HTTP/1.1\r\nhost: x\r\n\r\n',
  ] as const;
  while (!load.isOver()) {
    const sockets = Array.from({ length: 10 }, () => {
      const socket = connect(site.socket);
      socket.on('error', () => undefined);
      socket.write(random.pick(words));
      return socket;
    });
    await rest(random.between(0, 500));
    for (const socket of sockets) socket.destroy();
  }
}

async function useCommands(load: Load): Promise<void> {
  const { site, tally } = load;
  while (!load.isOver()) {
    for (const args of [
      ['ps', '--json'],
      ['logs', '-n', '100'],
      ['events', '--no-follow', '-n', '20'],
    ]) {
      const { status, stderr } = await inTime(site.run(...args), `procsup ${args.join(' ')}`);
      if (status !== 0) tally.refused.push(`procsup ${args.join(' ')}: ${String(status)} ${stderr}`);
      tally.requests += 1;
    }
    await restUnlessOver(load, 2000);
  }
}

async function restUnlessOver({ isOver }: Load, ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until && !isOver();) await rest(50);
}

/** A fake api behind a real Unix socket, and sockets that speak to it without any of our words. */
import { request as httpRequest } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Route } from '../../src/control/route.ts';
import { createRouter } from '../../src/control/router.ts';
import { ROUTES } from '../../src/control/routes.ts';
import { listenForControl, type ControlLimits } from '../../src/control/server.ts';
import { until } from './eventually.ts';
import { createFakeApi } from './fake-api.ts';
import { scratch } from './scratch.ts';

export async function serveFakeDesk(limits: Partial<ControlLimits> = {}, routes: readonly Route[] = ROUTES) {
  const api = createFakeApi();
  const path = join(scratch(), 'control.sock');
  const server = await listenForControl(createRouter(api, routes), path, limits);
  onTestFinished(() => server.close());
  return { api, path, server };
}

export interface RawClient {
  readonly socket: Socket;
  /** All that came so far. */
  readonly text: string;
  readonly isClosed: boolean;
  /** Resolves when the text has this many times what is looked for. */
  has(wanted: string, times?: number): Promise<void>;
  closed(): Promise<void>;
}

/** A connection that writes what it is told to, and reads unless it is paused. */
export async function connectTo(path: string, firstWords = ''): Promise<RawClient> {
  const socket = createConnection({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('end', () => (isClosed = true));
  socket.on('error', () => (isClosed = true));
  socket.on('close', () => (isClosed = true));
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('error', () => resolve());
  });
  if (firstWords !== '') socket.write(firstWords);
  return {
    socket,
    get text() {
      return text;
    },
    get isClosed() {
      return isClosed;
    },
    has: (wanted, times = 1) =>
      until(() => text.split(wanted).length > times, `${wanted} in ${JSON.stringify(text.slice(-500))}`),
    closed: () => until(() => isClosed, 'the end of the connection'),
  };
}

export const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nhost: x\r\n${more}\r\n`;
export const post = (target: string, body: string, more = ''): string =>
  `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n${more}\r\n${body}`;

/** The status of one question over a connection of its own. Rejects where there is no answer. */
export function statusOf(path: string, target = '/v1/supervisor', method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ socketPath: path, path: target, method, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

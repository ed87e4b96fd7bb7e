/** Servers that take a socket of `listen`, and their clients. */
import { get, type RequestOptions } from 'node:http';
import type { Project, Row } from './daemon.ts';

export interface SocketRow {
  readonly name: string;
  readonly address: string;
  readonly port: number | null;
  readonly descriptor: number;
}

/** Answers with its pid and what it was told, and ends in order. */
export const SERVER = `
const { createServer } = require('http');
const told = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'PORT'].map((name) => process.env[name]);
const server = createServer((request, response) => response.end([process.pid, ...told].join(' ')));
server.listen({ fd: Number(process.argv[2] ?? 3) });
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

export const ask = (where: RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = get({ ...where, path: '/', agent: false }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });

export async function socketsOf(app: Project, name = 'web'): Promise<readonly SocketRow[]> {
  const rows = (await app.ps(name)) as readonly (Row & { readonly sockets?: readonly SocketRow[] })[];
  return rows[0]?.sockets ?? [];
}

export async function portOf(app: Project): Promise<number> {
  return (await socketsOf(app)).find(({ port }) => port !== null)?.port ?? 0;
}

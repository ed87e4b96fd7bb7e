/** Asks the supervisor for shared memory, and maps it. A chunk of its own. */
import { resolve } from 'node:path';
import { createClient, errorOf, Unreachable, type Answer, type ControlClient } from '../../control/client.ts';
import {
  sharedMemoryVariable,
  unknownSharedMemory,
  type SharedMemoryRecord,
} from '../../core/shared-memory.ts';
import { loadFastKoffiMemory } from '../../os/pipes/koffi-addon.ts';
import type { MapFile, MappedFile } from '../../os/pipes/koffi-memory.ts';
import { supervisorSocket } from '../supervisor-socket.ts';
import { SharedMemoryError, type SharedMemoryErrorCode } from './error.ts';
import type { CreateSharedMemoryOptions, SharedMemoryOptions } from './options.ts';

export interface Mapping extends MappedFile {
  readonly name: string;
  readonly path: string;
  remove(): Promise<void>;
}

export async function createMapping(
  name: string,
  bytes: number,
  { socket, from }: CreateSharedMemoryOptions,
): Promise<Mapping> {
  const map = await loadMap();
  const client = clientFor(socket);
  const path = from === undefined ? undefined : resolve(from);
  const made = await ask<SharedMemoryRecord>(client.post('/v1/shm/create', { name, bytes, from: path }));
  try {
    return mapped(map, made, socket);
  } catch (error) {
    await ask(client.post('/v1/shm/rm', { name })).catch(() => undefined);
    throw error;
  }
}

export async function openMapping(name: string, { socket }: SharedMemoryOptions): Promise<Mapping> {
  const map = await loadMap();
  // It was there when this process was started, and the supervisor need not be asked.
  const told = socket === undefined ? process.env[sharedMemoryVariable(name)] : undefined;
  if (told !== undefined) {
    try {
      return mapped(map, { name, path: told }, socket);
    } catch (error) {
      const isGone = error instanceof SharedMemoryError && error.code === 'MISSING';
      if (!isGone || process.env['PROCSUP_SOCKET'] === undefined) throw error;
    }
  }
  const { sharedMemory: all } = await ask<{ readonly sharedMemory: readonly SharedMemoryRecord[] }>(
    clientFor(socket).get('/v1/shm'),
  );
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new SharedMemoryError('MISSING', unknownSharedMemory(name).message);
  return mapped(map, found, socket);
}

let map: Promise<MapFile | undefined> | undefined;

async function loadMap(): Promise<MapFile> {
  map ??= loadFastKoffiMemory();
  const loaded = await map;
  if (loaded !== undefined) return loaded;
  throw new SharedMemoryError(
    'NO_KOFFI',
    'cannot map shared memory: the optional package koffi is not installed, or does not work here',
  );
}

function mapped(
  map: MapFile,
  { name, path }: Pick<SharedMemoryRecord, 'name' | 'path'>,
  socket: string | undefined,
): Mapping {
  try {
    return {
      ...{ name, path, ...map(path) },
      async remove() {
        await ask(clientFor(socket).post('/v1/shm/rm', { name }));
      },
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new SharedMemoryError('MISSING', unknownSharedMemory(name).message);
    throw new SharedMemoryError('NOT_MAPPED', `cannot map shared memory '${name}': ${message}`, {
      cause: error,
    });
  }
}

function clientFor(socket: string | undefined): ControlClient {
  const path = supervisorSocket({ socket }, (message) => {
    throw new SharedMemoryError('NO_SUPERVISOR', message);
  });
  return createClient(path, { pid: process.pid });
}

const CODES: Readonly<Record<string, SharedMemoryErrorCode>> = {
  'shm-exists': 'EXISTS',
  'shm-missing': 'MISSING',
  'shm-no-room': 'NO_ROOM',
};

async function ask<T>(asked: Promise<Answer>): Promise<T> {
  const { status, body } = await asked.catch((cause: unknown) => {
    if (!(cause instanceof Unreachable)) throw cause;
    const message = `cannot reach the supervisor: ${cause.message}`;
    throw new SharedMemoryError('UNREACHABLE', message, { cause });
  });
  if (status >= 200 && status < 300 && body !== null) return body as T;
  const { code, message } = errorOf(body);
  throw new SharedMemoryError(CODES[code] ?? 'REFUSED', message);
}

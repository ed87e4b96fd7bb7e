/**
 * Loads koffi without its JavaScript, which only searches for its native module and takes 8 of 10 ms for that. The path of
 * the module is not documented: if it is not found here, koffi itself is loaded.
 */
import { existsSync } from 'node:fs';
import {
  koffiBy,
  loadKoffiDuplicate,
  loadKoffiIoctl,
  loadKoffiPipes,
  loadKoffiPoll,
  loadKoffiReap,
  loadKoffiSend,
  type ControlDevice,
  type Duplicate,
  type HasNoReader,
  type ReapNow,
  type SendNow,
} from './koffi.ts';
import { loadKoffiMemory, type MapFile } from './koffi-memory.ts';
import { loadKoffiSockets, type KoffiSockets, type NetlinkDump } from './koffi-sockets.ts';
import { loadKoffiSpawn, type PosixSpawn } from '../process/koffi-spawn.ts';
import { loadKoffiListeners } from '../sockets/koffi-listeners.ts';
import type { ListenerSystem } from '../../ports/listeners.ts';
import { createRequire } from 'node:module';
import type { MakeStagePipes } from './stage-spawn.ts';

type LoadKoffi = NonNullable<Parameters<typeof loadKoffiPipes>[0]>;

/** By the loader of musl, beside which the other libc's module would not do. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What to require; undefined where it has to be looked for. */
export function koffiAddon(): string | undefined {
  const { platform, arch } = process;
  const musl = ARCHITECTURES[arch];
  if (platform !== 'linux' || musl === undefined || existsSync(`/lib/ld-musl-${musl}.so.1`)) return undefined;
  return `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`;
}

/**
 * Rejects where it is not found. Not by `import()`: as an ES module Node 20 and 22 refuse an addon, and Node 24 and 26 print
 * an ExperimentalWarning.
 */
const requireKoffiAddon: LoadKoffi = () =>
  new Promise((resolve) => {
    const name = koffiAddon();
    if (name === undefined) throw new Error('koffi has to be looked for');
    resolve(createRequire(import.meta.url)(name) as Awaited<ReturnType<LoadKoffi>>);
  });

/** By the native module, else by koffi itself; undefined where neither works. */
async function fastest<T>(load: (from?: LoadKoffi) => Promise<T | undefined>): Promise<T | undefined> {
  return (await load(requireKoffiAddon)) ?? (await load());
}

export const loadFastKoffiPipes = (): Promise<MakeStagePipes | undefined> => fastest(loadKoffiPipes);
export const loadFastKoffiPoll = (): Promise<HasNoReader | undefined> => fastest(loadKoffiPoll);
export const loadFastKoffiSend = (): Promise<SendNow | undefined> => fastest(loadKoffiSend);
export const loadFastKoffiIoctl = (): Promise<ControlDevice | undefined> => fastest(loadKoffiIoctl);
export const loadFastKoffiReap = (): Promise<ReapNow | undefined> => fastest(loadKoffiReap);
export const loadFastKoffiDuplicate = (): Promise<Duplicate | undefined> => fastest(loadKoffiDuplicate);
export const loadFastKoffiSockets = (): Promise<KoffiSockets | undefined> =>
  fastest((from) => loadKoffiSockets(koffiBy(from)));
export const loadFastKoffiMemory = (): Promise<MapFile | undefined> =>
  fastest((from) => loadKoffiMemory(koffiBy(from)));
export const loadFastKoffiListeners = async (
  dump?: () => NetlinkDump | undefined,
): Promise<ListenerSystem | undefined> => fastest((from) => loadKoffiListeners(koffiBy(from), dump));
export const loadFastKoffiSpawn = (): Promise<PosixSpawn | undefined> =>
  fastest((from) => loadKoffiSpawn(koffiBy(from)));

/**
 * koffi without its JavaScript, which does nothing but look for the native module that it is, and takes 8 of 10 ms for it.
 * Where that module lies is no promise of koffi's: whoever does not find it here has koffi look for it.
 */
import { existsSync } from 'node:fs';
import type { loadKoffiPipes } from './koffi-pipes.ts';

type ImportKoffi = NonNullable<Parameters<typeof loadKoffiPipes>[0]>;

/** As the loader of musl calls them. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** Rejects where it has to be looked for. */
export const importKoffiAddon: ImportKoffi = async () => {
  const { platform, arch } = process;
  const musl = `/lib/ld-musl-${ARCHITECTURES[arch] ?? ''}.so.1`;
  if (platform !== 'linux' || !(arch in ARCHITECTURES) || existsSync(musl)) throw new Error('not known here');
  const name = `@koromix/koffi-linux-${arch}/linux_${arch}/koffi.node`;
  const addon = (await import(name)) as { readonly default: Awaited<ReturnType<ImportKoffi>> };
  return addon.default;
};

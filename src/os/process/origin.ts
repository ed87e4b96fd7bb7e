/**
 * Where a pid means something: in one pid namespace of one machine. Two containers, or a container and its host, may
 * share a home and even the boot id; two machines may share a home over the network.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { ownIdentity, type ProcessIdentity } from './identity.ts';

export interface Origin {
  /** The name of the machine, with machine-id(5) where there is one: cloned machines have the same. */
  readonly machine: string;
  /** Inode of its pid namespace; null where there are none. */
  readonly pidNamespace: string | null;
}

/** `here`: /proc tells whether it lives. */
export type Whereabouts = 'here' | 'another pid namespace' | 'another machine';

export function ownOrigin(): Origin {
  return { machine: `${hostname()} ${machineId()}`.trim(), pidNamespace: namespaceOf('self') };
}

/** Where a process with this identity and origin is; one of an older procsup, which told no origin, is taken to be here. */
export function whereaboutsOf(
  identity: ProcessIdentity,
  origin: Origin | undefined,
  own: Origin = ownOrigin(),
  ownBoot: string | null = ownIdentity().boot,
): Whereabouts {
  if (origin === undefined) return 'here';
  const isSameBoot = identity.boot === ownBoot && identity.boot !== null;
  // The machine was restarted: whatever the namespace was, it is gone.
  if (!isSameBoot) return origin.machine === own.machine ? 'here' : 'another machine';
  return origin.pidNamespace === own.pidNamespace ? 'here' : 'another pid namespace';
}

function namespaceOf(process: string): string | null {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${process}/ns/pid`))?.[0] ?? null;
  } catch {
    return null;
  }
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'latin1').trim();
  } catch {
    return '';
  }
}

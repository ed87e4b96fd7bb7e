/** Finds the ports of a directory for `-p auto`: those that it has claimed, or new ones on which nothing listens. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { chooseBase, portsOf, shapeFor, type PortRange, type PortShape } from '../../core/plan/auto-port.ts';
import { projectKey } from '../../core/project-key.ts';
import { listenersByLsof, listeningSockets } from '../proc/listening.ts';
import { crashedOwnersOf, ownerOf } from './lock.ts';
import { stateBaseOf } from './places.ts';
import { claimPorts, readPortClaims, type PortClaim, type PortClaims } from './port-claims.ts';

export interface PortsWanted {
  /** The directory of the project. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Of the Procfile and of procsup.yaml. */
  readonly lines: number;
  /** Of the process that has most of them. */
  readonly instances: number;
  /** The ports of the instances that are to be started. */
  readonly used: (base: number, step: number) => readonly number[];
  /** Nothing is started: nothing is claimed. */
  readonly onlyLook: boolean;
}

export interface AssignedPorts {
  readonly base: number;
  readonly step: number;
  /** Something listens on a port that the directory had until now. */
  readonly moved?: { readonly from: number; readonly takenPort: number } | undefined;
  /** Why they are not claimed. */
  readonly unclaimed?: string;
}

/** `none-left`: `others` directories have claimed all ports. */
export type PortsAssigned =
  | AssignedPorts
  | { readonly refused: 'too-many' }
  | { readonly refused: 'none-left'; readonly others: number };

export async function assignPorts(wanted: PortsWanted): Promise<PortsAssigned> {
  const shape = shapeFor(wanted.lines, wanted.instances);
  if (shape === undefined) return { refused: 'too-many' };
  const root = realpathSync.native(wanted.root);
  const stateBase = stateBaseOf(wanted.env);
  // What listens there are the processes of this project, or will be stopped before the start.
  const taken = mayRun(join(stateBase, projectKey(root))) ? new Set<number>() : await takenPorts();
  const found: { others: number; moved?: AssignedPorts['moved'] } = { others: 0 };
  const choose = (claims: PortClaims): PortClaim | undefined => {
    found.others = claims.others;
    found.moved = undefined;
    const { own, claimed } = claims;
    if (own?.step === shape.step) {
      const takenPort = wanted.used(own.base, own.step).find((port) => taken.has(port));
      if (takenPort === undefined) return grown(own, shape, claimed);
      found.moved = { from: own.base, takenPort };
    }
    return newClaim(root, shape, claimed, taken);
  };
  const { claim, unclaimed } = claimed(stateBase, root, choose, wanted.onlyLook);
  if (claim === undefined) return { refused: 'none-left', others: found.others };
  const { base, step } = claim;
  const { moved } = found;
  return { base, step, ...(moved && { moved }), ...(unclaimed !== undefined && { unclaimed }) };
}

function claimed(
  stateBase: string,
  root: string,
  choose: (claims: PortClaims) => PortClaim | undefined,
  onlyLook: boolean,
): { readonly claim: PortClaim | undefined; readonly unclaimed?: string } {
  if (onlyLook) return { claim: choose(readPortClaims(stateBase, root)) };
  try {
    return { claim: claimPorts(stateBase, root, choose) };
  } catch (error) {
    // The disk is read-only, say: the ports are free now at least.
    return { claim: choose(readPortClaims(stateBase, root)), unclaimed: (error as Error).message };
  }
}

/** Lines that were added take their ports, if nobody has them: else those are not claimed. */
function grown(own: PortClaim, shape: PortShape, claimed: ReadonlySet<number>): PortClaim {
  const lines = Math.max(own.lines, shape.lines);
  const room = Math.max(own.room, shape.room);
  if (lines === own.lines && room === own.room) return own;
  const wider = { ...own, lines, room };
  return portsOf(wider.base, wider).some((port) => claimed.has(port)) ? own : wider;
}

function newClaim(
  root: string,
  shape: PortShape,
  claimed: ReadonlySet<number>,
  taken: ReadonlySet<number>,
): PortClaim | undefined {
  const isTaken = (port: number): boolean => taken.has(port);
  const base = chooseBase({ root, shape, claimed, isTaken, ephemeral: ephemeralRange() });
  return base === undefined ? undefined : { root, base, ...shape };
}

function mayRun(stateDirectory: string): boolean {
  try {
    return ownerOf(stateDirectory) !== undefined || crashedOwnersOf(stateDirectory).length > 0;
  } catch {
    return true; // It cannot be told.
  }
}

async function takenPorts(): Promise<ReadonlySet<number>> {
  const sockets = listeningSockets();
  if (sockets !== undefined) return new Set(sockets.values());
  return new Set((await listenersByLsof())?.map(({ port }) => port));
}

/** The ports that Linux gives to clients. */
function ephemeralRange(): PortRange | undefined {
  try {
    const [low, high] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').trim().split(/\s+/);
    return low === undefined || high === undefined ? undefined : { low: Number(low), high: Number(high) };
  } catch {
    return undefined;
  }
}

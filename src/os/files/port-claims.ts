/**
 * The ports that directories have claimed with `-p auto`. Each has a file in `ports`, below the state directory of the
 * user, which stays when its processes have ended: the next start gets the same ports. It counts as long as the
 * directory exists, or its supervisor runs.
 *
 * Why two directories never have the same port: a claim is written, and then all are read again; where one overlaps, the
 * own is taken back and the choice is made again after a random time. Of two that are written at the same moment, the
 * later writer reads both and withdraws; the earlier one may do so too, which costs only time.
 */
import { existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portsOf, type PortShape } from '../../core/plan/auto-port.ts';
import { projectKey } from '../../core/project-key.ts';
import { systemClock } from '../clock.ts';
import { ownerOf } from './lock.ts';
import { makePrivateDirectory } from './private-directory.ts';

export interface PortClaim extends PortShape {
  /** The directory, symbolic links resolved. */
  readonly root: string;
  readonly base: number;
}

/** What is claimed at the moment. */
export interface PortClaims {
  readonly own: PortClaim | undefined;
  /** All ports of other directories. */
  readonly claimed: ReadonlySet<number>;
  /** How many directories those are. */
  readonly others: number;
}

const PATIENCE_MS = 5000;
const LONGEST_PAUSE_MS = 20;

export function readPortClaims(stateBase: string, root: string): PortClaims {
  const all = readAll(stateBase);
  const others = all.filter((claim) => claim.root !== root);
  return {
    own: all.find((claim) => claim.root === root),
    claimed: new Set(others.flatMap((claim) => portsOf(claim.base, claim))),
    others: others.length,
  };
}

/**
 * Claims what `choose` returns, in place of an earlier claim of the same directory, which stays if it is returned itself;
 * `choose` is asked again if another directory was faster. Returns undefined if it has nothing to choose. Throws the system's error if nothing can be
 * written there.
 */
export function claimPorts(
  stateBase: string,
  root: string,
  choose: (claims: PortClaims) => PortClaim | undefined,
  reached: () => void = () => undefined,
): PortClaim | undefined {
  const directory = directoryOf(stateBase);
  makePrivateDirectory(directory);
  for (const deadline = systemClock.now() + PATIENCE_MS; ;) {
    const before = readPortClaims(stateBase, root);
    const claim = choose(before);
    if (claim === undefined || claim === before.own) return claim;
    write(directory, claim);
    reached();
    const { claimed } = readPortClaims(stateBase, root);
    if (!portsOf(claim.base, claim).some((port) => claimed.has(port))) return claim;
    if (before.own === undefined) remove(pathOf(directory, root));
    else write(directory, before.own);
    if (systemClock.now() > deadline)
      throw new Error(`cannot claim ports in '${directory}': too many attempts`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * LONGEST_PAUSE_MS);
  }
}

const directoryOf = (stateBase: string): string => join(stateBase, 'ports');
const pathOf = (directory: string, root: string): string => join(directory, `${projectKey(root)}.json`);

function readAll(stateBase: string): readonly PortClaim[] {
  const directory = directoryOf(stateBase);
  return namesIn(directory).flatMap((name) => {
    const claim = name.endsWith('.json') ? parse(textOf(join(directory, name))) : undefined;
    if (claim === undefined) return [];
    if (existsSync(claim.root) || hasSupervisor(join(stateBase, projectKey(claim.root)))) return [claim];
    remove(join(directory, name));
    return [];
  });
}

/** One that was renamed runs on, with its ports. */
function hasSupervisor(stateDirectory: string): boolean {
  try {
    return ownerOf(stateDirectory) !== undefined;
  } catch {
    return true; // It cannot be told.
  }
}

function parse(text: string): PortClaim | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<string, unknown>>;
    const { root, base, lines, room, step } = value;
    if (typeof root !== 'string' || ![base, lines, room, step].every(isSmall)) return undefined;
    return { root, base, lines, room, step } as PortClaim;
  } catch {
    return undefined;
  }
}

/** A file that somebody has edited must not make a set of millions. */
const isSmall = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;

function write(directory: string, claim: PortClaim): void {
  const path = pathOf(directory, claim.root);
  const temporary = `${path}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(claim)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    return; // Another one was faster.
  }
}

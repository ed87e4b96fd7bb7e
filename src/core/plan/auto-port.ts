/**
 * Which ports `-p auto` gives to a directory: a base that its path decides, and that no other directory has claimed.
 *
 * A claim is `lines` ranges of `room` ports, `step` apart: those of the lines of the Procfile and of their instances.
 * Bases are multiples of ten, so that ten directories find room between the hundreds of the same lines.
 */
import { projectHash } from '../project-key.ts';

/** Below are ports of well-known servers, and all but one that browsers block; above the ones of Kubernetes and clients. */
const LOWEST = 10_100;
const HIGHEST = 29_999;
const BASE_STEP = 10;
const STEPS = [100, 50, 20, 10, 5, 2, 1] as const;
/** A Procfile that grows does not need another base. */
const LEAST_LINES = 10;
const LEAST_ROOM = 10;

/** From 1024 on, of the list of the Fetch standard: a browser opens no page there. */
const BLOCKED_BY_BROWSERS: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080],
]);

export interface PortShape {
  readonly lines: number;
  readonly room: number;
  readonly step: number;
}

export interface PortRange {
  readonly low: number;
  readonly high: number;
}

export interface BaseChoice {
  /** The path of the directory, symbolic links resolved. */
  readonly root: string;
  readonly shape: PortShape;
  /** Those that other directories have claimed. */
  readonly claimed: ReadonlySet<number>;
  /** Those on which something listens. */
  readonly isTaken: (port: number) => boolean;
  /** Those that the system gives to clients: used only where there are no others. */
  readonly ephemeral: PortRange | undefined;
}

/** What a Procfile with so many lines needs; undefined: there are not so many ports. */
export function shapeFor(lines: number, instances: number): PortShape | undefined {
  const step = STEPS.find((one) => lines * one <= HIGHEST - LOWEST + 1);
  if (step === undefined) return undefined;
  const spare = Math.min(LEAST_LINES, Math.floor((HIGHEST - LOWEST + 1) / step));
  const room = Math.ceil(Math.max(instances, LEAST_ROOM) / LEAST_ROOM) * LEAST_ROOM;
  return { lines: Math.max(lines, spare), room: Math.min(room, step), step };
}

/** All ports of a claim. */
export function portsOf(base: number, { lines, room, step }: PortShape): readonly number[] {
  return Array.from({ length: lines * room }, (_, at) => base + Math.floor(at / room) * step + (at % room));
}

/** Undefined: no base is left. */
export function chooseBase(choice: BaseChoice): number | undefined {
  const { root, shape, ephemeral } = choice;
  const isFree = (avoided: PortRange | undefined) => (base: number) => {
    // Without a list of the ports: there are many bases.
    for (let line = 0; line < shape.lines; line += 1) {
      for (let at = 0; at < shape.room; at += 1) {
        const port = base + line * shape.step + at;
        if (isWithin(port, avoided) || !isUsable(port, choice)) return false;
      }
    }
    return true;
  };
  const span = (shape.lines - 1) * shape.step + shape.room;
  const bases = candidates(root).filter((base) => base + span - 1 <= HIGHEST);
  return bases.find(isFree(ephemeral)) ?? bases.find(isFree(undefined));
}

function isUsable(port: number, { claimed, isTaken }: BaseChoice): boolean {
  return !BLOCKED_BY_BROWSERS.has(port) && !claimed.has(port) && !isTaken(port);
}

const isWithin = (port: number, range: PortRange | undefined): boolean =>
  range !== undefined && port >= range.low && port <= range.high;

/** All bases, from the one of this path on. */
function candidates(root: string): readonly number[] {
  const count = Math.floor((HIGHEST - LOWEST) / BASE_STEP) + 1;
  const first = Number.parseInt(projectHash(root).slice(0, 8), 16) % count;
  return Array.from({ length: count }, (_, at) => LOWEST + ((first + at) % count) * BASE_STEP);
}

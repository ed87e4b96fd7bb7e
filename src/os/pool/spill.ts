/**
 * Output that memory has no room for: appended to temporary files without a name, which are gone with us. A file is closed
 * when nothing in it is wanted any more, so that the disk is not filled by what was printed long ago.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Extent, Spill } from '../../ports/pool.ts';

const SEGMENT_BYTES = 64 * 1024 * 1024;

interface Segment {
  readonly fd: number;
  size: number;
  wantedBytes: number;
}

interface SpilledExtent extends Extent {
  readonly segment: Segment;
}

export function createSpill(directory = tmpdir()): Spill {
  const segments = new Set<Segment>();
  let current: Segment | undefined;

  const drop = (segment: Segment): void => {
    if (segments.delete(segment)) closeSync(segment.fd);
    if (current === segment) current = undefined;
  };

  const segmentWithRoom = (): Segment => {
    if (current === undefined || current.size >= SEGMENT_BYTES) {
      current = { fd: openUnnamed(directory), size: 0, wantedBytes: 0 };
      segments.add(current);
    }
    return current;
  };

  return {
    write(bytes) {
      const segment = segmentWithRoom();
      const at = segment.size;
      for (let done = 0; done < bytes.length;) {
        done += writeSync(segment.fd, bytes, done, bytes.length - done, at + done);
      }
      segment.size += bytes.length;
      segment.wantedBytes += bytes.length;
      let isWanted = true;
      const extent: SpilledExtent = {
        ...{ segment, at, byteCount: bytes.length },
        release() {
          if (!isWanted) return;
          isWanted = false;
          segment.wantedBytes -= bytes.length;
          if (segment.wantedBytes === 0) drop(segment);
        },
      };
      return extent;
    },
    read(extent, from, into) {
      const { segment, at, byteCount } = extent as SpilledExtent;
      return readSync(segment.fd, into, 0, Math.min(into.length, byteCount - from), at + from);
    },
    close() {
      for (const segment of [...segments]) drop(segment);
    },
  };
}

function openUnnamed(parent: string): number {
  const directory = mkdtempSync(join(parent, 'procsup-'));
  const path = join(directory, 'output');
  try {
    return openSync(path, 'wx+', 0o600);
  } finally {
    try {
      unlinkSync(path);
    } catch {
      // It was not made.
    }
    rmdirSync(directory);
  }
}

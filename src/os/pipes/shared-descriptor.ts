import { closeSync } from 'node:fs';
import type { HeldDescriptor } from '../../ports/descriptors.ts';

/**
 * A descriptor that several use: it is closed when its owner and all users have released it. A bare number that is kept
 * across a turn of the event loop may by then belong to another file.
 */
export interface SharedDescriptor extends HeldDescriptor {
  /** One use more. Throws when it is closed already. */
  use(): HeldDescriptor;
}

export function shareDescriptor(fd: number): SharedDescriptor {
  let uses = 0;
  const use = (): HeldDescriptor => {
    let isHeld = true;
    uses += 1;
    return {
      fd,
      release() {
        if (!isHeld) return;
        isHeld = false;
        uses -= 1;
        if (uses === 0) closeSync(fd);
      },
    };
  };
  return {
    ...use(),
    use() {
      if (uses === 0) throw new Error(`descriptor ${String(fd)} is closed already`);
      return use();
    },
  };
}

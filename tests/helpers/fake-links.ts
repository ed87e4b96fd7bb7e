import type { StageLinks } from '../../src/ports/pipelines.ts';

/** Pipes without a kernel: it tells what becomes of them, and each run gets descriptors that mean nothing. */
export function createFakeLinks(log: (line: string) => void = () => undefined): StageLinks {
  return {
    prepare: (name) => log(`pipes for ${name}`),
    open(name, _root, { upstream, downstream }) {
      log(`open ${name}`);
      return Promise.resolve({
        stdin: upstream === null ? null : held(10),
        stdout: downstream === null ? null : held(11),
      });
    },
    endWriting: (reader) => log(`end writing to ${reader}`),
    endReading: (reader) => log(`end reading by ${reader}`),
    keepOnly: () => undefined,
  };
}

const held = (fd: number) => ({ fd, release: () => undefined });

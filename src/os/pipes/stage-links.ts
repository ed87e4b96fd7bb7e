/**
 * The pipes of supervised pipelines. We keep both ends of each and give them to one run after the other: as long as we
 * hold the read end, who writes waits instead of getting SIGPIPE when its reader has crashed, and what nobody has read
 * yet stays in the pipe; as long as we hold the write end, who reads waits instead of reaching the end of file. libuv
 * makes what it hands out blocking again, whatever the last run has done to it.
 */
import { closeSync } from 'node:fs';
import type { StageLinks } from '../../ports/pipelines.ts';
import { refusalOf } from '../process/spawn.ts';
import type { MakeStagePipes, StagePipe } from './stage-spawn.ts';

interface Link {
  readonly pipe: Promise<StagePipe>;
  readonly held: Set<keyof StagePipe>;
}

/** What makes pipes is loaded when the first one is wanted. */
export function createStageLinks(loadMaker: () => Promise<MakeStagePipes>): StageLinks {
  /** By the name of who reads. */
  const links = new Map<string, Link>();
  let make: MakeStagePipes | undefined;

  const close = (link: Link, end: keyof StagePipe): void => {
    if (!link.held.delete(end)) return;
    // One that could not be made has no ends.
    link.pipe.then((pipe) => closeSync(pipe[end])).catch(() => undefined);
  };

  const forget = (reader: string, link: Link): void => {
    links.delete(reader);
    close(link, 'read');
    close(link, 'write');
  };

  const makePipe = async (): Promise<StagePipe> => {
    make ??= await loadMaker();
    const [pipe] = await make(1);
    if (pipe === undefined) throw new Error('no pipe was made');
    return pipe;
  };

  const renew = (reader: string): Link => {
    const old = links.get(reader);
    if (old !== undefined) forget(reader, old);
    const link: Link = { pipe: makePipe(), held: new Set(['read', 'write']) };
    links.set(reader, link);
    // It stays until the next one is prepared: whoever was to have its other end is refused as well.
    link.pipe.catch(() => link.held.clear());
    return link;
  };

  const linkOf = (reader: string): Link => links.get(reader) ?? renew(reader);

  return {
    prepare(name, { upstream, downstream }) {
      // Whoever reads is given what is left, even if nobody writes any more.
      if (upstream !== null && !linkOf(name).held.has('read')) renew(name);
      if (downstream !== null && linkOf(downstream).held.size < 2) renew(downstream);
    },
    async open(name, root, { upstream, downstream }) {
      const input = upstream === null ? undefined : linkOf(name);
      const output = downstream === null ? undefined : linkOf(downstream);
      try {
        const [read, write] = await Promise.all([input?.pipe, output?.pipe]);
        return { stdin: read?.read ?? null, stdout: write?.write ?? null };
      } catch (error) {
        return refusalOf(error, { root });
      }
    },
    endWriting(reader) {
      const link = links.get(reader);
      if (link !== undefined) close(link, 'write');
    },
    endReading(reader) {
      const link = links.get(reader);
      if (link !== undefined) close(link, 'read');
    },
    keepOnly(readers) {
      for (const [reader, link] of links) if (!readers.has(reader)) forget(reader, link);
    },
  };
}

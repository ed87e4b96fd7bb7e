/**
 * The pipes of supervised pipelines. We keep both ends of each and give them to one run after the other. While we hold
 * the read end, a writer whose reader has crashed waits instead of getting SIGPIPE, and unread data stays in the pipe.
 * While we hold the write end, a reader waits instead of reaching the end of file. libuv makes descriptors blocking
 * again when it passes them on, whatever the last run has done to them.
 */
import { existsSync, constants, openSync } from 'node:fs';
import type { HeldDescriptor } from '../../ports/descriptors.ts';
import type { StageEnds, StageLinks } from '../../ports/pipelines.ts';
import { refusalOf } from '../process/spawn.ts';
import { shareDescriptor, type SharedDescriptor } from './shared-descriptor.ts';
import type { MakeStagePipes } from './stage-spawn.ts';

interface SharedPipe {
  readonly read: SharedDescriptor;
  readonly write: SharedDescriptor;
}

type End = keyof SharedPipe;

interface Link {
  pipe: Promise<SharedPipe>;
  readonly held: Set<End>;
}

/** What a run that was prepared will have; resolved when its pipes are made. */
interface Reserved {
  readonly stdin: Promise<HeldDescriptor> | null;
  readonly stdout: Promise<HeldDescriptor> | null;
}

/** What makes pipes is loaded when the first one is wanted. */
export function createStageLinks(loadMaker: () => Promise<MakeStagePipes>): StageLinks {
  /** By the name of the reader. */
  const links = new Map<string, Link>();
  /** By the name of whose run it is. */
  const reserved = new Map<string, Reserved>();
  let make: MakeStagePipes | undefined;

  const close = (link: Link, end: End): void => {
    if (!link.held.delete(end)) return;
    // One that could not be made has no ends.
    link.pipe.then((pipe) => pipe[end].release()).catch(() => undefined);
  };

  const forget = (reader: string, link: Link): void => {
    links.delete(reader);
    close(link, 'read');
    close(link, 'write');
  };

  const makePipe = async (): Promise<SharedPipe> => {
    make ??= await loadMaker();
    const [pipe] = await make(1);
    if (pipe === undefined) throw new Error('no pipe was made');
    return { read: shareDescriptor(pipe.read), write: shareDescriptor(pipe.write) };
  };

  const setPipe = (link: Link, pipe: Promise<SharedPipe>): void => {
    link.pipe = pipe;
    // The failure stays until the next run is prepared: the stage at the other end is refused as well.
    pipe.catch(() => link.held.clear());
  };

  const renew = (reader: string): Link => {
    const old = links.get(reader);
    if (old !== undefined) forget(reader, old);
    const pipe = makePipe();
    const link: Link = { pipe, held: new Set(['read', 'write']) };
    setPipe(link, pipe);
    links.set(reader, link);
    return link;
  };

  const linkOf = (reader: string): Link => links.get(reader) ?? renew(reader);

  /** Its last writer was over, and a run that reads may have it: so who writes now writes to the same pipe. */
  const writeAgain = (link: Link): void => {
    link.held.add('write');
    setPipe(link, link.pipe.then(withNewWriter));
  };

  const linkToWrite = (reader: string): Link => {
    const link = linkOf(reader);
    if (link.held.size === 2) return link;
    if (!link.held.has('read') || !canOpenAgain()) return renew(reader);
    writeAgain(link);
    return link;
  };

  const linkToRead = (reader: string): Link => {
    const link = linkOf(reader);
    // Whoever reads is given what is left, even if nobody writes any more.
    return link.held.has('read') ? link : renew(reader);
  };

  const reserve: StageLinks['prepare'] = (name, { upstream, downstream }) => {
    const before = reserved.get(name);
    const stdin = upstream === null ? null : useOf(linkToRead(name), 'read');
    const stdout = downstream === null ? null : useOf(linkToWrite(downstream), 'write');
    if (before !== undefined) release(before);
    reserved.set(name, { stdin, stdout });
  };

  return {
    prepare: reserve,
    async open(name, root, neighbours) {
      if (!reserved.has(name)) reserve(name, neighbours);
      const mine = reserved.get(name) ?? NOTHING;
      reserved.delete(name);
      try {
        const [stdin, stdout] = await Promise.all([mine.stdin, mine.stdout]);
        return { stdin, stdout } satisfies StageEnds;
      } catch (error) {
        release(mine);
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
    keepOnly(names) {
      for (const [reader, link] of links) if (!names.has(reader)) forget(reader, link);
      for (const [name, mine] of reserved) {
        if (names.has(name)) continue;
        reserved.delete(name);
        release(mine);
      }
    },
  };
}

const NOTHING: Reserved = { stdin: null, stdout: null };

/** To be called while the end is held: what closes it later comes later. */
function useOf(link: Link, end: End): Promise<HeldDescriptor> {
  const use = link.pipe.then((pipe) => pipe[end].use());
  // Told when the run is opened.
  use.catch(() => undefined);
  return use;
}

function release({ stdin, stdout }: Reserved): void {
  for (const one of [stdin, stdout]) one?.then((held) => held.release()).catch(() => undefined);
}

const canOpenAgain = (): boolean => process.platform === 'linux' && existsSync('/proc/self/fd');

/** We hold the read end, so the opening does not wait. */
function withNewWriter({ read }: SharedPipe): SharedPipe {
  try {
    return { read, write: shareDescriptor(openSync(`/proc/self/fd/${String(read.fd)}`, constants.O_WRONLY)) };
  } catch (error) {
    read.release();
    throw error;
  }
}

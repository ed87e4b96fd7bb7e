/** The pipes between the stages of pipelines, as a supervisor holds them, and what programs hear of them. */
import type { FleetEffect, FleetState } from '../../src/core/fleet/state.ts';

export interface PipeWorld {
  readonly state: () => FleetState;
  readonly now: () => number;
  readonly blame: (what: string) => void;
  /** Does a program of that name live, or something that it left behind? */
  readonly lives: (name: string) => boolean;
  /** The program of that name reads the end of its file, or writes to nobody. */
  readonly hears: (name: string, news: 'end-of-file' | 'no-reader') => void;
}

export interface Pipes {
  /** A program of that name starts: pipes of which an end was given up are made anew. */
  open(name: string): void;
  end(effect: Extract<FleetEffect, { type: 'end-writing' | 'end-reading' }>): void;
  /** Since when nobody is to write to it any more; undefined while somebody is. */
  noWriterSince(name: string): number | undefined;
  /** It is no member any more. */
  forget(name: string): void;
  /** After a step that may have given stages other neighbours: who reads has heard of an end that came before. */
  checkJoined(before: FleetState): void;
  checkFinish(): void;
}

interface Pipe {
  isRead: boolean;
  isWritten: boolean;
  /** Who has had an end of it. */
  readonly users: Set<string>;
}

export function createPipes({ state, now, blame, lives, hears }: PipeWorld): Pipes {
  /** By who reads. */
  const pipes = new Map<string, Pipe>();
  /** By who reads, or would: a stage that was first when it was started has no pipe. */
  const endedAt = new Map<string, number>();
  const stageOf = (name: string) => state().spec.byName.get(name)?.stage;
  const renew = (reader: string) => {
    pipes.set(reader, { isRead: true, isWritten: true, users: new Set() });
    endedAt.delete(reader);
  };

  return {
    open(name) {
      const { upstream = null, downstream = null } = stageOf(name) ?? {};
      if (upstream !== null) {
        if (pipes.get(name)?.isRead !== true) renew(name);
        pipes.get(name)?.users.add(name);
        if (pipes.get(name)?.isWritten === false) hears(name, 'end-of-file');
      }
      if (downstream === null) return;
      const output = pipes.get(downstream);
      if (output?.isRead !== true || !output.isWritten) renew(downstream);
      pipes.get(downstream)?.users.add(name);
    },

    end({ type, reader }) {
      const pipe = pipes.get(reader);
      const writer = stageOf(reader)?.upstream;
      const isFirst = pipe?.isWritten ?? !endedAt.has(reader);
      if (type === 'end-writing' && isFirst) endedAt.set(reader, now());
      if (pipe === undefined) return;
      if (type === 'end-writing') {
        if (writer !== null && writer !== undefined && lives(writer))
          blame(`${writer} lives, and its pipe is closed`);
        // An end is closed once.
        if (!pipe.isWritten) return;
        pipe.isWritten = false;
        hears(reader, 'end-of-file');
      } else {
        if (lives(reader)) blame(`${reader} lives, and what it reads is closed`);
        if (!pipe.isRead) return;
        pipe.isRead = false;
        if (writer !== null && writer !== undefined) hears(writer, 'no-reader');
      }
    },

    noWriterSince: (name) => endedAt.get(name),

    forget(name) {
      pipes.delete(name);
      endedAt.delete(name);
      for (const { users } of pipes.values()) users.delete(name);
    },

    checkJoined({ spec }) {
      for (const [reader, { isWritten }] of pipes) {
        const writer = stageOf(reader)?.upstream ?? null;
        if (writer === null || !isWritten || spec.byName.get(reader)?.stage?.upstream === writer) continue;
        const { goal, process } = state().members.get(writer) ?? {};
        if (goal === 'up' && (process?.phase.name === 'exited' || process?.phase.name === 'failed'))
          blame(`${reader} waits for ${writer}, which has ended`);
      }
    },

    checkFinish() {
      for (const [reader, { isRead, isWritten, users }] of pipes) {
        const writer = stageOf(reader)?.upstream;
        // Who was dropped is not heard of any more: whoever holds its pipes forgets them with it.
        if (writer === null || writer === undefined || !state().members.has(writer)) continue;
        // It waits for somebody who may be started yet.
        if (users.size < 2) continue;
        if (isRead || isWritten) blame(`the pipe from ${writer} to ${reader} is held after the end`);
      }
    },
  };
}

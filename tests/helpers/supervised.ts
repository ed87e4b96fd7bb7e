/** A supervisor of the built package in this very process, with puppets. When the test ends nothing of it may be left. */
import { join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type * as Library from '../../src/index.ts';
import { inTime } from './eventually.ts';
import { withEnvironment } from './proc.ts';
import { openTheatre, type Puppet } from './puppets.ts';
import { scratch } from './scratch.ts';

export const DIST = resolve(import.meta.dirname, '../../dist/index.js');

export const library = (): Promise<typeof Library> =>
  import(/* @vite-ignore */ DIST) as Promise<typeof Library>;

export interface Supervised {
  readonly supervisor: Library.Supervisor;
  readonly mark: string;
  /** The latest puppet of this name that was not handed out yet; waits for it. */
  readonly puppet: (name: string) => Promise<Puppet>;
}

let count = 0;

export async function supervise(config: Library.SupervisorConfig): Promise<Supervised> {
  const socket = join(scratch(), 'puppets');
  const theatre = openTheatre(socket);
  const mark = `${String(process.pid)}-${String((count += 1))}-${String(Date.now())};`;
  const { createSupervisor } = await library();
  const env = { PUPPET_SOCKET: socket, TEST_MARK: mark, ...config.env };
  const supervisor = await createSupervisor({ ...config, env });
  onTestFinished(async () => {
    await inTime(supervisor.close(), 'the supervisor ends');
    theatre.close();
    expect(withEnvironment(`TEST_MARK=${mark}`)).toEqual([]);
  });
  return {
    supervisor,
    mark,
    puppet: (name) => inTime(theatre.puppet(name), `the puppet ${name} enters`),
  };
}

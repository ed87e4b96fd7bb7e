/**
 * On which ports whole process trees listen. Looking at the descriptors of all processes is what takes time, so that is
 * left out as long as the same sockets listen and the trees have the same processes.
 */
import { listeningSockets, portsOfProcesses, type ListeningSockets } from './listening.ts';
import { hasEnded } from './stat.ts';
import { directoryOf } from './threads.ts';
import type { Tree } from './tree.ts';

type Ports = readonly number[] | null;

export interface PortFinder {
  find(trees: ReadonlyMap<number, Tree>): ReadonlyMap<number, Ports>;
}

interface Found {
  readonly sockets: string;
  readonly members: string;
  readonly ports: Ports;
}

/** `look`: for tests that count how often the descriptors of a tree are looked at. */
export function createPortFinder(
  sockets: () => ListeningSockets | undefined = listeningSockets,
  look: typeof portsOfProcesses = portsOfProcesses,
): PortFinder {
  let last: ReadonlyMap<number, Found> = new Map();
  return {
    find(trees) {
      const listening = sockets();
      if (listening === undefined) return new Map([...trees.keys()].map((root) => [root, null]));
      const inodes = [...listening.keys()].join(' ');
      const found = new Map<number, Found>();
      for (const [root, tree] of trees) {
        const living = tree.filter(({ stat }) => !hasEnded(stat));
        const members = living.map(({ pid, stat }) => `${String(pid)}.${String(stat.startTicks)}`).join(' ');
        const before = last.get(root);
        const isSame = before?.sockets === inodes && before.members === members;
        const directories = () => living.map(({ pid, stat }) => directoryOf(pid, stat));
        found.set(
          root,
          isSame ? before : { sockets: inodes, members, ports: look(directories(), listening) },
        );
      }
      last = found;
      return new Map([...found].map(([root, { ports }]) => [root, ports]));
    },
  };
}

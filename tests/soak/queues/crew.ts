/** Producers and consumers in three languages, which are killed at random and replaced. Each notes what it does in a file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PROCSUP } from '../../helpers/procsup.ts';
import type { Random } from '../../simulation/random.ts';

const PROGRAMS = resolve(import.meta.dirname, '../../fixtures/soak-queues');
/** One that ends by itself has lost its supervisor, and would only find that again at once. */
const REPLACE_AFTER_MS = 200;

interface Post {
  readonly kind: 'producer' | 'consumer';
  /** The words of its program, for the file of its notes and a name that nobody else has. */
  words(notes: string, name: string): readonly string[];
}

export interface Crew {
  /** Kills one of them with SIGKILL, which is replaced. */
  killOne(random: Random): void;
  readonly killed: number;
  /** Ends all of this kind for good. */
  dismiss(kind: Post['kind']): Promise<void>;
  notes(): readonly string[];
}

export interface CrewOptions {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly queue: string;
  /** The supervisor has another one after each start. */
  socket(): string;
}

export function startCrew(options: CrewOptions): Crew {
  const { root, env, queue } = options;
  const socket = (): string => options.socket();
  const program = (name: string): string => join(PROGRAMS, name);
  const posts: readonly Post[] = [
    {
      kind: 'producer',
      words: (notes, name) => ['python3', program('producer.py'), socket(), queue, notes, name],
    },
    {
      kind: 'producer',
      words: (notes, name) => ['node', program('producer.mjs'), socket(), queue, notes, name],
    },
    { kind: 'producer', words: (notes, name) => ['sh', program('producer.sh'), PROCSUP, queue, notes, name] },
    { kind: 'consumer', words: (notes) => ['python3', program('consumer.py'), socket(), queue, notes] },
    { kind: 'consumer', words: (notes) => ['node', program('consumer.mjs'), socket(), queue, notes] },
    {
      kind: 'consumer',
      words: (notes) => [PROCSUP, 'queue', 'work', queue, '-j', '3', '--', 'sh', program('handle.sh'), notes],
    },
  ];
  const living = new Map<Post, ChildProcess>();
  const dismissed = new Set<Post['kind']>();
  let started = 0;
  let killed = 0;

  const start = (post: Post): void => {
    if (dismissed.has(post.kind)) return;
    const name = `m${String((started += 1))}`;
    const [file = '', ...args] = post.words(join(root, 'notes', name), name);
    const child = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'ignore' });
    living.set(post, child);
    child.once('exit', () => {
      living.delete(post);
      setTimeout(() => start(post), REPLACE_AFTER_MS);
    });
  };
  for (const post of posts) start(post);

  return {
    killOne(random) {
      const all = [...living.values()];
      const one = all[Math.floor(random.next() * all.length)];
      if (one?.kill('SIGKILL') === true) killed += 1;
    },
    get killed() {
      return killed;
    },
    async dismiss(kind) {
      dismissed.add(kind);
      const ends = [...living].flatMap(([post, child]) =>
        post.kind === kind ? [new Promise((end) => child.once('exit', end))] : [],
      );
      for (const [post, child] of living) if (post.kind === kind) child.kill('SIGKILL');
      await Promise.all(ends);
    },
    notes: () =>
      readdirSync(join(root, 'notes')).flatMap((name) => {
        const lines = readFileSync(join(root, 'notes', name), 'utf8').split('\n');
        // What follows the last newline was being written when its writer was killed.
        return lines.slice(0, -1);
      }),
  };
}

/** A prober without a world: what is so is said by the test. Answers come in the turn in which the test says `turn`. */
import type { Answer } from '../../src/core/check/answer.ts';
import type { Check } from '../../src/core/check/check.ts';
import type { Prober } from '../../src/ports/checks.ts';

export interface FakeProber {
  readonly prober: Prober;
  /** What is being asked now, as `kind`. */
  readonly asked: () => readonly string[];
  readonly watchers: () => number;
  /** Answers all that ask for this kind and are due. */
  readonly answer: (kind: Check['kind'], answer: Answer) => void;
  /** Something is different from now on. */
  readonly change: () => void;
  readonly isClosed: () => boolean;
}

interface Question {
  readonly check: Check;
  readonly tell: (answer: Answer) => void;
}

/** Those that are answered once. */
const ONCE: ReadonlySet<Check['kind']> = new Set(['listening', 'tcp', 'http', 'exec', 'delay']);

/** `seesSockets`: `false` for a system that does not tell who listens. */
export function createFakeProber({ seesSockets = true } = {}): FakeProber {
  const questions = new Set<Question>();
  const watchers = new Set<() => void>();
  let isClosed = false;
  return {
    asked: () => [...questions].map(({ check }) => check.kind),
    watchers: () => watchers.size,
    isClosed: () => isClosed,
    answer(kind, answer) {
      for (const question of [...questions]) {
        if (question.check.kind !== kind) continue;
        if (ONCE.has(kind)) questions.delete(question);
        question.tell(answer);
      }
    },
    change() {
      for (const changed of [...watchers]) changed();
    },
    prober: {
      seesSockets,
      ephemeral: [32768, 60999],
      open: () => Promise.resolve({ env: {}, descriptors: [], close: () => undefined }),
      ask(check, _subject, tell) {
        const question = { check, tell };
        questions.add(question);
        return () => void questions.delete(question);
      },
      watch(_subject, changed) {
        const own = (): void => changed();
        watchers.add(own);
        return () => void watchers.delete(own);
      },
      close: () => void (isClosed = true),
    },
  };
}

/** As the real world of `subject.ts`, for the contract. */
export function createFakeCheckWorld() {
  const fake = createFakeProber();
  const sockets: { readonly inode: string; readonly port: number; readonly address: string }[] = [];
  let kind = 'http';
  let line = '';
  const later = (deed: () => void): Promise<void> => Promise.resolve().then(deed);
  const ask: Prober['ask'] = (check, subject, tell) => {
    const stop = fake.prober.ask(check, subject, tell);
    const own = fake.asked().length > 0 ? answerOf(check) : undefined;
    if (own !== undefined) void later(() => fake.answer(check.kind, own));
    return stop;
  };
  const answerOf = (check: Check): Answer | undefined => {
    const [socket] = sockets;
    switch (check.kind) {
      case 'listening':
        return { is: 'listens', sockets: [...sockets] };
      case 'tcp':
        return socket === undefined
          ? { is: 'no', words: `not listening on ${String(check.port)}` }
          : { is: 'yes' };
      case 'http':
        if (socket === undefined) return { is: 'no', words: `http ${check.target}: not listening on 1` };
        if (kind === 'http' && check.target === '/busy')
          return { is: 'no', words: 'http /busy: 503', againMs: 250 };
        return check.status?.includes(200) === false
          ? { is: 'no', words: 'http /: 200', againMs: 250 }
          : { is: 'yes' };
      case 'exec':
        return check.command === 'true' ? { is: 'yes' } : { is: 'no', words: `\`${check.command}\`: sorry` };
      case 'delay':
        return { is: 'yes' };
      case 'log':
      case 'notify':
      case 'fd':
        return undefined;
    }
  };
  const print = (text: string): Promise<void> =>
    later(() => {
      for (const one of (line + text).split('\n').slice(0, -1)) {
        const plain = one.replace(/\x1b\[[\d;]*m/g, '');
        if (/^ready in \d+/.test(plain)) fake.answer('log', { is: 'yes', line: plain });
      }
      line = '';
    });
  return {
    prober: { ...fake.prober, ask },
    subject: undefined as never,
    listen: (what: 'http' | 'mute') =>
      later(() => {
        kind = what;
        sockets.push({ inode: '1', port: 4000, address: '127.0.0.1' });
        fake.change();
      }).then(() => 4000),
    close: () =>
      later(() => {
        sockets.length = 0;
        fake.change();
      }),
    print,
    complain: print,
    notify: (text: string) =>
      later(() => {
        if (text.includes('READY=1')) fake.answer('notify', { is: 'yes' });
      }),
    newline: () => later(() => fake.answer('fd', { is: 'yes' })),
  };
}

import { expect, test } from 'vitest';
import { openLiveLine } from '../../../src/os/terminal/live-line.ts';
import { createFakeSink } from '../../helpers/fake-sink.ts';

const CLEAR = '\u001b[J';

function setUp() {
  const sink = createFakeSink({ isTerminal: true });
  const listeners = new Set<() => void>();
  const output = { fd: 2, columns: 40 };
  const told: string[] = [];
  let isForeground = true;
  const line = openLiveLine({
    output,
    sink,
    isForeground: () => isForeground,
    host: {
      pid: 7,
      on: (_, listener) => listeners.add(listener),
      off: (_, listener) => listeners.delete(listener),
      kill: (pid, signal) =>
        told.push(`${String(pid)} ${signal} ${sink.text.endsWith(CLEAR) ? 'clear' : 'drawn'}`),
    },
  });
  return {
    ...{ sink, line, output, listeners, told },
    signal: () => {
      for (const listener of [...listeners]) listener();
    },
    toBackground: () => void (isForeground = false),
  };
}

/** What is on the terminal, as far as we have drawn on it, and where the cursor is. */
function shown(text: string): string {
  const last = text.slice(text.lastIndexOf('\r') + 1);
  return last.endsWith(CLEAR) ? '' : last.replace(/\u001b\[J\u001b8$/, '');
}

test('it is drawn below the cursor, which stays where it is, and goes away', () => {
  const { sink, line } = setUp();
  line.draw('one');
  expect(sink.text).toBe('\u001bD\u001b[A\u001b[K\u001b7\u001b[B\rone\u001b[J\u001b8');
  line.draw('two');
  expect(shown(sink.text)).toBe('two');
  line.clear();
  expect(sink.text.endsWith(`\u001b8${CLEAR}`)).toBe(true);
});

test('what was not drawn is not cleared, and after the end nothing is written', () => {
  const { sink, line, listeners } = setUp();
  line.clear();
  line.close();
  line.draw('late');
  line.close();
  expect(sink.text).toBe('');
  expect(listeners.size).toBe(0);
});

test('it ends without a trace', () => {
  const { sink, line, listeners } = setUp();
  line.draw('one');
  expect(listeners.size).toBe(1);
  line.close();
  expect(shown(sink.text)).toBe('');
  expect(listeners.size).toBe(0);
});

test('Ctrl-Z: it is taken away first, and comes back afterwards', () => {
  const { sink, line, listeners, told, signal } = setUp();
  line.draw('one');
  signal();
  expect(told).toEqual(['7 SIGTSTP clear']);
  expect(listeners.size).toBe(0);
  line.draw('two');
  expect(shown(sink.text)).toBe('two');
  signal();
  expect(told).toHaveLength(2);
});

test('in the background nothing is drawn', () => {
  const { sink, line, toBackground } = setUp();
  toBackground();
  line.draw('one');
  expect(sink.writeCount).toBe(0);
});

test('a terminal that takes nothing gets nothing more, and one that has gone neither', () => {
  const { sink, line } = setUp();
  sink.block();
  line.draw('one');
  line.draw('two');
  line.clear();
  expect(sink.writeCount).toBe(1);
  sink.unblock();
  line.draw('three');
  expect(shown(sink.text)).toBe('three');
  sink.leave();
  line.draw('four');
  line.close();
  expect(sink.writeCount).toBe(2);
});

test('it knows how wide the terminal is now, or takes the usual width', () => {
  const { line, output } = setUp();
  expect(line.columns).toBe(40);
  output.columns = 20;
  expect(line.columns).toBe(20);
  output.columns = 0;
  expect(line.columns).toBe(80);
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../helpers/eventually.ts';
import { descendantsOf, peakMemoryOf, stateOf } from '../helpers/proc.ts';
import { PUPPET } from '../helpers/puppets.ts';
import { finished, start, startWith } from '../helpers/start.ts';

/** A sanity bound; how little it really is, the bench tells. */
const MOST_MEMORY_BYTES = 120 * 1024 * 1024;

const numbersTo = (last: number): string => Array.from({ length: last }, (_, at) => `${at + 1}\n`).join('');

describe('a program that prints and exits at once loses nothing:', () => {
  test('a hundred in one run', async () => {
    const app = await finished('a: echo hello; echo world', '-m', 'a=100', '--on-exit', 'keep');
    for (let at = 1; at <= 100; at += 1) expect(app.textOf(`a.${at}`)).toBe('hello\nworld\n');
    expect(app.status).toBe(0);
  });

  test('ten runs', async () => {
    for (let at = 1; at <= 10; at += 1) {
      expect((await finished('a: echo hello; echo world')).textOf('a.1')).toBe('hello\nworld\n');
    }
  });

  test('20,000 lines in a burst, in order', async () => {
    expect((await finished('a: seq 20000')).textOf('a.1')).toBe(numbersTo(20_000));
  });

  test('a last line without its newline', async () => {
    expect((await finished("a: printf 'one\\ntwo'")).textOf('a.1')).toBe('one\ntwo\n');
  });

  test('its last words come before its obituary', async () => {
    const { lines } = await finished('a: echo last; exit 3');
    const texts = lines.map(({ text }) => text);
    expect(texts.indexOf('last')).toBeLessThan(texts.indexOf('a.1 exited with status 3'));
    expect(texts).toContain('last');
  });
});

test('lines of several processes are never mixed, split or reordered', async () => {
  const count = 5000;
  const writer = `awk 'BEGIN { for (i = 1; i <= ${count}; i++) print i, "x" }'`;
  const app = await finished(`w: ${writer}`, '-m', 'w=4', '--on-exit', 'keep');
  const expected = Array.from({ length: count }, (_, at) => `${at + 1} x\n`).join('');
  for (const name of ['w.1', 'w.2', 'w.3', 'w.4']) expect(app.textOf(name) === expected, name).toBe(true);
});

test('stdout and stderr are one stream, in the order in which they were written', async () => {
  const app = await finished('a: for i in 1 2 3 4 5; do echo $i; echo $i! >&2; done');
  expect(app.textOf('a.1')).toBe('1\n1!\n2\n2!\n3\n3!\n4\n4!\n5\n5!\n');
  expect(app.stderr).toBe('');
});

describe('a prompt without newline', () => {
  test('is shown unfinished while its program waits, and nobody waits for it', async () => {
    const app = start(`ask: printf 'your name? '; exec sleep infinity\ntalk: ${PUPPET}`);
    const talk = await app.puppet('talk.1');
    await app.says(/ask\.1 {2}> your name\? $/);
    await talk.print('go on\n');
    await app.says(/talk\.1 \| go on$/);
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
    // A piece is always followed by the end of its line.
    expect(app.textOf('ask.1')).toBe('your name? \n');
  });

  test('is continued by the rest of its line', async () => {
    const app = start(`ask: ${PUPPET}`);
    const ask = await app.puppet('ask.1');
    await ask.print('name');
    await app.says(/> name$/);
    await ask.print(': me\nnext\n');
    await app.says(/\| next$/);
    expect(app.lines.filter(({ name }) => name === 'ask.1')).toEqual([
      { name: 'ask.1', finished: false, text: 'name' },
      { name: 'ask.1', finished: true, text: ': me' },
      { name: 'ask.1', finished: true, text: 'next' },
    ]);
  });
});

describe('bytes go through as they are:', () => {
  test('a character split across writes is never torn apart', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const [start1, end1] = [Buffer.from('x€').subarray(0, 3), Buffer.from('€\n').subarray(2)];
    await a.printBytes(start1);
    await app.says(/> x$/);
    await a.printBytes(end1);
    await app.says(/\| €$/);
  });

  test('what is no UTF-8, but no control, and of a redrawn line the last state', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const bytes = Buffer.from([...Buffer.from('10%\r20%\r100%\n'), 0, 1, 0, 0xff, 0xfe, 0xc3, 0x0a]);
    await a.printBytes(bytes);
    await a.print('done\n');
    await app.says(/\| done$/);
    expect(app.bytes.includes(Buffer.from('| 100%\n'))).toBe(true);
    expect(app.bytes.includes(Buffer.from([0x7c, 0x20, 0xff, 0xfe, 0xc3, 0x0a]))).toBe(true);
  });

  test('writes of one byte', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const text = 'one byte at a time: ä, €, 𝄞\n'.repeat(20);
    await a.trickle(text);
    a.exit(0);
    await app.ended;
    expect(app.textOf('a.1')).toBe(text);
  });

  test('a line of 64 MiB, in pieces and with bounded memory', async () => {
    const size = 64 * 1024 * 1024;
    const app = start(
      `long: head -c ${size} /dev/zero | tr '\\0' x; echo\nstay: exec sleep infinity`,
      '--on-exit',
      'keep',
    );
    await app.says('long.1 exited with status 0');
    const peakBytes = peakMemoryOf(app.pid);
    expect(peakBytes).toBeGreaterThan(0);
    expect(peakBytes).toBeLessThan(MOST_MEMORY_BYTES);
    const pieces = app.lines.filter(({ name }) => name === 'long.1');
    expect(pieces.slice(0, -1).every((piece) => !piece.finished)).toBe(true);
    expect(pieces.at(-1)?.finished).toBe(true);
    expect(pieces.every(({ text }) => /^x*$/.test(text))).toBe(true);
    expect(pieces.reduce((sum, { text }) => sum + text.length, 0)).toBe(size);
    app.kill('SIGTERM');
    expect((await app.ended).status).toBe(0);
  });
});

describe('a line says', () => {
  const linesWith = async (...args: string[]) => {
    const app = await finished('web: echo hi\nlonger-name: exec sleep infinity', ...args);
    return app.stdout.split('\n').filter((line) => line.endsWith(' hi'));
  };

  test('the time, the name padded to the longest, and the text', async () => {
    expect(await linesWith()).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d web\.1 {9}\| hi$/)]);
  });

  test('no time with --timestamps none', async () => {
    expect(await linesWith('--timestamps', 'none')).toEqual(['web.1         | hi']);
  });

  test('date and time with --timestamps iso', async () => {
    const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ web\.1 {9}\| hi$/;
    expect(await linesWith('--timestamps=iso')).toEqual([expect.stringMatching(iso)]);
  });

  test('of the source system what procsup does', async () => {
    const app = await finished('web: exit 3');
    expect(app.stdout).toMatch(/^[\d:]{8} system \| web\.1 started \(pid \d+\)$/m);
    expect(app.stdout).toMatch(/^[\d:]{8} system \| web\.1 exited with status 3$/m);
  });
});

test('--no-prefix prints bare lines, and our events on stderr', async () => {
  const app = await finished("a: echo one; printf 'two'", '--no-prefix');
  expect(app.stdout).toBe('one\ntwo\n');
  expect(app.stderr).toMatch(/^procsup: a\.1 started \(pid \d+\)\nprocsup: a\.1 exited with status 0\n$/);
});

test('--raw leaves the bytes of a single process untouched', async () => {
  const app = await finished("a: printf 'a\\0b\\rc'; printf err >&2", '--raw');
  expect(app.stdout).toBe('a\0b\rc');
  expect(app.stderr).toContain('err');
  expect(app.stderr).toContain('procsup: a.1 started');
});

describe('colours', () => {
  const ESCAPE = '\u001b';
  const command = 'a: echo "<$FORCE_COLOR,$CLICOLOR_FORCE>$NO_COLOR"';

  test('are not there when our output is piped', async () => {
    const app = await finished(command);
    expect(app.textOf('a.1')).toBe('<,>1\n');
    expect(app.stdout).not.toContain(ESCAPE);
  });

  test('are there with --color always, and the children know', async () => {
    const app = await finished(command, '--color', 'always');
    expect(app.stdout).toContain('<1,1>\n');
    expect(app.stdout).toContain(ESCAPE);
  });

  test('are what the user of the children says', async () => {
    const files = { Procfile: `${command}\n` };
    const app = startWith({ files, args: ['start', '--color=always'], env: { FORCE_COLOR: '3' } });
    await app.ended;
    expect(app.stdout).toContain('<3,1>\n');
  });
});

describe('in a pipe', () => {
  const CLEARING = String.raw`printf '\033[2J\033[3J\033[H\033[32mgreen\033[0m\n'`;

  test('nothing clears a screen, and colours are out with ours', async () => {
    expect((await finished(`a: ${CLEARING}`)).textOf('a.1')).toBe('green\n');
    const coloured = await finished(`a: ${CLEARING}`, '--color', 'always');
    expect(coloured.stdout).toContain('\u001b[32mgreen\u001b[0m\n');
    expect(coloured.stdout).not.toContain('\u001b[2J');
  });

  test('bytes are untouched without a prefix', async () => {
    const app = await finished(`a: ${CLEARING}`, '--no-prefix');
    expect(app.stdout).toBe('\u001b[2J\u001b[3J\u001b[H\u001b[32mgreen\u001b[0m\n');
  });

  test('a line of 300 kB is whole', async () => {
    const app = await finished(`a: head -c 300000 /dev/zero | tr '\\0' x; echo`);
    expect(app.lines.filter(({ name }) => name === 'a.1').map(({ text }) => text.length)).toEqual([300_000]);
  });

  test('dots are shown while they come', async () => {
    const app = start(`a: ${PUPPET}`);
    const a = await app.puppet('a.1');
    const isShown = () => app.lines.some(({ name, finished }) => name === 'a.1' && !finished);
    let dots = 0;
    for (; !isShown(); dots += 1) await a.print('.');
    await a.print(' ok\n');
    await app.says(/ ok$/);
    expect(app.textOf('a.1')).toBe(`${'.'.repeat(dots)} ok\n`);
  });
});

describe('when nobody reads', () => {
  /** Everything that it started sleeps: the flood has filled the pipes. */
  const isFull = (pid: number) => {
    const children = descendantsOf(pid);
    return children.length > 0 && [pid, ...children].every((each) => stateOf(each) === 'S');
  };

  test('the children wait, memory is bounded, and signals are heard', async () => {
    const app = startWith({
      // Short is the time of the reader.
      files: {
        Procfile: 'flood: yes',
        'procsup.yaml': 'processes: { flood: { stop_grace_period: 1h } }\n',
      },
      args: ['start', '-t', '300ms'],
      unread: true,
    });
    await until(() => isFull(app.pid), 'the pipes are full');
    expect(peakMemoryOf(app.pid)).toBeLessThan(MOST_MEMORY_BYTES);
    app.kill('SIGTERM');
    // What nobody took in time is lost, and we say so.
    expect((await app.ended).status).toBe(0);
    expect(app.stderr).toMatch(/^procsup: lost \d+ bytes of output that were not read$/m);
  });

  test('a reader who comes late gets every line', async () => {
    const app = startWith({ files: { Procfile: 'a: seq 200000' }, unread: true });
    await until(() => isFull(app.pid), 'the pipes are full');
    app.read();
    await app.ended;
    await app.says('a.1 exited with status 0');
    expect(app.textOf('a.1') === numbersTo(200_000)).toBe(true);
  });

  test('and the reader leaves, everything ends quietly', async () => {
    const app = start('a: echo hi; exec sleep infinity');
    await app.says('hi');
    app.leave();
    expect(await app.ended).toEqual({ status: 0, signal: null });
    expect(app.stderr).toBe('');
  });
});

test('`procsup start | head -1` ends by itself', async () => {
  const app = startWith({ files: { Procfile: 'a: yes' }, through: '"$@" | head -1' });
  expect((await app.ended).status).toBe(0);
  expect(app.stdout).toMatch(/\n$/);
  expect(app.stdout.split('\n')).toHaveLength(2);
  expect(app.stderr).toBe('');
});

test('`procsup start | head -1` ends when its processes have nothing more to say', async () => {
  const app = startWith({ files: { Procfile: 'a: exec sleep infinity' }, through: '"$@" | head -1' });
  expect((await app.ended).status).toBe(0);
  expect(app.stdout.split('\n')).toHaveLength(2);
  expect(app.stderr).toBe('');
});

describe('on a full disk', () => {
  const onFullDisk = (...args: string[]) =>
    startWith({
      files: { Procfile: 'a: echo hi; exec sleep infinity' },
      args: ['start', ...args],
      through: 'exec "$@" >/dev/full',
    });

  test('it says so, waits, and ends when it is asked to', async () => {
    const app = onFullDisk('-t', '200ms');
    await app.complains('procsup: cannot write output: ENOSPC; retrying');
    app.kill('SIGINT');
    expect((await app.ended).status).toBe(125);
    expect(app.stderr).toMatch(/^procsup: lost \d+ bytes of output that were not read$/m);
  });

  test('a further Ctrl-C does not wait', async () => {
    const app = onFullDisk('-t', '1h');
    await app.complains('procsup: cannot write output: ENOSPC; retrying');
    app.kill('SIGTERM');
    await until(() => descendantsOf(app.pid).length <= 1, 'only the guardian is left');
    await nextTurn();
    for (let isOver = false; !isOver;) {
      app.kill('SIGINT');
      isOver = await Promise.race([app.ended.then(() => true), nextTurn(false)]);
    }
    expect((await app.ended).status).toBe(130);
  });
});

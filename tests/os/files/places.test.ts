import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectHash, projectKey } from '../../../src/core/project-key.ts';
import { givenPath, placesOf } from '../../../src/os/files/places.ts';
import { scratch } from '../../helpers/scratch.ts';

const uid = String(process.getuid?.());
/** Of the state directory, not of the project alone: in another state directory another supervisor may run. */
const socketOf = (root: string, stateBase: string): string =>
  `${projectHash(`${stateBase}/${projectKey(root)}`)}.sock`;

test('everything of a project is under its key, found through any path to it', () => {
  const base = scratch({ 'shop/Procfile': '' });
  const root = join(base, 'shop');
  symlinkSync('shop', join(base, 'link'));
  const places = placesOf(join(base, 'link'), { XDG_STATE_HOME: '/state' });
  const stateDirectory = `/state/procsup/${projectKey(root)}`;
  expect(places).toEqual({
    root,
    key: projectKey(root),
    stateBase: '/state/procsup',
    stateDirectory,
    logDirectory: `${stateDirectory}/logs`,
    daemonLog: `${stateDirectory}/daemon.log`,
    runtimeDirectory: `/tmp/procsup-${uid}`,
    socket: `/tmp/procsup-${uid}/${socketOf(root, '/state/procsup')}`,
  });
  expect(placesOf(root, { XDG_STATE_HOME: '/state' })).toEqual(places);
});

test('a root that is not there is the error of the system', () => {
  expect(() => placesOf('/no/such/directory', {})).toThrow(/ENOENT/);
});

test.each([
  ['XDG_STATE_HOME', { XDG_STATE_HOME: '/state', HOME: '/home/me' }, '/state/procsup'],
  ['HOME', { HOME: '/home/me' }, '/home/me/.local/state/procsup'],
  [
    'HOME, where XDG_STATE_HOME is relative',
    { XDG_STATE_HOME: 'state', HOME: '/h' },
    '/h/.local/state/procsup',
  ],
  ['HOME, where XDG_STATE_HOME is empty', { XDG_STATE_HOME: '', HOME: '/h' }, '/h/.local/state/procsup'],
  ['the home of the user, where HOME is not set', {}, join(homedir(), '.local/state/procsup')],
])('the state is under %s', (_name, env, stateBase) => {
  expect(placesOf('/', env).stateBase).toBe(stateBase);
});

describe('the socket', () => {
  /** Short enough for a socket, whatever TMPDIR is. */
  const runtimeDirectory = (mode = 0o700): string => {
    const path = mkdtempSync('/tmp/rt-');
    onTestFinished(() => rmSync(path, { recursive: true }));
    chmodSync(path, mode);
    return path;
  };
  const fallback = `/tmp/procsup-${uid}`;

  test('is in XDG_RUNTIME_DIR, where that is private', () => {
    const directory = runtimeDirectory();
    const places = placesOf('/', { XDG_RUNTIME_DIR: directory, XDG_STATE_HOME: '/state' });
    expect(places.runtimeDirectory).toBe(join(directory, 'procsup'));
    expect(places.socket).toBe(join(directory, 'procsup', socketOf('/', '/state/procsup')));
  });

  test('is in /tmp where XDG_RUNTIME_DIR is open to others, a link, a file, missing, relative or not set', () => {
    const directory = runtimeDirectory();
    symlinkSync(directory, join(directory, 'link'));
    const open = runtimeDirectory(0o755);
    for (const stated of [
      open,
      join(directory, 'link'),
      '/etc/passwd',
      '/no/such',
      '/etc/passwd/x',
      '.',
      '',
      undefined,
    ]) {
      const env = stated === undefined ? {} : { XDG_RUNTIME_DIR: stated };
      expect(placesOf('/', env).runtimeDirectory, stated).toBe(fallback);
    }
  });

  test('is in /tmp where its path would be longer than 103 bytes, and not characters', () => {
    // 21 bytes are its name, 1 the slash before it, 8 those of `/procsup`.
    const longest = 103 - 21 - 1 - 8;
    const base = runtimeDirectory();
    const named = (bytes: number): string => {
      const name = 'ü'.repeat(10).padEnd(bytes - base.length - 1 - 10, 'x');
      const path = join(base, name);
      mkdirSync(path, { mode: 0o700 });
      return path;
    };
    const [fits, isTooLong] = [named(longest), named(longest + 1)];
    expect(Buffer.byteLength(fits)).toBe(longest);
    expect(placesOf('/', { XDG_RUNTIME_DIR: fits }).runtimeDirectory).toBe(join(fits, 'procsup'));
    expect(placesOf('/', { XDG_RUNTIME_DIR: isTooLong }).runtimeDirectory).toBe(fallback);
  });

  test('does not follow TMPDIR, which differs between terminals', () => {
    expect(placesOf('/', { TMPDIR: '/elsewhere' }).runtimeDirectory).toBe(fallback);
  });

  test('is beside the state, with a remark, where another user has taken our name in /tmp', () => {
    const temporary = runtimeDirectory();
    symlinkSync('/', join(temporary, `procsup-${uid}`));
    const places = placesOf('/', { XDG_STATE_HOME: '/state' }, temporary);
    expect(places.socket).toBe(join('/state/procsup/run', socketOf('/', '/state/procsup')));
    expect(places.runtimeDirectory).toBe('/state/procsup/run');
    expect(places.socketRemark).toMatch(
      /procsup-\d+' is a symbolic link.*; the control socket is in '\/state/,
    );
    rmSync(join(temporary, `procsup-${uid}`));
    expect(placesOf('/', { XDG_STATE_HOME: '/state' }, temporary).socketRemark).toBeUndefined();
  });

  test('is an error where even the last resort is too long', () => {
    expect(() => placesOf('/', {}, `/${'x'.repeat(100)}`)).toThrow(
      /socket path too long \(the limit is 103 bytes\)/,
    );
  });
});

describe('the path as the user knows it', () => {
  test('has the links of the shell’s directory, if PWD leads to ours', () => {
    const base = scratch({ 'release/app/Procfile': '' });
    const [real, link] = [join(base, 'release'), join(base, 'current')];
    symlinkSync('release', link);
    expect(givenPath(real, { PWD: link }, real)).toBe(link);
    expect(givenPath(join(real, 'app'), { PWD: link }, real)).toBe(join(link, 'app'));
    for (const PWD of [undefined, '', '.', '/', '/no/such', real]) {
      expect(givenPath(real, { PWD }, real), String(PWD)).toBe(real);
    }
    expect(givenPath('/elsewhere', { PWD: link }, real)).toBe('/elsewhere');
    expect(givenPath(base, { PWD: link }, real)).toBe(base);
  });
});

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runTagOf } from '../../../src/core/run-tag.ts';
import { ownIdentity } from '../../../src/os/process/identity.ts';
import { ownOrigin } from '../../../src/os/process/origin.ts';
import {
  allOwners,
  lockProject,
  crashedOwnersOf,
  ownerOf,
  type LockOwner,
  type LockStep,
  type ProjectLock,
} from '../../../src/os/files/lock.ts';
import type { Answer, How } from '../../fixtures/contender.ts';
import { until } from '../../helpers/eventually.ts';
import { host, type Host } from '../../helpers/host.ts';
import { isAlive, stateOf } from '../../helpers/proc.ts';
import { scratch } from '../../helpers/scratch.ts';

const me = ownIdentity();
const tag = (n: number, pid = me.pid): string => runTagOf(pid, Date.UTC(2026, 0, 1), n / 1e9);

const ownerWith = (change: Partial<LockOwner> = {}): LockOwner => ({
  identity: me,
  root: '/project',
  socket: '/nowhere.sock',
  mark: tag(1),
  mode: 'daemon',
  since: '2026-01-01T00:00:00.000Z',
  version: '0.0.0',
  ...change,
});

const STRANGER = { ...me, started: '1' };
const OTHER_BOOT = { ...me, boot: 'another' };

const stateIn = (): string => join(scratch(), 'state');

/** A state directory with these files in it. */
function stateWith(files: Readonly<Record<string, LockOwner | string>>): string {
  const directory = stateIn();
  mkdirSync(directory, { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content)}\n`;
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const grow = (path: string): void => utimesSync(path, Date.now() / 1e3 - 60, Date.now() / 1e3 - 60);

function hold(
  directory: string,
  owner = ownerWith(),
): ProjectLock & { readonly crashed: readonly unknown[] } {
  const outcome = lockProject(directory, owner);
  if (!outcome.ok) throw new Error(`${String(outcome.owner.identity.pid)} holds it`);
  return { ...outcome.lock, crashed: outcome.crashed };
}

const names = (directory: string): readonly string[] => readdirSync(directory).sort();

describe('one process', () => {
  test('locks a project that nobody has, in a directory that is made for it', () => {
    const directory = stateIn();
    const { crashed } = hold(directory);
    expect(crashed).toEqual([]);
    expect(ownerOf(directory)).toEqual(ownerWith());
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
    expect(names(directory)).toEqual(['claim.1', 'holder']);
    expect(lstatSync(join(directory, 'claim.1')).mode & 0o777).toBe(0o600);
  });

  test('leaves nothing of its lock behind, and twice is once', () => {
    const directory = stateIn();
    const { release } = hold(directory);
    release();
    expect(names(directory)).toEqual([]);
    expect(ownerOf(directory)).toBeUndefined();
    const next = hold(directory, ownerWith({ mark: tag(2) }));
    release();
    expect(ownerOf(directory)?.mark).toBe(tag(2));
    next.release();
  });

  test('is told who holds it', () => {
    const directory = stateIn();
    hold(directory, ownerWith({ mark: tag(3) }));
    expect(lockProject(directory, ownerWith())).toEqual({ ok: false, owner: ownerWith({ mark: tag(3) }) });
    expect(names(directory)).toEqual(['claim.1', 'holder']);
  });

  test('does not take away what became somebody else’s meanwhile', () => {
    const directory = stateIn();
    const { release, removeCrashed } = hold(directory);
    const others = `${JSON.stringify(ownerWith({ mark: tag(4) }))}\n`;
    for (const name of names(directory)) writeFileSync(join(directory, name), others);
    removeCrashed();
    release();
    expect(names(directory)).toEqual(['claim.1', 'holder']);
  });

  test('removes what contenders have left who were killed at it, and nothing of the living', () => {
    const living = `making.${String(me.pid)}.${me.started}.abc`;
    const directory = stateWith({ [`making.${String(me.pid)}.1.abc`]: '{', [living]: '', 'daemon.log': '' });
    hold(directory);
    expect(names(directory)).toEqual(['claim.1', 'daemon.log', 'holder', living]);
  });
});

describe('on a file system without hard links', () => {
  test.each(['EPERM', 'ENOTSUP', 'EMLINK'])('(%s) a project is locked all the same', (code) => {
    const directory = stateIn();
    const link = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const outcome = lockProject(directory, ownerWith(), { link });
    expect(outcome.ok).toBe(true);
    expect(names(directory)).toEqual(['claim.1', 'holder']);
    expect(lstatSync(join(directory, 'claim.1')).mode & 0o777).toBe(0o600);
    expect(lockProject(directory, ownerWith({ mark: tag(5) }), { link })).toMatchObject({ ok: false });
    if (outcome.ok) outcome.lock.release();
    expect(names(directory)).toEqual([]);
  });

  test('one whose file was taken away while it slept does not go on', () => {
    const directory = stateIn();
    const other = ownerWith({ mark: tag(6) });
    const reached = (step: LockStep): void => {
      if (step !== 'linked') return;
      rmSync(join(directory, 'claim.1'));
      hold(directory, other);
    };
    expect(lockProject(directory, ownerWith(), { reached })).toEqual({ ok: false, owner: other });
    expect(names(directory)).toEqual(['claim.1', 'holder']);
  });
});

describe('a lock whose files are removed', () => {
  test.each([
    ['nothing', [], 'kept', ['claim.1', 'holder']],
    ['all', ['claim.1', 'holder'], 'renewed', ['claim.1', 'holder']],
    ['the name of the owner', ['holder'], 'renewed', ['claim.2', 'holder']],
    ['the lock file', ['claim.1'], 'renewed', ['claim.1', 'holder']],
  ] as const)('%s: it is made again', (_name, removed, kind, left) => {
    const directory = stateIn();
    const lock = hold(directory);
    for (const name of removed) rmSync(join(directory, name));
    expect(lock.keep()).toEqual({ kind });
    expect(names(directory)).toEqual(left);
    expect(ownerOf(directory)).toEqual(ownerWith());
    expect(lock.keep()).toEqual({ kind: 'kept' });
    lock.release();
    expect(names(directory)).toEqual([]);
    expect(lock.keep()).toEqual({ kind: 'kept' });
  });

  test('with the whole directory: it is made again, private', () => {
    const directory = stateIn();
    const lock = hold(directory);
    rmSync(directory, { recursive: true });
    expect(lock.keep()).toEqual({ kind: 'renewed' });
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
    expect(ownerOf(directory)).toEqual(ownerWith());
  });

  test('and that another one has by now is left to it', () => {
    const directory = stateIn();
    const lock = hold(directory);
    rmSync(directory, { recursive: true });
    const other = ownerWith({ mark: tag(9) });
    hold(directory, other);
    expect(lock.keep()).toEqual({ kind: 'taken', owner: other });
    lock.release();
    expect(names(directory)).toEqual(['claim.1', 'holder']);
    expect(ownerOf(directory)).toEqual(other);
  });
});

describe('crashed owners are found, named until they are removed, and own nothing', () => {
  const cases: readonly [name: string, owner: LockOwner][] = [
    [
      'a process that is gone',
      ownerWith({ identity: { ...me, pid: 2 ** 22 + 1 }, mark: tag(1, 2 ** 22 + 1) }),
    ],
    ['a pid that belongs to a stranger now', ownerWith({ identity: STRANGER })],
    ['a pid of another boot', ownerWith({ identity: OTHER_BOOT })],
  ];

  test.each(cases)('%s', (_name, crashed) => {
    const directory = stateWith({ 'claim.7': crashed, holder: crashed });
    expect(ownerOf(directory)).toBeUndefined();
    expect(crashedOwnersOf(directory)).toEqual([crashed]);
    const lock = hold(directory);
    expect(lock.crashed).toEqual([crashed]);
    expect(names(directory)).toEqual(['claim.7', 'claim.8', 'holder']);
    lock.removeCrashed();
    expect(names(directory)).toEqual(['claim.8', 'holder']);
    expect(crashedOwnersOf(directory)).toEqual([]);
    lock.release();
    expect(names(directory)).toEqual([]);
  });

  test('and of several, each', () => {
    const [one, other] = [ownerWith({ identity: STRANGER }), ownerWith({ identity: OTHER_BOOT })];
    const directory = stateWith({ 'claim.1': one, 'claim.10': other });
    expect(hold(directory).crashed).toHaveLength(2);
    expect(names(directory)).toContain('claim.11');
  });

  test('those that were not removed are found by the next one', () => {
    const directory = stateWith({ 'claim.1': ownerWith({ identity: STRANGER }) });
    hold(directory).release();
    expect(hold(directory).crashed).toHaveLength(1);
  });

  test('a released lock removes no crashed owners: that is up to the next owner', () => {
    const directory = stateWith({ 'claim.1': ownerWith({ identity: STRANGER }) });
    const { release, removeCrashed } = hold(directory);
    release();
    removeCrashed();
    expect(names(directory)).toEqual(['claim.1']);
  });
});

describe('an owner whose pid means nothing here', () => {
  const own = ownOrigin();
  test.each([
    ['another container of this machine', me, { ...own, pidNamespace: '1' }],
    ['another machine', OTHER_BOOT, { ...own, machine: 'another' }],
  ])('in %s is never overruled', (_name, { boot }, origin) => {
    const owner = ownerWith({ identity: { ...STRANGER, boot }, origin });
    const directory = stateWith({ 'claim.7': owner, holder: owner });
    expect(ownerOf(directory)).toEqual(owner);
    expect(crashedOwnersOf(directory)).toEqual([]);
    expect(lockProject(directory, ownerWith())).toEqual({ ok: false, owner });
    expect(names(directory)).toEqual(['claim.7', 'holder']);
  });
});

describe('a lock file that cannot be read', () => {
  const damages = ['', '{"identity":{"pid":', 'null', '{"identity":{"pid":-1,"started":"1","boot":null}}'];

  test.each(damages)('is invalid when it is old: %j', (text) => {
    const directory = stateWith({ 'claim.3': text, 'claim.4': `${text} ` });
    for (const name of names(directory)) grow(join(directory, name));
    const lock = hold(directory);
    const files = ['claim.3', 'claim.4'].map((name) => ({ mark: null, file: join(directory, name) }));
    expect([...lock.crashed].sort()).toEqual(files);
    lock.removeCrashed();
    expect(names(directory)).toEqual(['claim.5', 'holder']);
  });

  test.each(['', ':', 'a', '1-abcdefgh-1:'])('names no processes when its run tag is %j', (mark) => {
    const directory = stateWith({ 'claim.1': ownerWith({ identity: STRANGER, mark }) });
    const nameless = [{ mark: null, file: join(directory, 'claim.1') }];
    expect(crashedOwnersOf(directory)).toEqual(nameless);
    const lock = hold(directory);
    expect(lock.crashed).toEqual(nameless);
    lock.removeCrashed();
    expect(names(directory)).toEqual(['claim.2', 'holder']);
  });

  test('may be in the making when it is young: nobody goes past it, and the error has a remedy', () => {
    const directory = stateWith({ 'claim.3': '{' });
    expect(() => lockProject(directory, ownerWith())).toThrow(/cannot read '.*claim\.3'; try again/);
    expect(names(directory)).toEqual(['claim.3']);
  });

  test('is not followed elsewhere when it is a symbolic link', () => {
    const directory = stateWith({ elsewhere: ownerWith() });
    symlinkSync('elsewhere', join(directory, 'holder'));
    expect(ownerOf(directory)).toBeUndefined();
  });
});

test('two projects whose keys collide are told apart, with a remedy', () => {
  const directory = stateIn();
  hold(directory, ownerWith({ root: '/one' }));
  expect(() => lockProject(directory, ownerWith({ root: '/other' }))).toThrow(
    /of '\/other' is in use for '\/one': rename one .*XDG_STATE_HOME/,
  );
});

test('a directory that is not ours to trust is refused', () => {
  const directory = join(scratch({ 'real/file': '' }), 'link');
  symlinkSync('real', directory);
  expect(() => lockProject(directory, ownerWith())).toThrow(/symbolic link/);
});

test('where nothing can be written the error of the system comes, with its code', () => {
  const failure = (): unknown => {
    try {
      return lockProject('/proc/self/state', ownerWith());
    } catch (error) {
      return error;
    }
  };
  expect(failure()).toMatchObject({ code: 'ENOENT', message: /^cannot lock the project in '\/proc\/self/ });
});

test.skipIf(process.getuid?.() === 0)('a directory in which nothing may be written', () => {
  const directory = stateWith({});
  chmodSync(directory, 0o500);
  onTestFinished(() => chmodSync(directory, 0o700));
  expect(() => lockProject(directory, ownerWith())).toThrow(/: permission denied$/);
});

test('the owners of all projects are listed, what cannot be read is left out', () => {
  const base = scratch({ 'a-file': '', 'c/holder': 'damaged' });
  hold(join(base, 'b'), ownerWith({ root: '/b' }));
  hold(join(base, 'a'), ownerWith({ root: '/a' }));
  hold(join(base, 'd')).release();
  expect(allOwners(base).map(({ root }) => root)).toEqual(['/a', '/b']);
  expect(allOwners(join(base, 'nowhere'))).toEqual([]);
  expect(crashedOwnersOf(join(base, 'nowhere'))).toEqual([]);
});

describe('many processes', () => {
  const contender = (): Host => host('../tests/fixtures/contender.ts');

  const lockBy = async (who: Host, directory: string, how: How = {}): Promise<Answer> =>
    (await who.does(`it.acquire(${JSON.stringify(directory)}, ${JSON.stringify(how)})`)) as Answer;

  const manners: readonly How[] = [{ lingerMs: 0 }, { lingerMs: 4 }, { lingerMs: 4, withoutLinks: true }];
  test.each(manners)('of twenty that lock at once one wins, and is named to all: %j', async (how) => {
    const directory = stateIn();
    const contenders = Array.from({ length: 20 }, contender);
    for (let round = 1; round <= 20; round++) {
      const answers = await Promise.all(contenders.map((each) => lockBy(each, directory, how)));
      const winners = answers.filter(({ ok }) => ok);
      expect(winners, `round ${String(round)}`).toHaveLength(1);
      const winner = winners[0]?.pid ?? 0;
      expect(new Set(answers.map(({ pid }) => pid)), `round ${String(round)}`).toEqual(new Set([winner]));
      expect(ownerOf(directory)?.identity.pid).toBe(winner);
      expect(names(directory).filter((name) => name !== 'holder')).toHaveLength(1);
      await contenders.find(({ pid }) => pid === winner)?.does('it.release()');
      expect(names(directory)).toEqual([]);
    }
  });

  test.each([
    ['with hard links', [{}]],
    ['without', [{ withoutLinks: true }]],
    ['with and without', [{}, { withoutLinks: true }]],
  ] as const)('that quarrel all the time are never two, %s', async (_name, manners) => {
    const directory = stateIn();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, at) => {
        const how = JSON.stringify(manners[at % manners.length]);
        return contender().does(`it.quarrel(${JSON.stringify(directory)}, 20, ${how})`);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 6 }, () => ({ held: 20, clashes: 0 })));
  });

  test('one that looked long ago, and finds its number free, still sees who holds the project', async () => {
    const directory = stateWith({ 'claim.5': ownerWith({ identity: STRANGER }) });
    const late = contender();
    const answer = lockBy(late, directory, { stopAt: 'written' });
    await until(() => stateOf(late.pid) === 'T', 'it has stopped');
    const between = hold(directory);
    between.removeCrashed();
    between.release();
    hold(directory);
    // It will take the number 6, which was taken and is free again; the owner has the number 1.
    late.kill('SIGCONT');
    expect(await answer).toEqual({ ok: false, pid: me.pid, crashed: [] });
    expect(names(directory)).toEqual(['claim.1', 'holder']);
  });

  test('one that was stopped while it locked is named after a while: nobody goes past it', async () => {
    const directory = stateIn();
    const stopped = contender();
    lockBy(stopped, directory, { stopAt: 'checked' }).catch(() => undefined);
    await until(() => stateOf(stopped.pid) === 'T', 'it has stopped');
    expect(lockProject(directory, ownerWith())).toMatchObject({
      ok: false,
      owner: { identity: { pid: stopped.pid } },
    });
  });

  interface Death {
    readonly step: LockStep;
    /** It is known to its successor. */
    readonly isNamed: boolean;
    readonly how?: How;
  }
  const rival = JSON.stringify(ownerWith());
  const deaths: readonly Death[] = [
    { step: 'written', isNamed: false },
    { step: 'linked', isNamed: true },
    { step: 'withdrawn', isNamed: false, how: { rivalAt: 'linked', rival } },
    { step: 'checked', isNamed: true },
    { step: 'held', isNamed: true },
    { step: 'unnamed', isNamed: true },
    { step: 'released', isNamed: false },
  ];

  test.each(deaths)('one that is killed when it has $step keeps nobody from locking', async (death) => {
    const { step, isNamed, how = {} } = death;
    const directory = stateIn();
    const victim = contender();
    const end = lockBy(victim, directory, { ...how, dieAt: step }).then(() => victim.does('it.release()'));
    await expect(end).rejects.toThrow(/it has ended/);
    await until(() => !isAlive(victim.pid), 'it has ended');
    if (how.rival !== undefined)
      writeFileSync(join(directory, 'claim.99'), JSON.stringify(ownerWith({ identity: STRANGER })));
    expect(ownerOf(directory)).toBeUndefined();

    // Its successor is killed before it has removed any; the third finds them both.
    const second = contender();
    const known = [...(isNamed ? [victim.pid] : []), ...(how.rival === undefined ? [] : [me.pid])];
    expect(await lockBy(second, directory)).toEqual({ ok: true, pid: second.pid, crashed: known });
    second.kill('SIGKILL');
    await second.ended;

    const third = contender();
    const { ok, crashed } = await lockBy(third, directory);
    expect({ ok, crashed: new Set(crashed) }).toEqual({ ok: true, crashed: new Set([...known, second.pid]) });
    await third.does('it.removeCrashed()');
    expect(names(directory)).toHaveLength(2);
    await third.does('it.release()');
    expect(names(directory)).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { projectHash, projectKey } from '../../src/core/project-key.ts';

test.each([
  ['/home/me/shop', 'shop'],
  ['/home/me/My Shop (new)', 'My-Shop-new'],
  ['/home/me/a_name-that.is/far-too_long-for-anybody', 'far-too_long-for-any'],
  ['/home/me/--force', 'force'],
  ['/home/me/магазин', 'project'],
  ['/home/me/..x', 'x'],
  ['/', 'project'],
])('the key of %s begins with %s', (root, name) => {
  expect(projectKey(root)).toBe(`${name}-${projectHash(root)}`);
  expect(projectHash(root)).toMatch(/^[0-9a-f]{16}$/);
});

test('the same path has the same key, today and tomorrow: it names directories on disk', () => {
  expect(projectKey('/home/me/shop')).toBe('shop-3da14e146d530c42');
});

test('paths that are nearly the same have keys of their own', () => {
  const roots = Array.from({ length: 200_000 }, (_, index) => `/home/me/project-${String(index)}`);
  const hashes = roots.map(projectHash);
  expect(new Set(hashes).size).toBe(roots.length);
  // Each half is as good as chance: 200,000 values of 32 bits collide 4.7 times on average.
  for (const half of [0, 8]) {
    const lanes = new Set(hashes.map((hash) => hash.slice(half, half + 8)));
    expect(roots.length - lanes.size).toBeLessThan(30);
  }
});

test('every bit of a letter reaches every digit', () => {
  const digits = Array.from({ length: 16 }, () => new Set<string>());
  for (let i = 0; i < 500; i++) {
    Array.from(projectHash(`/${String.fromCharCode(0x4e00 + i)}`)).forEach((digit, at) =>
      digits[at]?.add(digit),
    );
  }
  expect(digits.map(({ size }) => size)).toEqual(digits.map(() => 16));
});

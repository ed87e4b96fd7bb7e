/**
 * A working day in a minute: 2,000 starts and stops, crash loops, floods, readers of every kind; and then everything is
 * as it was. SOAK_SECONDS: how long (60); `npm run soak` takes ten minutes.
 */
import { globalAgent } from 'node:http';
import { setTimeout as rest } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../simulation/random.ts';
import { readGauge, sizesIn, wakeUpsOf, type Reading } from './gauge.ts';
import { newTally, strain } from './load.ts';
import { latency, reportText, resident, type Sample, type Soaked } from './report.ts';
import { lastWords, LOG_BYTES, LOG_FILES, NAMES, openSite, type Site } from './site.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 60);
const SEED = Number(process.env['SOAK_SEED'] ?? 3);
const SAMPLE_MS = 1000;
const SETTLE_MS = 30_000;
/** Between the second quarter and the last: V8 takes and gives back as it likes, by so much in ten minutes. */
const GROWTH_BYTES = 16 * 1024 * 1024;

it.runIf(process.platform === 'linux')(
  `is after ${String(SECONDS)} seconds as it was before`,
  async () => {
    const site = await openSite();
    await useEverythingOnce(site);
    const before = await settled(site);
    const restlessBefore = await wakeUpsPerSecond(site);

    const soaked = await soak(site);
    const { tally } = soaked;
    const after = await settled(site);
    const restlessAfter = await wakeUpsPerSecond(site);
    const logSizes = sizesIn(site.logDirectory);
    const left = await site.down();

    process.stdout.write(`${reportText({ ...soaked, before, after, restlessBefore, restlessAfter })}\n`);

    expect(tally.refused).toEqual([]);
    expect(left, lastWords(site)).toEqual([]);
    // A process that had never printed anything has a log since then, which is two descriptors.
    expect({ ...after.kinds, log: 0 }).toEqual({ ...before.kinds, log: 0 });
    expect(after.kinds['log']).toBeLessThanOrEqual(2 * (NAMES.length + 2));
    expect(after).toMatchObject({ children: before.children, zombies: 0 });
    // The thread pool of Node is filled when there is work for it, and never shrinks.
    expect(after.threads).toBeLessThanOrEqual(before.threads + 4);
    // A forgotten timer of 200 ms or less.
    expect(restlessAfter).toBeLessThan(restlessBefore + 5);
    expect(Math.max(...logSizes)).toBeLessThanOrEqual(LOG_BYTES);
    // Of each process so many logs, each with its index; web has five instances at most, and there are `extra` and `system`.
    expect(logSizes.length).toBeLessThanOrEqual(2 * LOG_FILES * (NAMES.length + 6));
    expect(tally.starts + tally.ends).toBeGreaterThan(Math.min(2000, SECONDS * 4));
    expect(resident(soaked, 0.75, 1)).toBeLessThan(resident(soaked, 0.25, 0.5) + GROWTH_BYTES);
    expect(latency(soaked, 0.75, 1)).toBeLessThan(5 * latency(soaked, 0.25, 0.5) + 20);
  },
  (SECONDS + 120) * 1000,
);

async function useEverythingOnce(site: Site): Promise<void> {
  await site.client.post('/v1/scale', { counts: { web: 5 } });
  await site.client.post('/v1/scale', { counts: { web: 2 } });
}

async function soak(site: Site): Promise<Soaked> {
  const tally = newTally();
  const samples: Sample[] = [];
  const beganMs = performance.now();
  const isOver = (): boolean => performance.now() - beganMs > SECONDS * 1000;
  await site.client.post('/v1/start', {});
  const sampler = setInterval(() => {
    samples.push({
      atMs: performance.now(),
      requests: tally.requests,
      reading: readGauge(site.pid, site.directories),
    });
  }, SAMPLE_MS);
  try {
    await strain({ site, tally, random: seeded(SEED), isOver });
  } finally {
    clearInterval(sampler);
  }
  return { tally, samples, beganMs, endedMs: performance.now() };
}

/** Everything is stopped, and nothing changes any more. */
async function settled(site: Site): Promise<Reading> {
  site.writeProcfile(null);
  await site.client.post('/v1/reload');
  await site.client.post('/v1/scale', { counts: { web: 2 } });
  await site.client.post('/v1/stop', {});
  // A sampler lets go of the dead when it looks the next time.
  await rest(300);
  await site.client.get('/v1/processes');
  globalAgent.destroy();
  let calm = 0;
  let reading = readGauge(site.pid, site.directories);
  for (const until = performance.now() + SETTLE_MS; calm < 5 && performance.now() < until;) {
    await rest(300);
    const now = readGauge(site.pid, site.directories);
    calm = now.descriptors === reading.descriptors && now.children === reading.children ? calm + 1 : 0;
    reading = now;
  }
  return reading;
}

async function wakeUpsPerSecond(site: Site): Promise<number> {
  const seconds = 3;
  const before = wakeUpsOf(site.pid);
  await rest(seconds * 1000);
  return (wakeUpsOf(site.pid) - before) / seconds;
}

/** One round, in a process of its own: node round.js ROOT KIND SEED HARD. Prints a line of JSON: how it went. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import * as checks from './checks.js';
import { drawCommands, fillingDisk, giveCommands, jumpingClock } from './commands.js';
import { awaitMoment, drawMoment, killAt, send } from './kills.js';
import { isAlive, livingOf } from './living.js';
import { becomes, endOf, freePort, makePlace } from './place.js';
import { drawPrograms, procfileOf } from './programs.js';
import { seeded } from './random.js';

const [, , root, kind, seed] = process.argv;
const random = seeded(Number(seed));
const faults = [];
const remarks = [];

const onDisk = kind !== 'disk' ? [] : random.pick([['state'], ['state', 'tmp']]);
const place = makePlace(root, { kind, onDisk });
process.on('SIGINT', endAll);
process.on('SIGTERM', endAll);
try {
  await round();
} catch (error) {
  faults.push(error.stack);
}
if (faults.length > 0 && onDisk.length > 0)
  cpSync(join(root, 'state'), join(root, 'state-kept'), { recursive: true });
await endAll();
process.stdout.write(`${JSON.stringify({ faults, remarks })}\n`, () => process.exit());

async function round() {
  const programs = drawPrograms(random, await freePort(random));
  const crash = random.chance(0.4);
  place.write('Procfile', procfileOf(programs, { crash }));
  const victim = victimOf();
  const isForeground = random.chance(0.3);
  const moment = drawMoment(random);
  const commands = drawCommands(random, { place, programs, crash });
  remarks.push(
    `${programs.map(({ name }) => name).join(' ')}${crash ? ' crash' : ''}`,
    `${isForeground ? 'start' : 'start -d'}, SIGKILL of ${victim} ${moment.jitterMs}ms after ${moment.what} ${moment.n}`,
  );

  const calm = disturb();
  const killed = await turbulence({ programs, victim, isForeground, moment, commands });
  const isKilled = killed !== undefined;
  if (!isKilled) remarks.push('there was no supervisor to kill');
  if (victim !== 'guardian') await startedMeanwhile(killed);
  // Now and then the next command competes with the guardian.
  const isImpatient = isKilled && victim === 'supervisor' && kind === 'supervisor' && random.chance(0.3);
  if (isKilled && victim === 'supervisor' && !isImpatient) {
    faults.push(...(await checks.nothingLives(place, 'SIGKILL of the supervisor')));
  }
  calm();
  if (isKilled && victim !== 'guardian') await afterwards(victim);
  // Without a supervisor; else they may go on until `down`.
  if (isKilled && victim !== 'guardian' && !isImpatient) faults.push(...(await checks.clientsEnd(place)));
  await comesUp(programs);
}

function victimOf() {
  const victims = { supervisor: 'supervisor', guardian: 'guardian', both: 'both', client: 'both' };
  return victims[kind] ?? random.pick(['supervisor', 'guardian', 'both']);
}

/** Returns what ends it. */
function disturb() {
  if (kind === 'clock') return jumpingClock(random, root);
  if (kind === 'disk') return fillingDisk(random, join(root, 'state'));
  return () => undefined;
}

async function turbulence({ programs, victim, isForeground, moment, commands }) {
  const awaited = awaitMoment(moment, { place });
  const limit = kind === 'descriptors' ? random.between(30, 200) : null;
  if (limit !== null) remarks.push(`ulimit -n ${limit}`);
  const apart = kind === 'clock' && random.chance(0.3);
  if (apart) remarks.push('the supervisor in a time namespace of its own');
  const words = isForeground ? ['--restart', 'on-failure', '--on-exit', 'keep'] : ['-d'];
  const started = place.begin(['start', ...words, '-t', '1s', '--restart-delay', '50ms'], { limit, apart });
  started.onLine = () => awaited.happened('line of output');
  let isOver = false;
  const isSure = random.chance(0.7);
  const killed = awaited.reached().then(async () => {
    // Clients in the middle of a request.
    if (kind === 'client') {
      for (const more of [
        ['restart'],
        ['logs', '-f'],
        ['events', '--json'],
        ['wait', programs[0].name, '--for', 'exited'],
      ]) {
        if (random.chance(0.7)) place.begin(more);
      }
      await rest(random.between(20, 300));
    }
    await becomes(() => place.supervisor() !== undefined || started.result !== undefined);
    const pids = await killAt(place, victim, { isSure });
    isOver = true;
    return pids;
  });
  if (random.chance(0.5))
    await (isForeground ? becomes(() => place.supervisor() !== undefined || started.result) : endOf(started));
  if (moment.what === 'event' || moment.what === 'line of output') {
    const follower = place.begin(moment.what === 'event' ? ['events', '--json'] : ['logs', '-f']);
    follower.onLine = () => awaited.happened(moment.what);
  }
  await giveCommands(random, commands, {
    place,
    isOver: () => isOver,
    onBegin: () => awaited.happened('command'),
  });
  await becomes(() => place.supervisor() !== undefined || started.result !== undefined);
  awaited.giveUp();
  return await killed;
}

/** A command `start` that was under way when the supervisor was killed has started the next one. */
async function startedMeanwhile(killed = []) {
  await noStartUnderWay();
  const pid = place.supervisor();
  if (pid === undefined || killed.includes(pid) || !isAlive(pid) || killed.length === 0) return;
  remarks.push('a start that was under way has started the next supervisor');
  await place.run('down');
  faults.push(...(await checks.nothingLives(place, 'down')));
}

async function noStartUnderWay() {
  const starts = place.begun.filter(({ words }) => words[0] === 'start' && words.includes('-d'));
  await becomes(() => starts.every(({ result }) => result !== undefined));
}

/** Both were killed, or the one and the other is at work: the next command cleans up. */
async function afterwards(victim) {
  const left = livingOf(root).length;
  if (victim === 'both' && left > 0)
    remarks.push(`${left} processes lived until the next command, as documented`);
  const next = random.pick(['ps', 'down', 'start', 'two starts']);
  remarks.push(`then ${next}`);
  if (next === 'ps') faults.push(...(await checks.ends(place, ['ps'], 3)));
  if (next === 'down') {
    faults.push(
      ...(await checks.ends(place, ['down'], 0)),
      ...(await checks.nothingLives(place, 'the next down')),
    );
  }
  if (next === 'two starts') {
    // One of them starts everything, the other one finds it.
    await Promise.all([1, 2].map(() => endOf(place.begin(['start', '-d', '-t', '1s']))));
  }
}

/** With the Procfile as it was, without the crash loop: everything once, then nothing. */
async function comesUp(programs) {
  place.write('Procfile', procfileOf(programs));
  await noStartUnderWay();
  const isRunning = (await place.run('ps')).status === 0;
  if (isRunning) {
    await place.run('down');
    faults.push(...(await checks.nothingLives(place, 'down')));
  }
  faults.push(...(await checks.ends(place, ['start', '-d', '-t', '1s'], 0)));
  faults.push(...(await checks.onceEach(place, programs)));
  faults.push(...(await checks.downLeavesNothing(place, programs)));
  faults.push(...checks.nothingTwice(place));
  faults.push(...(await checks.ends(place, ['ps'], 3)), ...(await checks.clientsEnd(place)));
}

/** By pid, whatever was found wrong: a round leaves nothing behind for the next one. */
async function endAll(signal) {
  const isGone = () => {
    const living = livingOf(root);
    for (const { pid } of living) send(pid, 'SIGKILL');
    return living.length === 0;
  };
  if (!(await becomes(isGone))) faults.push('something does not end on SIGKILL');
  if (signal !== undefined) process.exit(1);
}

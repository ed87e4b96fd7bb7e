/** What has to be true at the end of a round, whatever was killed. Each returns a list of faults, in words. */
import { livingOf, linesOf, recordedIn } from './living.js';
import { becomes, endOf, LIMIT_MS } from './place.js';
import { join } from 'node:path';

const text = ({ pid, command }) => `${pid} ${command.slice(0, 120)}`;

/** Without a command. */
export async function nothingLives(place, when) {
  if (await becomes(() => livingOf(place.root).length === 0)) return [];
  return [`alive ${LIMIT_MS / 1000}s after ${when}: ${livingOf(place.root).map(text).join('; ')}`];
}

/** Clients whose supervisor was killed end by themselves, with words and not with a stack. */
export async function clientsEnd(place) {
  const faults = [];
  for (const command of place.begun) {
    try {
      faults.push(...soundEnd(await endOf(command)));
    } catch (error) {
      faults.push(error.message);
    }
  }
  return faults;
}

/** 125 and 3 are what a client says of a supervisor that was killed; 1 and 124 are of programs and of time limits. */
const STATUSES = [0, 1, 3, 124, 125, 137, 143];

function soundEnd({ words, status, signal, stdout, stderr }) {
  const told = `'procsup ${words.join(' ')}'`;
  if (/internal error|Cannot read prop|\n {4}at |Warning:|UnhandledPromise/.test(stderr))
    return [`${told} says: ${stderr}`];
  // `reload` or `scale` may have removed it.
  if (status === 2 && /unknown process|no instances of/.test(stderr)) return [];
  if (STATUSES.includes(status) || signal === 'SIGKILL') return [];
  return [`${told} ended with ${status ?? signal}: ${stdout.slice(-500)}${stderr}`];
}

export async function ends(place, words, expected) {
  const { status, stdout, stderr } = await place.run(...words);
  return status === expected
    ? []
    : [`'procsup ${words.join(' ')}': status ${status}, not ${expected}: ${stdout.slice(-800)}${stderr}`];
}

/** Each process of each program is alive exactly once, and never was twice. */
export async function onceEach(place, programs) {
  const wanted = programs.flatMap(({ name, roles }) => roles.map((role) => `${name}.1 ${role}`)).sort();
  const found = () =>
    recordedIn(place.root)
      .map(({ instance, role }) => `${instance} ${role}`)
      .sort();
  const isSo = await becomes(() => String(found()) === String(wanted));
  return isSo ? [] : [`alive: ${found().join(', ')}; expected: ${wanted.join(', ')}`];
}

/** `known`: what is not looked at. */
export function nothingTwice(place) {
  const twice = linesOf(join(place.root, 'twice'));
  return twice.length === 0 ? [] : [`twice: ${twice.join(', ')}`];
}

/** A program that ignores SIGTERM is killed, which `down` tells by 137. */
export const down = (place, programs) =>
  ends(place, ['down'], programs.some(({ name }) => name === 'deaf') ? 137 : 0);

/** `down`, after which no program may be alive for a moment longer, and nothing be left on disk. */
export async function downLeavesNothing(place, programs) {
  const faults = await down(place, programs);
  const late = recordedIn(place.root).map(({ instance, role, pid }) => `${instance} ${role} ${pid}`);
  return [
    ...faults,
    ...(late.length === 0 ? [] : [`alive when 'down' has returned: ${late.join(', ')}`]),
    ...(await nothingLives(place, 'down')),
    ...(place.leftFiles().length === 0 ? [] : [`left on disk: ${place.leftFiles().join(', ')}`]),
  ];
}

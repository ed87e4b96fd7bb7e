/** The commands of a round, drawn at random, and what is disturbed meanwhile. */
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { recordedIn } from './living.js';
import { endOf } from './place.js';
import { procfileOf } from './programs.js';

const HOUR_MS = 3_600_000;

/** Draws a list of `[words, before]`: a command, and what is done before it. `crash` of a program has no command. */
export function drawCommands(random, { place, programs, crash }) {
  const names = programs.map(({ name }) => name);
  const any = () => random.pick(names);
  let edit = 0;
  const makers = [
    () => [['restart', any()]],
    () => [['restart', any()]],
    () => [['restart']],
    () => {
      edit += 1;
      const text = procfileOf(programs, { crash, edit });
      return [['reload'], () => place.write('Procfile', text)];
    },
    () => [['scale', `${scalable()}=${random.between(0, 3)}`]],
    () => [['scale', `${scalable()}=${random.between(2, 4)}`]],
    () => [['stop', any()]],
    () => [['start', '-d', any()]],
    () => [['ps', '--json']],
    () => [['logs', '-n', '20']],
    () => {
      const at = random.between(0, 1000);
      const signal = random.pick(['SIGKILL', 'SIGSEGV', 'SIGTERM']);
      return [null, () => crashOne(place.root, at, signal)];
    },
  ];
  // Two of a listener cannot have one port.
  const scalable = () => random.pick(names.filter((name) => name !== 'listener'));
  return Array.from({ length: random.between(3, 8) }, () => random.pick(makers)());
}

/** Ends a program from outside, as the kernel does when memory is short. */
function crashOne(root, at, signal) {
  const recorded = recordedIn(root);
  if (recorded.length === 0) return;
  try {
    process.kill(recorded[at % recorded.length].pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** Runs them, one after the other or, now and then, without waiting, until `isOver`. Returns how those ended that were waited for. */
export async function giveCommands(random, commands, { place, isOver, onBegin }) {
  const ends = [];
  for (const [words, before] of commands) {
    const waits = random.chance(0.7);
    if (isOver()) break;
    before?.();
    onBegin();
    if (words === null) continue;
    const command = place.begin(words);
    if (waits) ends.push(await endOf(command));
  }
  return ends;
}

/** Of the clock of everything in a round: set to another time every now and then. Returns how to set it right. */
export function jumpingClock(random, root) {
  const jump = () =>
    writeFileSync(join(root, 'clock'), String(random.pick([-1, 1]) * random.between(1, 24 * 3650) * HOUR_MS));
  jump();
  const timer = setInterval(jump, 400);
  return () => {
    clearInterval(timer);
    rmSync(join(root, 'clock'));
  };
}

/** Fills the file system of `directory` after a while. Returns how to make room again. */
export function fillingDisk(random, directory) {
  const filler = join(directory, 'filler');
  const fill = () => {
    const file = openSync(filler, 'a');
    try {
      for (const size of [65_536, 4096, 1]) for (;;) if (!fits(file, size)) break;
    } finally {
      closeSync(file);
    }
  };
  const timer = setTimeout(fill, random.between(0, 3000));
  return () => {
    clearTimeout(timer);
    rmSync(filler, { force: true });
  };
}

function fits(file, size) {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch {
    return false;
  }
}

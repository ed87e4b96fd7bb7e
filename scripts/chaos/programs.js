/** The application of a round: programs in many shapes, and which processes of each are alive when it runs. */
import { fileURLToPath } from 'node:url';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));

const sh = (shape) => `sh ${fileOf('program.sh')} $CHAOS_ROOT $PS ${shape}`;

/** `roles`: of the processes that record themselves. A process of the last two loses its environment. */
const SHAPES = {
  web: { line: sh('web'), roles: ['web', 'job'] },
  apart: { line: sh('apart'), roles: ['apart', 'job'] },
  silent: { line: sh('silent'), roles: ['silent', 'job'] },
  daemon: { line: sh('daemon'), roles: ['daemon', 'job'] },
  deaf: { line: sh('deaf'), roles: ['deaf'] },
  slow: { line: sh('slow'), roles: ['slow'] },
  pipeline: { line: `${sh('feed')} | ${sh('eat')}`, roles: ['feed', 'eat'] },
  nest: { line: `cd / && ${sh('nest')}`, roles: ['nest', 'job'] },
  flood: { line: sh('flood'), roles: ['flood'] },
  cleared: { line: sh('cleared'), roles: ['cleared', 'job'] },
  titled: { line: sh('titled'), roles: ['titled', 'job'] },
};

/** It never stays up, so it is not part of what has to run at the end. */
const CRASH = sh('crash');

/** `[{ name, line, roles }]`, with a listener on `port` among them. */
export function drawPrograms(random, port) {
  const drawn = random
    .sample(Object.keys(SHAPES), random.between(3, 5))
    .map((name) => ({ name, ...SHAPES[name] }));
  const line = `exec ${process.execPath} ${fileOf('listener.js')} $CHAOS_ROOT $PS ${port}`;
  return random.chance(0.5) ? [...drawn, { name: 'listener', line, roles: ['listener'] }] : drawn;
}

/** `crash`: with a crash loop. `edit`: what `reload` finds changed; 0 for nothing. */
export function procfileOf(programs, { crash = false, edit = 0 } = {}) {
  const lines = programs.map(({ name, line }, at) => {
    // Without the first one, or with the environment of the second one changed.
    if (edit % 3 === 1 && at === 0) return '';
    return edit % 3 === 2 && at === 1
      ? `${name}: EDIT=${edit}; export EDIT; ${line}\n`
      : `${name}: ${line}\n`;
  });
  return lines.join('') + (crash ? `crash: ${CRASH}\n` : '');
}

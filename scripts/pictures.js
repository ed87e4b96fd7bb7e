// npm run pictures: the pictures of the README, from real runs of what is built. Needs tmux.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTerminal } from './pictures/terminal.js';
import { SCENES } from './pictures/scenes.js';
import { toSvg } from './pictures/svg.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'docs/pictures');
const wanted = process.argv.slice(2);

mkdirSync(target, { recursive: true });
for (const scene of SCENES) {
  if (wanted.length && !wanted.includes(scene.name)) continue;
  const place = makeProject(scene.files ?? {});
  const terminal = openTerminal({ ...scene.size, cwd: place.project, env: place.env });
  try {
    const cells = await scene.play(terminal);
    writeFileSync(join(target, `${scene.name}.svg`), toSvg(cells, scene));
    process.stdout.write(`docs/pictures/${scene.name}.svg\n`);
  } finally {
    execFileSync(place.procsup, ['down'], { cwd: place.project, env: place.env, stdio: 'ignore' });
    terminal.close();
    rmSync(place.dir, { recursive: true, force: true });
  }
}

/** The example application in a directory of its own, as a user would have it. */
function makeProject(files) {
  const dir = mkdtempSync(join(tmpdir(), 'procsup-pictures-'));
  const project = join(dir, 'shop');
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  mkdirSync(project);
  cpSync(join(root, 'example'), join(project, 'example'), { recursive: true });
  cpSync(join(root, 'procfile.example'), join(project, 'Procfile'));
  cpSync(join(root, 'scripts/pictures/shop.js'), join(project, 'shop.mjs'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
  const procsup = join(bin, 'procsup');
  symlinkSync(join(root, 'bin/procsup.js'), procsup);
  // It sets the prompt, also for root.
  writeFileSync(join(dir, 'shrc'), "PS1='\x1b[1;32m$\x1b[0m '\n");
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: dir,
    XDG_STATE_HOME: join(dir, 'state'),
    XDG_CACHE_HOME: join(dir, 'cache'),
    LANG: 'C.UTF-8',
    ENV: join(dir, 'shrc'),
  };
  return { dir, project, procsup, env };
}

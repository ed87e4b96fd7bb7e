// A pipeline by execa, as its users write it: the stages, each a program and its arguments, are our arguments.
import { execa } from 'execa';
import { readFileSync } from 'node:fs';

const stages = process.argv.slice(2);
if (stages[0] === '--version') {
  const manifest = new URL('../node_modules/execa/package.json', import.meta.url);
  process.stdout.write(`${JSON.parse(readFileSync(manifest, 'utf8')).version}\n`);
} else {
  const [first, ...rest] = stages.map((stage, at) => {
    const [program, ...args] = stage.split(' ');
    const stdout = at === stages.length - 1 ? 'inherit' : 'pipe';
    return (stdin) => execa(program, args, { stdin, stdout, stderr: 'inherit', buffer: false });
  });
  await rest.reduce((sofar, start) => sofar.pipe(start('pipe')), first('inherit'));
}

import { expect, test } from 'vitest';
import { jobScript, parallelVariables, readStatus, shellScript } from '../../../src/core/pool/job-script.ts';

const OUTPUT = { out: '/tmp/x/1', err: '/tmp/x/2' };

test('a command is run in a subshell without stdin, its output goes to FIFOs, its status to descriptor 3', () => {
  expect(jobScript(7, 3, 'gzip a', OUTPUT)).toBe(
    `PARALLEL_SEQ=3; (eval ' ''exec gzip a') </dev/null >/tmp/x/1 2>/tmp/x/2 3>&-; echo "7 $?" >&3\n`,
  );
});

test('without FIFOs a job has the stdout of the shell and our stderr', () => {
  expect(jobScript(1, 1, 'gzip a', null)).toContain(`') </dev/null 2>&4 4>&- 3>&-; echo`);
});

test.each([
  ["echo 'it'", `'echo '\\''it'\\'''`],
  ['a\nb', "'a\nb'"],
  ['-x', "'-x'"],
])('%j is one word for eval', (command, word) => {
  expect(jobScript(1, 1, command, OUTPUT)).toContain(`(eval ' '${word}) `);
});

test.each(['echo $$', 'kill $PPID'])('%j, which asks for its pid, has a shell of its own', (command) => {
  expect(jobScript(1, 1, command, OUTPUT)).toContain(`(eval ' ''exec /bin/sh -c '\\''${command}'\\''') `);
});

test('the shell outlives SIGTERM, which its jobs do not ignore', () => {
  expect(shellScript('ulimit -Sn 1024; ')).toBe('ulimit -Sn 1024; \ntrap : TERM\n');
});

test('the jobs of a pool know their slot', () => {
  expect(parallelVariables(2, 99)).toBe('export PARALLEL_SEQ PARALLEL_JOBSLOT=2 PARALLEL_PID=99\n');
});

test.each([
  ['12 0', { id: 12, status: 0 }],
  ['1 255', { id: 1, status: 255 }],
  ['', undefined],
  ['1', undefined],
  ['1 x', undefined],
])('the line %j is a status or is ignored', (line, told) => {
  expect(readStatus(line)).toEqual(told);
});

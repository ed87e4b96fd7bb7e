// The same by zx, which runs this and gives us `$`.
const stages = process.argv.slice(process.argv.indexOf(__filename) + 1);
const [first, ...rest] = stages.map((stage, at) => {
  const stdout = at === stages.length - 1 ? 'inherit' : 'pipe';
  return () => $({ stdio: [at === 0 ? 'inherit' : 'pipe', stdout, 'inherit'] })([stage]);
});
await rest.reduce((sofar, start) => sofar.pipe(start()), first());

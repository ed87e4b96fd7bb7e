// Run in a process of its own: `workloads.js CORE WORKLOAD MEMBERS` lives one story with the bundled core CORE, and prints
// the CPU time that its steps took, in milliseconds.
const [, , core, workload, members] = process.argv;
const { fleetSpec, newFleet, stepFleet, stopLadder, RESTART_DEFAULTS } = await import(core ?? '');

const WORKLOADS = { start, chain };

const { specs, live, end } = WORKLOADS[workload ?? ''](Number(members));
const began = process.cpuUsage();
const fleet = fleetOf(specs);
live(fleet);
const { user, system } = process.cpuUsage(began);
fleet.assertAll(end);
process.stdout.write(`${(user + system) / 1000}\n`);

/** All are asked for at once, and run one after the other. */
function start(count) {
  const specs = Array.from({ length: count }, (_, at) => member(`a.${at + 1}`, 'a'));
  return {
    specs,
    end: 'running',
    live({ ask, spawned }) {
      ask();
      for (const { name } of specs) spawned(name);
    },
  };
}

/** Tasks, each of which waits for the success of the one before. */
function chain(count) {
  const specs = Array.from({ length: count }, (_, at) =>
    member(`t${at}.1`, `t${at}`, at === 0 ? [] : [{ process: `t${at - 1}`, until: 'succeeded' }]),
  );
  return {
    specs,
    end: 'exited',
    live({ ask, spawned, succeeded }) {
      ask();
      for (const { name } of specs) {
        spawned(name);
        succeeded(name);
      }
    },
  };
}

function member(name, process, needs = []) {
  const ladder = stopLadder('SIGTERM', 5000);
  return { name, process, needs, readiness: 'started', ladder, restart: RESTART_DEFAULTS };
}

/** A daemon's, so that it goes on when all have ended. */
function fleetOf(specs) {
  let state = newFleet(fleetSpec(specs, 'keep', true));
  const send = (event) => ({ state } = stepFleet(state, event, { now: 0, random: 0 }));
  const tell = (name, event) => send({ type: 'process', name, event: { run: 1, ...event } });
  return {
    ask: () => send({ type: 'request', ticket: 1, verb: 'start', names: specs.map(({ name }) => name) }),
    spawned: (name) => tell(name, { type: 'spawned', pid: 100 }),
    succeeded: (name) => tell(name, { type: 'exited', exit: { by: 'code', code: 0 }, survivors: false }),
    assertAll(phase) {
      for (const [name, { process: one }] of state.members) {
        if (one.phase.name !== phase) throw new Error(`${name} is ${one.phase.name}, not ${phase}`);
      }
    },
  };
}

// Three processes wait for a flag, add to a value, and meet at a barrier. The last one to come tells the sum.
import { fileURLToPath } from 'node:url';
import { createSupervisor, openBarrier, openFlag, openValue } from 'procsup';

const PROCESSES = 3;

if (process.env['PROCSUP_PROCESS'] === 'counter') {
  const start = await openFlag('start');
  const sum = await openValue('sum');
  const meeting = await openBarrier('meeting', PROCESSES);
  await start.wait();
  await sum.increment();
  const index = await meeting.wait();
  if (index === PROCESSES - 1) await sum.set(`${PROCESSES} processes have counted to ${await sum.get()}`);
} else {
  const command = [process.execPath, fileURLToPath(import.meta.url)] as const;
  const supervisor = await createSupervisor({
    control: true,
    processes: { counter: { command, instances: PROCESSES } },
  });
  try {
    await supervisor.start();
    const { socket } = supervisor;
    const start = await openFlag('start', { socket });
    const sum = await openValue('sum', { socket });
    await start.set();
    for await (const { value } of sum.watch()) {
      if (typeof value !== 'string') continue;
      console.log(value);
      break;
    }
  } finally {
    await supervisor.close();
  }
}

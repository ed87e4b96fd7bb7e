// Two processes increment a number in memory that they share. By Atomics no increment is lost.
import { fileURLToPath } from 'node:url';
import { createSupervisor, SharedMemory } from 'procsup';

const increments = Number(process.argv[2] ?? 5_000_000);
const PROCESSES = 2;

if (process.env['PROCSUP_PROCESS'] === 'adder') {
  const counter = new Int32Array((await SharedMemory.open('counter')).buffer);
  for (let n = 0; n < increments; n += 1) Atomics.add(counter, 0, 1);
} else {
  const command = [process.execPath, fileURLToPath(import.meta.url), String(increments)] as const;
  const supervisor = await createSupervisor({
    control: true,
    processes: { adder: { command, instances: PROCESSES } },
  });
  try {
    const memory = await SharedMemory.create('counter', 4, { socket: supervisor.socket });
    await supervisor.start();
    await supervisor.wait('adder', 'exited');
    const [sum] = new Int32Array(memory.buffer);
    console.log(`${PROCESSES} processes, ${increments} increments each: ${sum}`);
  } finally {
    await supervisor.close();
  }
}

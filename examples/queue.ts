// Numbers go to two processes over one queue, and their squares come back over another one.
import { fileURLToPath } from 'node:url';
import { createSupervisor, openQueue } from 'procsup';

const NUMBERS = [1, 2, 3, 4];

if (process.env['PROCSUP_PROCESS'] === 'squarer') {
  const numbers = await openQueue('numbers');
  const squares = await openQueue('squares');
  for await (const message of numbers.messages()) {
    await squares.put([String(Number(message.text) ** 2)]);
    // Not before: if this process is killed, another one gets the number.
    await message.ack();
  }
} else {
  const command = [process.execPath, fileURLToPath(import.meta.url)] as const;
  const supervisor = await createSupervisor({
    control: true,
    processes: { squarer: { command, instances: 2 } },
  });
  try {
    await supervisor.start();
    const { socket } = supervisor;
    const numbers = await openQueue('numbers', { socket });
    await numbers.put(NUMBERS.map(String));
    numbers.close();
    const results: number[] = [];
    const squares = await openQueue('squares', { socket });
    for await (const message of squares.messages()) {
      results.push(Number(message.text));
      await message.ack();
      if (results.length === NUMBERS.length) squares.close();
    }
    console.log(results.sort((a, b) => a - b));
  } finally {
    await supervisor.close();
  }
}

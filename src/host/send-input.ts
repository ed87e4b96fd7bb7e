/** Writes to the stdin of a process. A terminal takes lines and keys in its own way, and refuses what would go wrong there. */
import type { InputAsk, InputTaken } from '../control/api.ts';
import { systemClock } from '../os/clock.ts';
import type { LiveTerminal } from '../os/terminal/run-terminal.ts';
import type { Running } from './wire.ts';

/** The kernel cuts a longer line in canonical mode without a word. */
const LONGEST_LINE = 4095;
const SECRET_PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const END_OF_INPUT = '\u0004';

export async function sendInput(
  { inputs, terminals, supervisor }: Pick<Running, 'inputs' | 'terminals' | 'supervisor'>,
  name: string,
  ask: InputAsk,
): Promise<InputTaken> {
  const hasTerminal = supervisor.instances.get(name)?.plan.tty === true;
  const terminal = hasTerminal ? terminals.of(name) : undefined;
  const { bytes, end = false } = ask;
  if (terminal === undefined) {
    const taken = await inputs.write(name, bytes);
    if (taken.taken && end) inputs.close(name);
    return taken;
  }
  const why = await objection(terminal, name, ask);
  if (why !== undefined) return { taken: false, why };
  const typed = ask.keys === true ? bytes : asTyped(bytes);
  return inputs.write(name, end ? Buffer.concat([typed, Buffer.from(END_OF_INPUT)]) : typed);
}

/** Enter is CR; some programs do not take LF for it. */
const asTyped = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => (byte === 10 ? 13 : byte));

async function objection(terminal: LiveTerminal, name: string, ask: InputAsk): Promise<string | undefined> {
  const { bytes, keys = false, force = false, secret = false } = ask;
  if (secret && !(await asksForSecret(terminal)))
    return `${name} does not ask for a secret: its terminal would show what is written`;
  if (keys) return undefined;
  if (terminal.isOnScreen && !force)
    return `${name} draws on the whole screen, where a line is taken as keys; send it with --force, or keys with --keys`;
  const longest = Math.max(...linesOf(bytes));
  if (longest > LONGEST_LINE && terminal.lineMode().isCanonical)
    return `line too long for the terminal of ${name} (${String(longest)} bytes; the limit is ${String(LONGEST_LINE)})`;
  return undefined;
}

/** The lengths of all lines. */
function linesOf(bytes: Uint8Array): readonly number[] {
  const lengths: number[] = [];
  let from = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    lengths.push(end - from);
    from = end + 1;
  }
  return [...lengths, bytes.length - from];
}

/** It reads a line without showing it. */
async function asksForSecret(terminal: LiveTerminal): Promise<boolean> {
  const deadline = systemClock.now() + SECRET_PATIENCE_MS;
  for (;;) {
    const { isCanonical, echoes } = terminal.lineMode();
    if (isCanonical && !echoes) return true;
    if (systemClock.now() > deadline) return false;
    await new Promise<void>((resolve) => void systemClock.after(LOOK_AGAIN_MS, resolve));
  }
}

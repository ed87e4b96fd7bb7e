import type { ControlClient } from '../../control/client.ts';
import { bodyOf } from './answers.ts';

/** What one request carries; in base64 it is a third longer. */
export const MOST_INPUT_BYTES = 48 * 1024;

/** Writes bytes to the stdin of an instance. `how`: the flags of `/v1/input`. Returns why they were not taken, if so. */
export async function postInput(
  client: Pick<ControlClient, 'post'>,
  name: string,
  bytes: Buffer,
  how: Readonly<Record<string, boolean>>,
): Promise<string | undefined> {
  const { taken, why } = bodyOf<{ readonly taken: boolean; readonly why?: string }>(
    await client.post('/v1/input', { name, text: bytes.toString('base64'), base64: true, ...how }),
  );
  return taken ? undefined : (why ?? `${name} does not read its stdin`);
}

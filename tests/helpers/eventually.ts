/** The only clock of the end-to-end tests: generous, and never how a test knows something. */
const PATIENCE_MS = 120_000;
const LOOK_AGAIN_MS = 10;

/** The promise, or an error with what `story` tells of how far things have come. */
export function inTime<T>(promise: Promise<T>, awaited: string, story: () => string = () => ''): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const giveUp = setTimeout(() => {
      reject(new Error(`waited ${PATIENCE_MS} ms in vain: ${awaited}\n${story()}`));
    }, PATIENCE_MS);
    const fail = (error: unknown): void => reject(new Error(`${String(error)}\n${story()}`));
    promise.then(resolve, fail).finally(() => clearTimeout(giveUp));
  });
}

/** For what nobody tells us of: looks again and again until `isSo`. False when it has not become so in time. */
export async function becomes(isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
  for (const deadline = Date.now() + patienceMs; !isSo();) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return true;
}

/** As `becomes`, for a test that has no business going on otherwise. */
export async function until(isSo: () => boolean, awaited: string): Promise<void> {
  if (!(await becomes(isSo))) throw new Error(`waited ${PATIENCE_MS} ms in vain: ${awaited}`);
}

/**
 * The events of a stream for any number of listeners, with one real listener for each event: of more than ten Node takes
 * them for a leak, and warns, though a program may well print twenty pipelines on one stdout.
 */
import type { Writable } from 'node:stream';

export interface StreamListener {
  readonly drain: () => void;
  readonly finish: () => void;
  readonly close: () => void;
  readonly error: (error: Error) => void;
}

interface Shared {
  add(listener: StreamListener): void;
  remove(listener: StreamListener): void;
}

const sharedOf = new WeakMap<Writable, Shared>();

/** Returns a function that ends it. */
export function listenTo(stream: Writable, listener: StreamListener): () => void {
  const shared = sharedOf.get(stream) ?? share(stream);
  sharedOf.set(stream, shared);
  shared.add(listener);
  return () => shared.remove(listener);
}

function share(stream: Writable): Shared {
  const listeners = new Set<StreamListener>();
  // Copies: a listener may remove others.
  const onDrain = (): void => [...listeners].forEach(({ drain }) => drain());
  const onFinish = (): void => [...listeners].forEach(({ finish }) => finish());
  const onClose = (): void => [...listeners].forEach(({ close }) => close());
  const onError = (error: Error): void => [...listeners].forEach((each) => each.error(error));

  return {
    add(listener) {
      listeners.add(listener);
      if (listeners.size > 1) return;
      stream.on('drain', onDrain).on('finish', onFinish).on('close', onClose).on('error', onError);
    },
    remove(listener) {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      stream.off('drain', onDrain).off('finish', onFinish).off('close', onClose).off('error', onError);
    },
  };
}

/** A session for one value, flag, barrier or channel. It keeps this process alive only while something is asked. */
import { connectSession, VerbError, type SessionClient } from '../../control/session/client.ts';
import { listenToAbort } from '../listen-to-abort.ts';
import { supervisorSocket } from '../supervisor-socket.ts';
import { ExchangeError, type ExchangeErrorCode } from './error.ts';
import type { OpenExchangeOptions, WaitOptions } from './options.ts';

export interface ExchangeSession {
  /** Rejects with `ExchangeError`. */
  ask(verb: string, input?: object): Promise<unknown>;
  /** The same for a request that waits, and may be cancelled. */
  wait(verb: string, options: WaitOptions, input?: object): Promise<unknown>;
  isClosed(): boolean;
  close(): void;
}

/** `what`: what we are, as it is shown to others. Requests are for `name`. */
export async function openExchangeSession(
  what: string,
  name: string,
  options: OpenExchangeOptions,
): Promise<ExchangeSession> {
  const path = supervisorSocket(options, (message) => {
    throw new ExchangeError('NO_SUPERVISOR', message);
  });
  let session: SessionClient;
  try {
    session = await connectSession(path, { command: what, pid: process.pid });
  } catch (error) {
    throw exchangeError(error as Error);
  }
  session.unref();
  let asked = 0;
  let lastToken = 0;
  let isClosed = false;

  const ask = async (verb: string, input: object = {}): Promise<unknown> => {
    if ((asked += 1) === 1) session.ref();
    try {
      return await session.ask(verb, { name, ...input });
    } catch (error) {
      throw exchangeError(error as Error);
    } finally {
      if ((asked -= 1) === 0) session.unref();
    }
  };

  return {
    ask,
    async wait(verb, { timeoutMs, signal }, input = {}) {
      signal?.throwIfAborted();
      const token = (lastToken += 1);
      const cancel = (): void => void session.ask('session.cancel', { token }).catch(() => undefined);
      const stop = listenToAbort(signal, cancel);
      try {
        return await ask(verb, { ...input, wait: timeoutMs, token });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        stop();
      }
    },
    isClosed: () => isClosed,
    close() {
      isClosed = true;
      session.close();
    },
  };
}

const CODES: Readonly<Record<string, ExchangeErrorCode>> = {
  'value-timeout': 'TIMEOUT',
  'flag-timeout': 'TIMEOUT',
  'barrier-timeout': 'TIMEOUT',
  'channel-timeout': 'TIMEOUT',
  'barrier-broken': 'BROKEN',
  'not-a-number': 'NOT_A_NUMBER',
  'session-ended': 'NO_SUPERVISOR',
  inexact: 'INEXACT',
};

function exchangeError(error: Error): ExchangeError {
  const { message } = error;
  if (error instanceof VerbError)
    return new ExchangeError(CODES[error.code] ?? 'REFUSED', message, { cause: error });
  return new ExchangeError('NO_SUPERVISOR', `cannot reach the supervisor: ${message}`, { cause: error });
}

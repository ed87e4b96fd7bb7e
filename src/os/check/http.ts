/**
 * One request. Below 500 is ready, whatever the path: most programs answer 404 at / when they are well. Redirects are not
 * followed. A program may let the first request wait for a minute, and some never answer one that came too early: so
 * each has ANSWER_MS, and another one follows.
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { Answer } from '../../core/check/answer.ts';
import type { Check } from '../../core/check/check.ts';
import type { Subject } from '../../ports/checks.ts';
import { failureText, findSocket, hostOf, lookupOf } from './connect.ts';
import type { CheckTools } from './tcp.ts';

type HttpCheck = Extract<Check, { kind: 'http' }>;

export const ANSWER_MS = 10_000;
/** After an answer that is no: the program is near. */
const AGAIN_MS = 250;
const GOODBYE_MS = 1000;
const MOST_BYTES = 1024 * 1024;

export function askHttp(
  check: HttpCheck,
  subject: Subject,
  { trees, clock }: CheckTools,
  tell: (answer: Answer) => void,
): () => void {
  let isOver = false;
  let stop = (): void => undefined;
  const answer = (told: Answer): void => {
    if (isOver) return;
    isOver = true;
    tell(told);
  };
  const no = (why: string, againMs?: number): void =>
    answer({
      is: 'no',
      words: `http ${check.target}: ${why}`,
      ...(againMs !== undefined && { againMs }),
    });

  const send = async (options: RequestOptions, isSecure: boolean): Promise<void> => {
    const { request } = isSecure ? await import('node:https') : await import('node:http');
    if (isOver) return;
    const sent = request({ ...options, agent: false, method: 'GET' });
    const cancel = clock.after(ANSWER_MS, () => {
      no(`no answer in ${String(ANSWER_MS / 1000)}s`, 0);
      sent.destroy();
    });
    stop = () => {
      cancel();
      sent.destroy();
    };
    sent.on('response', (response) => {
      cancel();
      stop = () => undefined;
      dropRest(response);
      const { statusCode = 0 } = response;
      if (isGood(check, statusCode)) answer({ is: 'yes' });
      else no(String(statusCode), AGAIN_MS);
    });
    sent.on('error', (error) => {
      cancel();
      no(failureText(error), AGAIN_MS);
    });
    sent.end();
  };

  /** A connection that is closed with something unread is reset, and programs complain. */
  const dropRest = (response: IncomingMessage): void => {
    let bytes = 0;
    const end = (): void => {
      cancel();
      response.destroy();
    };
    const cancel = clock.after(GOODBYE_MS, end);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) end();
    });
    response.on('end', cancel);
    response.on('error', cancel);
  };

  const failed = (error: unknown): void => no(failureText(error), AGAIN_MS);
  const headers = { connection: 'close', 'user-agent': 'procsup', ...check.headers };
  if (check.target.startsWith('/')) {
    stop = findSocket(trees, subject, undefined, (found) => {
      if (typeof found === 'string') return no(found);
      const { port } = found;
      const host = hostOf(found);
      const own = { host: `localhost:${String(port)}`, ...headers };
      send({ host, port, path: check.target, headers: own }, false).catch(failed);
    });
  } else {
    const url = new URL(check.target);
    const { hostname, port, pathname, search, protocol } = url;
    const host = hostname.replace(/^\[|\]$/g, '');
    const options = {
      host,
      ...lookupOf(host),
      path: pathname + search,
      headers: { host: url.host, ...headers },
    };
    send({ ...options, ...(port !== '' && { port }) }, protocol === 'https:').catch(failed);
  }
  return () => {
    isOver = true;
    stop();
  };
}

function isGood({ status }: HttpCheck, code: number): boolean {
  return status === undefined ? code > 0 && code < 500 : status.includes(code);
}

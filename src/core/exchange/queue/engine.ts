/** Where a queue is kept, if not by this supervisor: `redis://HOST:PORT/DB`. */

export interface Engine {
  readonly isTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly database: number;
}

export const ENGINE_REMEDY = 'use for example redis://127.0.0.1:6379, or redis://:PASSWORD@HOST:6379/2';

const FORM =
  /^(rediss?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?(?:\/(\d{0,5}))?$/i;
const DEFAULT_PORT = 6379;

/** Undefined: it is not such a URL. */
export function parseEngine(url: string): Engine | undefined {
  const [, scheme = '', user, password, host = '', port, database] = FORM.exec(url) ?? [];
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (host === '' || number < 1 || number > 65_535) return undefined;
  try {
    return {
      isTls: scheme.toLowerCase() === 'rediss',
      user: user === undefined || user === '' ? undefined : decodeURIComponent(user),
      password: password === undefined ? undefined : decodeURIComponent(password),
      host: host.replace(/^\[|\]$/g, ''),
      port: number,
      database: Number(database ?? 0),
    };
  } catch {
    return undefined;
  }
}

/** Without user and password: it is shown and logged. */
export function engineText({ isTls, host, port, database }: Engine): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  const at = `${isTls ? 'rediss' : 'redis'}://${shown}:${String(port)}`;
  return database === 0 ? at : `${at}/${String(database)}`;
}

/** A route: verb, path, schemas, and a handler that is independent of the transport. */
import type { Asker } from '../core/events.ts';
import type { Api } from './api.ts';
import type { Infer, ObjectSchema, Schema } from './schema.ts';

export interface Ask<Input> {
  /** From the query of a GET, or the JSON body of a POST; and what the path names. */
  readonly input: Input;
  /** Of a route that takes lines: the body, as it comes. It is read no faster than it is drawn from. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Aborted when the client is gone. Its request is carried out nevertheless. */
  readonly gone: AbortSignal;
  /** Who asked, as the cause of what comes of it. */
  readonly cause: Asker;
}

/** The output of a stream: one JSON value per line. */
export interface Lines {
  /** Returns false if the reader is slow: then wait for `ready` before the next line. */
  write(value: unknown): boolean;
  /** Resolves when there is room again, or the reader is gone. */
  ready(): Promise<void>;
}

export type Reply =
  | {
      readonly status: number;
      readonly body: unknown;
      /** The methods of this path, where the one that was used is none of them. */
      readonly allow?: readonly string[];
    }
  | { readonly stream: (lines: Lines) => Promise<void> };

export interface Route {
  readonly verb: 'GET' | 'POST';
  /** `{name}` in it stands for one segment, which is the property `name` of the input. */
  readonly path: string;
  /** In the OpenAPI document; default: the last word of the path. */
  readonly operation?: string;
  readonly summary: string;
  readonly input: ObjectSchema;
  /** Schema of the reply, or of each line of a stream. */
  readonly reply: Schema;
  /** Schema of the reply with status 202, if there is one. */
  readonly accepted?: Schema;
  readonly streams?: true;
  /** The body is a stream of lines, each of this schema; the input comes from the query. */
  readonly takesLines?: Schema;
  /** The longest body; default: as `ControlLimits` says. */
  readonly bodyBytes?: number;
  readonly handle: (api: Api, ask: Ask<never>) => Reply | Promise<Reply>;
}

interface RouteOf<Input extends ObjectSchema> extends Omit<Route, 'handle'> {
  readonly input: Input;
  readonly handle: (api: Api, ask: Ask<Infer<Input>>) => Reply | Promise<Reply>;
}

/** Gives a handler the type that its schema describes. */
export function route<const Input extends ObjectSchema>(one: RouteOf<Input>): Route {
  return one;
}

/** Thrown by handlers to refuse a request; `status` is the HTTP status. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(status: number, code: string, message: string, remedy?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

/** By its shape: a chunk of the CLI that was loaded later has a class of its own. */
export const isRefused = (thrown: unknown): thrown is Refused =>
  thrown instanceof Error && 'status' in thrown && typeof thrown.status === 'number' && 'code' in thrown;

/** The path has no such method. */
export class WrongMethod extends Refused {
  readonly allow: readonly string[];

  constructor(allow: readonly string[]) {
    super(405, 'wrong-method', `method not allowed (use ${allow.join(', ')})`);
    this.allow = allow;
  }
}

/**
 * A verb of the exchange: one row from which the session, the route for a single request, the OpenAPI document and the
 * tests are derived.
 */
import type { Asker } from '../../core/events.ts';
import type { Holder } from '../../runtime/exchange/holder.ts';
import type { Api } from '../api.ts';
import type { Infer, ObjectSchema, Schema } from '../schema.ts';

export interface VerbAsk<Input> {
  readonly input: Input;
  /** The session. Of a single request: undefined, and what is held needs a time. */
  readonly holder: Holder | undefined;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  readonly cause: Asker;
}

export interface Verb {
  /** `queue.put` */
  readonly name: string;
  readonly summary: string;
  readonly input: ObjectSchema;
  readonly answer: Schema;
  /** Of a single request: `/v1/queues/{name}/put`, where `{name}` is a property of the input. Undefined: sessions only. */
  readonly path?: string;
  /** Of a single request; default `POST`. */
  readonly method?: 'GET';
  /** Of a single request: the longest body, where that is longer than of others. */
  readonly bodyBytes?: number;
  /**
   * Throws `Refused`. Only a verb without a `path` may answer with a `Delivery`. Must settle when the holder has ended or `gone` is aborted, whatever it waits for; what it answers
   * then is not sent.
   */
  readonly handle: (api: Api, ask: VerbAsk<never>) => object | Promise<object>;
}

/**
 * An answer of a session that gives something away. `takeBack` is called in its place if the session has ended before it could
 * be written.
 */
export class Delivery {
  readonly answer: object;
  readonly takeBack: () => void;

  constructor(answer: object, takeBack: () => void) {
    this.answer = answer;
    this.takeBack = takeBack;
  }
}

interface VerbOf<Input extends ObjectSchema> extends Omit<Verb, 'handle'> {
  readonly input: Input;
  readonly handle: (api: Api, ask: VerbAsk<Infer<Input>>) => object | Promise<object>;
}

/** Gives a handler the type that its schema describes. */
export function verb<const Input extends ObjectSchema>(one: VerbOf<Input>): Verb {
  return one;
}

/** Proxies that count how often they are looked into: work is measured by looks, for time says nothing. */
export interface Counted<T> {
  readonly value: T;
  /** Since it was made: an element that is read, a question whether a key is there, a key of a listing. */
  looks(): number;
}

export function counted<T extends object>(target: T): Counted<T> {
  let looks = 0;
  const value = new Proxy(target, {
    get(object, key): unknown {
      looks += 1;
      return Reflect.get(object, key);
    },
    has(object, key) {
      looks += 1;
      return Reflect.has(object, key);
    },
    getOwnPropertyDescriptor(object, key) {
      looks += 1;
      return Reflect.getOwnPropertyDescriptor(object, key);
    },
    ownKeys(object) {
      const keys = Reflect.ownKeys(object);
      looks += keys.length;
      return keys;
    },
  });
  return { value, looks: () => looks };
}

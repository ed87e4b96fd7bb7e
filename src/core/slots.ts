/**
 * An immutable array with holes. A changed copy shares almost everything with the original: the values are the leaves of
 * a tree with 32 branches at each node, and a change copies one node on each of its few levels.
 */
const BITS = 5;
const WIDTH = 1 << BITS;

/** A node has other nodes, on the lowest level values. */
interface Node<V> {
  readonly nodes: readonly (Node<V> | undefined)[];
  readonly values: readonly (V | undefined)[];
}

export class Slots<V> {
  readonly #root: Node<V> | undefined;
  /** The number of levels above the values. */
  readonly #depth: number;

  constructor(root?: Node<V>, depth = 0) {
    this.#root = root;
    this.#depth = depth;
  }

  get(place: number): V | undefined {
    if (place >= capacity(this.#depth)) return undefined;
    let node = this.#root;
    for (let level = this.#depth; level > 0; level -= 1) node = node?.nodes[indexAt(place, level)];
    return node?.values[indexAt(place, 0)];
  }

  /** `undefined` makes a hole. */
  with(place: number, value: V | undefined): Slots<V> {
    let root = this.#root;
    let depth = this.#depth;
    for (; place >= capacity(depth); depth += 1) root &&= { nodes: [root], values: [] };
    return new Slots(changed(root, depth, place, value), depth);
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** In the order of their places. */
  *entries(): Generator<[number, V], undefined> {
    yield* entriesOf(this.#root, this.#depth, 0);
  }
}

const capacity = (depth: number): number => WIDTH ** (depth + 1);

const indexAt = (place: number, level: number): number => (place >>> (level * BITS)) & (WIDTH - 1);

/** Nodes without anything in them are left out: places that are used once cost nothing afterwards. */
function changed<V>(
  node: Node<V> | undefined,
  level: number,
  place: number,
  value: V | undefined,
): Node<V> | undefined {
  const index = indexAt(place, level);
  if (level === 0) {
    const values = withItem(node?.values ?? [], index, value);
    return values.length === 0 ? undefined : { nodes: [], values };
  }
  const nodes = withItem(node?.nodes ?? [], index, changed(node?.nodes[index], level - 1, place, value));
  return nodes.length === 0 ? undefined : { nodes, values: [] };
}

/** Empty if it has no items any more. */
function withItem<T>(items: readonly (T | undefined)[], index: number, item: T | undefined) {
  const copy = items.slice();
  while (copy.length < index) copy.push(undefined);
  copy[index] = item;
  return item === undefined && copy.every((one) => one === undefined) ? [] : copy;
}

function* entriesOf<V>(node: Node<V> | undefined, level: number, first: number): Generator<[number, V]> {
  if (node === undefined) return;
  for (const [index, value] of node.values.entries()) {
    if (value !== undefined) yield [first + index, value];
  }
  for (const [index, inner] of node.nodes.entries()) {
    yield* entriesOf(inner, level - 1, first + index * WIDTH ** level);
  }
}

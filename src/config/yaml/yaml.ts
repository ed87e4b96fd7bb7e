/** Reads YAML as plain values with their places, and reports errors as problems. */
import {
  Composer,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  Parser,
  visit,
  type Alias,
  type CST,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { linePlaces, type PlaceAt } from '../line-places.ts';
import { hasErrors, type Place, type Problem } from '../../core/problem.ts';
import type { PlaceOf, Stretch, ValuePath } from './value-path.ts';
import { duplicateKey, manyAliases, nulByte, tooDeep, unknownAlias, wrongMerge } from './problems.ts';
import { offsetInScalar } from './scalar.ts';
import { syntaxProblems } from './syntax.ts';

export interface YamlReading {
  /** Null if the file has only comments; undefined if there are errors. */
  readonly value: unknown;
  readonly placeOf: PlaceOf;
  readonly problems: readonly Problem[];
}

/** Far deeper than needed. The composer recurses: a stack overflow in it would end the process. */
const MOST_LEVELS = 100;
/** Limit of aliases, and of the values that they expand to: a few lines of nested aliases can mean billions. */
const MOST_ALIASES = 1_000;
const MERGE_KEY = '<<';

/**
 * Reads one document of YAML 1.2. `file` is the path as written by the user. Problems: `yaml-nul`, `yaml-deep`,
 * `yaml-syntax`, `yaml-duplicate-key`, `yaml-aliases`, `yaml-unknown-alias`, `yaml-merge`, and the warning `yaml-tag`.
 */
export function readYaml(file: string, whole: string): YamlReading {
  const text = whole.replace(/^\uFEFF/, '');
  const placeAt = linePlaces(file, text);
  const failed = (problems: readonly Problem[]): YamlReading => ({
    value: undefined,
    placeOf: () => placeAt(0, 1),
    problems,
  });

  const nul = text.indexOf('\0');
  if (nul !== -1) return failed([nulByte(placeAt(nul, 1))]);
  const tokens = [...new Parser().parse(text)];
  const deep = deepToken(tokens);
  if (deep !== undefined) return failed([tooDeep(MOST_LEVELS, placeAt(deep.offset, 1))]);
  const documents = documentsOf(tokens, text.length);
  const [document] = documents;
  const problems = [
    ...syntaxProblems(documents, text, placeAt),
    ...duplicateKeys(document, placeAt),
    ...unknownAliases(document, placeAt),
    ...wrongMerges(document, placeAt),
  ];
  if (hasErrors(problems)) return failed(problems);
  const value = valueOf(document);
  if (value === undefined) return failed([...problems, manyAliases(placeOfFirstAlias(document, placeAt))]);
  const located = { find: createFinder(document), text, placeAt };
  return { value, placeOf: (path, part = 'value') => placeIn(located, path, part), problems };
}

/**
 * Keys are always strings: `010:` is '010'. Duplicates are not searched by the composer, which compares all pairs. A merge
 * key, `<<: *base`, is that of YAML 1.1: files for Compose have it.
 */
function documentsOf(
  tokens: readonly CST.Token[],
  length: number,
): readonly [Document.Parsed, ...Document.Parsed[]] {
  const composer = new Composer({ prettyErrors: false, stringKeys: true, uniqueKeys: false, merge: true });
  const [first, ...others] = composer.compose(tokens, true, length);
  if (first === undefined) throw new Error('the YAML composer returned no document');
  return [first, ...others];
}

/** The first token that is nested too deeply. */
function deepToken(tokens: readonly CST.Token[]): CST.Token | undefined {
  const left = tokens.map((token) => ({ token, level: 0 }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, level } = next;
    if (level > MOST_LEVELS) return token;
    const inner =
      token.type === 'document'
        ? [token.value]
        : 'items' in token
          ? token.items.flatMap(({ key, value }) => [key, value])
          : [];
    for (const each of inner) if (each) left.push({ token: each, level: level + 1 });
  }
  return undefined;
}

/** Undefined if aliases expand to too many values. A value may contain itself: an alias may be inside its anchor. */
function valueOf(document: Document.Parsed): unknown {
  if (aliasesOf(document).length > MOST_ALIASES) return undefined;
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (error) {
    // A map that merges itself is followed up to the limit, or to the end of the stack where its frames are large.
    if (error instanceof ReferenceError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function aliasesOf(document: Document.Parsed): readonly Alias.Parsed[] {
  const aliases: Alias.Parsed[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias as Alias.Parsed) });
  return aliases;
}

// ---- Where things are --------------------------------------------------------------------------------------------

interface Located {
  readonly find: (path: ValuePath) => Found;
  readonly text: string;
  readonly placeAt: PlaceAt;
}

interface Found {
  /** Its key, or the item of a list itself. */
  readonly key: Node | null;
  readonly node: Node | null;
  /** `node`, or what it stands for if it is an alias. */
  readonly target: Node | null;
}

function placeIn({ find, text, placeAt }: Located, path: ValuePath, part: 'value' | 'key' | Stretch): Place {
  const { key, node, target } = find(path);
  const wholeOf = (one: Node | null): Place => {
    const [start, end] = one?.range ?? [0, 0];
    return placeAt(start, end - start);
  };
  if (part === 'key') return wholeOf(key ?? node);
  if (part === 'value') return wholeOf(isWithin(node) ? node : (key ?? node));
  const [start, end] = target?.range ?? [0, 0];
  const source = text.slice(start, end);
  const first = offsetInScalar(source, part.at);
  const last = offsetInScalar(source, part.at + part.length - 1);
  if (first === undefined || last === undefined) return placeAt(start, 1);
  return placeAt(start + first, last - first + 1);
}

/** Whether it starts on the line of its key. For a block below, the key is the better place. */
const isWithin = (node: Node | null): boolean =>
  node?.range !== undefined && node.range !== null && node.range[1] > node.range[0] && !isBlock(node);

const isBlock = (node: Node): boolean => isCollection(node) && node.flow !== true;

/**
 * Finds the node at a path, or its nearest existing parent. There may be thousands of paths: maps and aliases, which the
 * library searches from the beginning each time, are searched once.
 */
function createFinder(document: Document.Parsed): (path: ValuePath) => Found {
  const maps = new Map<Node, ReadonlyMap<unknown, Pair<Node, Node | null>>>();
  const targets = new Map<Alias, Node | null>();

  const targetOf = (node: Node | null): Node | null => {
    if (!isAlias(node)) return node;
    const target = targets.get(node) ?? node.resolve(document) ?? null;
    targets.set(node, target);
    return target;
  };
  const pairOf = (map: YAMLMap<Node, Node | null>, step: string) => {
    const pairs = maps.get(map) ?? pairsByKey(map);
    maps.set(map, pairs);
    return pairs.get(step);
  };
  const found = (key: Node | null, node: Node | null): Found => ({ key, node, target: targetOf(node) });
  /** In a map that `<<` names. A map may name itself. */
  const mergedPair = (
    map: YAMLMap<Node, Node | null>,
    step: string,
    depth: number,
  ): Pair<Node, Node | null> | undefined => {
    const merged = targetOf(pairOf(map, MERGE_KEY)?.value ?? null);
    if (merged === null || depth > MOST_LEVELS) return undefined;
    for (const one of isSeq<Node>(merged) ? merged.items : [merged]) {
      const target = targetOf(one);
      if (!isMap<Node, Node | null>(target)) continue;
      const pair = pairOf(target, step) ?? mergedPair(target, step, depth + 1);
      if (pair !== undefined) return pair;
    }
    return undefined;
  };

  return (path) => {
    let at = found(null, document.contents);
    for (const step of path) {
      const owner = at.target;
      if (isMap<Node, Node | null>(owner)) {
        const pair = pairOf(owner, String(step)) ?? mergedPair(owner, String(step), 0);
        if (pair === undefined) return at;
        at = found(pair.key, pair.value);
      } else if (isSeq<Node>(owner)) {
        const item = owner.items[Number(step)];
        if (item === undefined) return at;
        at = found(item, item);
      } else return at;
    }
    return at;
  };
}

function pairsByKey({ items }: YAMLMap<Node, Node | null>): ReadonlyMap<unknown, Pair<Node, Node | null>> {
  return new Map(items.map((pair) => [isScalar(pair.key) ? pair.key.value : pair.key, pair]));
}

// ---- What may be wrong -------------------------------------------------------------------------------------------

function duplicateKeys(document: Document.Parsed, placeAt: PlaceAt): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const lines = new Map<string, number>();
      for (const { key } of items) {
        if (!isScalar(key) || typeof key.value !== 'string' || !key.range) continue;
        const [start, end] = key.range;
        const place = placeAt(start, end - start);
        const first = lines.get(key.value);
        if (first === undefined) lines.set(key.value, place.line);
        else problems.push(duplicateKey(key.value, first, place));
      }
    },
  });
  return problems;
}

function unknownAliases(document: Document.Parsed, placeAt: PlaceAt): Problem[] {
  const aliases = aliasesOf(document);
  if (aliases.length > MOST_ALIASES) return [];
  return aliases
    .filter((alias) => alias.resolve(document) === undefined)
    .map(({ source, range: [start, end] }) => unknownAlias(source, placeAt(start, end - start)));
}

/** Of `<<`, whose value must be a map or a list of maps; the library throws at anything else. */
function wrongMerges(document: Document.Parsed, placeAt: PlaceAt): Problem[] {
  const problems: Problem[] = [];
  const targetOf = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  if (aliasesOf(document).length > MOST_ALIASES) return [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== MERGE_KEY || key.type !== 'PLAIN' || !key.range) return;
      const target = targetOf(value);
      const items: readonly unknown[] = isSeq(target) ? target.items : [target];
      if (items.every((one) => isMap(targetOf(one)))) return;
      const [start, end] = key.range;
      problems.push(wrongMerge(placeAt(start, end - start)));
    },
  });
  return problems;
}

function placeOfFirstAlias(document: Document.Parsed, placeAt: PlaceAt): Place {
  const [start, end] = aliasesOf(document)[0]?.range ?? [0, 1];
  return placeAt(start, end - start);
}

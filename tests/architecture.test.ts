/** The house keeps its shape: who may know whom, and what the inside never touches. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Which layer may import which, its own aside. `rim` is index.ts, the names of the library. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  text: [],
  core: ['text'],
  ports: ['core', 'text'],
  config: ['core', 'os', 'text'],
  output: ['core', 'ports', 'text'],
  logs: ['core', 'ports', 'output', 'text'],
  runtime: ['core', 'ports', 'output', 'logs', 'text'],
  os: ['core', 'ports', 'text'],
  control: ['core', 'ports', 'runtime', 'text'],
  ui: ['core', 'text'],
  top: ['core', 'ui', 'text'],
  host: ['core', 'ports', 'config', 'output', 'logs', 'runtime', 'os', 'control', 'ui', 'text'],
  cli: ['core', 'ports', 'config', 'output', 'logs', 'runtime', 'os', 'control', 'ui', 'top', 'host', 'text'],
  library: ['core', 'ports', 'config', 'output', 'logs', 'runtime', 'os', 'control', 'ui', 'host', 'text'],
  rim: [
    'core',
    'ports',
    'config',
    'output',
    'logs',
    'runtime',
    'os',
    'control',
    'ui',
    'host',
    'library',
    'text',
  ],
};

/** What a layer needs of Node is written here, so that a new need is a decision. */
const MAY_USE_OF_NODE: Readonly<Record<string, readonly string[] | 'all'>> = {
  text: [],
  core: [],
  ports: [],
  config: ['node:path'],
  output: ['node:fs', 'node:path'],
  logs: ['node:fs', 'node:path'],
  runtime: [],
  os: 'all',
  control: ['node:http', 'node:net'],
  ui: [],
  top: [],
  host: 'all',
  cli: 'all',
  library: 'all',
  rim: [],
};

/** Globals through which time, chance and the world get into a program. */
const IMPURE = [
  ...['process', 'console', 'performance', 'globalThis', 'global', 'require', 'fetch', 'crypto'],
  ...['Date', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'queueMicrotask'],
  ...['Promise', 'Buffer', 'Math.random'],
];

interface Import {
  readonly specifier: string;
  /** `import('...')` at run time. */
  readonly lazy: boolean;
}

interface Source {
  /** Within src: `core/exit.ts`. */
  readonly path: string;
  readonly layer: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

const sources: readonly Source[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.as.ts'))
  .sort()
  .map(readSource);

function readSource(path: string): Source {
  const text = readFileSync(join(SRC, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, layer: layerOf(path), tree, imports: [...importsOf(tree)] };
}

function layerOf(path: string): string {
  if (path.includes('/')) return path.slice(0, path.indexOf('/'));
  return 'rim';
}

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** Types included: `import type`, `export from` and `import('x').T` make a file depend on another as well. */
function* importsOf(tree: ts.SourceFile): Generator<Import> {
  for (const node of nodesOf(tree)) {
    const [named, lazy] = namedModule(node);
    if (named !== undefined && ts.isStringLiteralLike(named)) yield { specifier: named.text, lazy };
  }
}

function namedModule(node: ts.Node): [module: ts.Node | undefined, lazy: boolean] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return [node.moduleSpecifier, false];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return [node.argument.literal, false];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return [node.arguments[0], true];
  }
  return [undefined, false];
}

const isRelative = ({ specifier }: Import): boolean => specifier.startsWith('.');
const isNode = ({ specifier }: Import): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

/** The path within src of what a relative import names. */
const targetOf = (from: string, specifier: string): string =>
  relative(SRC, resolve(SRC, dirname(from), specifier));

/** `@scope/name/deep` and `name/deep` belong to `@scope/name` and `name`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
});

test('every file belongs to a layer', () => {
  expect(sources.filter(({ layer }) => MAY_IMPORT[layer] === undefined).map(({ path }) => path)).toEqual([]);
});

describe.each(Object.keys(MAY_IMPORT))('%s', (layer) => {
  const own = sources.filter((source) => source.layer === layer);

  test('imports only those layers that it may', () => {
    const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])];
    const wrong = own.flatMap(({ path, imports }) =>
      imports
        .filter(isRelative)
        .map(({ specifier }) => targetOf(path, specifier))
        .filter((target) => !allowed.includes(layerOf(target)))
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test('uses only that of Node which it may', () => {
    const allowed = MAY_USE_OF_NODE[layer] ?? [];
    const wrong = own.flatMap(({ path, imports }) =>
      imports
        .filter((one) => isNode(one) && allowed !== 'all' && !allowed.includes(one.specifier))
        .map(({ specifier }) => `${path} -> ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

test('every relative import names a file of ours, with its extension', () => {
  const files = new Set(sources.map(({ path }) => path));
  const wrong = sources.flatMap(({ path, imports }) =>
    imports
      .filter((one) => isRelative(one) && !files.has(targetOf(path, one.specifier)))
      .map(({ specifier }) => `${path} -> ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test('imports make no cycle, types and lazy ones included', () => {
  expect(cycleIn(new Map(sources.map(({ path, imports }) => [path, neighbours(path, imports)])))).toEqual([]);
});

const neighbours = (path: string, imports: readonly Import[]): readonly string[] =>
  imports.filter(isRelative).map(({ specifier }) => targetOf(path, specifier));

/** The files along the first cycle, or nothing. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): readonly string[] => {
    if (done.has(file)) return [];
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

test('a cycle would be found', () => {
  const graph = { a: ['b'], b: ['c'], c: ['d', 'b'], d: [] };
  expect(cycleIn(new Map(Object.entries(graph)))).toEqual(['b', 'c', 'b']);
});

/** What may be missing where we are installed: only this file may ask for it, by a name that no bundler follows. */
const OWNER_OF_OPTIONAL: Readonly<Record<string, string>> = {
  koffi: 'os/pipes/koffi.ts',
  'better-sqlite3': 'os/messages/better-sqlite3.ts',
  bullmq: 'os/bullmq/load.ts',
};

describe('each npm package', () => {
  const importers = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    for (const one of imports.filter((each) => !isRelative(each) && !isNode(each))) {
      const name = packageOf(one.specifier);
      importers.set(name, (importers.get(name) ?? new Set()).add(path));
    }
  }

  test('has one file that imports it', () => {
    const shared = [...importers].filter(([, files]) => files.size > 1);
    expect(shared.map(([name, files]) => `${name}: ${[...files].join(', ')}`)).toEqual([]);
  });

  test('is declared in package.json, and each that is declared is used', () => {
    const manifest = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
      readonly optionalDependencies: Readonly<Record<string, string>>;
      /** What users may install. */
      readonly peerDependencies: Readonly<Record<string, string>>;
    };
    // Of those that are optional only the types may be imported.
    const needed = [...importers.keys()].filter((name) => !Object.hasOwn(OWNER_OF_OPTIONAL, name));
    expect(needed.sort()).toEqual(Object.keys(manifest.dependencies).sort());
    const optional = { ...manifest.optionalDependencies, ...manifest.peerDependencies };
    expect(Object.keys(OWNER_OF_OPTIONAL)).toEqual(Object.keys(optional));
  });

  test.each(Object.entries(OWNER_OF_OPTIONAL))(
    '%s, which is optional, has one file that names it',
    (name, owner) => {
      const naming = sources.filter(({ tree }) =>
        [...nodesOf(tree)].some((node) => ts.isStringLiteralLike(node) && node.text === name),
      );
      expect(naming.map(({ path }) => path)).toEqual([owner]);
    },
  );
});

test.each(['core', 'text'])('%s is pure: no clock, no chance, no world', (pure) => {
  const wrong = sources
    .filter(({ layer }) => layer === pure)
    .flatMap(({ path, tree }) => impurities(tree).map((name) => `${path}: ${name}`));
  expect(wrong).toEqual([]);
});

test('impurity would be found', () => {
  const text = 'const x = { process: 1, Date: 2 }; x.process; type T = { setTimeout: 1 };';
  expect(impurities(ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true))).toEqual([]);
  const impure = 'process.exit(); new Date(); Math.random(); setTimeout(f); async function f() { await 1; }';
  expect(impurities(ts.createSourceFile('a.ts', impure, ts.ScriptTarget.Latest, true))).toEqual([
    ...['process', 'Date', 'Math.random', 'setTimeout', 'async'],
  ]);
});

/** A name that the file itself declares (a parameter `process`) is no global. */
function impurities(tree: ts.SourceFile): readonly string[] {
  const declared = new Set([...nodesOf(tree)].flatMap(declaredName));
  return [...nodesOf(tree)].flatMap((node) => {
    if (node.kind === ts.SyntaxKind.AsyncKeyword) return ['async'];
    if (!ts.isIdentifier(node) || !isReference(node)) return [];
    const { parent } = node;
    const whole =
      ts.isPropertyAccessExpression(parent) && parent.expression === node
        ? `${node.text}.${parent.name.text}`
        : node.text;
    const name = IMPURE.find((each) => each === node.text || each === whole);
    return name === undefined || declared.has(node.text) ? [] : [name];
  });
}

function declaredName(node: ts.Node): readonly string[] {
  const binds = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
  return binds && ts.isIdentifier(node.name) ? [node.name.text] : [];
}

/** Not the name of a property, of a type's member or of what is declared here. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isParameter(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isNamedTupleMember(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent)
  );
}

describe('events', () => {
  const WORDS = 'ui/event-text.ts';

  test('are put into words in one place: nothing else that shows something knows the union', () => {
    const showing = sources.filter(({ layer, path }) => ['ui', 'top'].includes(layer) && path !== WORDS);
    const knowing = showing.filter(({ path, imports }) =>
      neighbours(path, imports).includes('core/events.ts'),
    );
    expect(knowing.map(({ path }) => path)).toEqual([]);
  });

  test('have words that stand nowhere else', () => {
    const tree = sources.find(({ path }) => path === WORDS)?.tree;
    const phrases = tree === undefined ? [] : phrasesIn(tree);
    expect(phrases.length).toBeGreaterThan(20);
    const repeated = sources
      .filter(({ path }) => path !== WORDS)
      .flatMap(({ path, tree: other }) =>
        textsIn(other).flatMap((text) => {
          const said = phrases.find((phrase) => text.includes(phrase));
          return said === undefined ? [] : [`${path}: ${said}`];
        }),
      );
    expect(repeated).toEqual([]);
  });

  test('phrases are found in strings and templates, and not in comments', () => {
    const text = 'const x = [`${a} is still alive; ${b}`, "waiting for it"]; // says more than it';
    const tree = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
    expect(phrasesIn(tree)).toEqual(['is still alive;', 'waiting for it']);
  });
});

/** What is said in a file, without pieces so short that they may stand anywhere. */
const phrasesIn = (tree: ts.SourceFile): readonly string[] =>
  textsIn(tree)
    .map((text) => text.trim())
    .filter((text) => text.includes(' ') && text.length >= 14);

/** The strings and the fixed parts of templates. */
function textsIn(tree: ts.SourceFile): readonly string[] {
  return [...nodesOf(tree)].flatMap((node) =>
    ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
      ? [node.text]
      : [],
  );
}

test('file names are kebab-case', () => {
  const wrong = sources.filter(
    ({ path }) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test('no file is a drawer for everything', () => {
  const drawers = ['utils.ts', 'util.ts', 'helpers.ts', 'types.ts', 'common.ts', 'misc.ts'];
  expect(sources.map(({ path }) => path).filter((path) => drawers.includes(basename(path)))).toEqual([]);
});

test('nothing is exported by default', () => {
  const wrong = sources.filter(({ tree }) =>
    [...nodesOf(tree)].some(
      (node) =>
        ts.isExportAssignment(node) ||
        (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isFunctionDeclaration(node.parent)) ||
        (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isClassDeclaration(node.parent)),
    ),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

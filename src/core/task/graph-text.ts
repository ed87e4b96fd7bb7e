/** The graph of tasks as a text for other programs: dot (Graphviz), Mermaid or JSON. */
import type { TaskGraph } from './graph.ts';
import { isCacheable } from './task.ts';

export type GraphFormat = 'dot' | 'mermaid' | 'json';

export const GRAPH_FORMATS = ['dot', 'mermaid', 'json'] as const satisfies readonly GraphFormat[];

/** Arrows go from what is needed to what needs it, in the order of a run. */
export function graphText(graph: TaskGraph, format: GraphFormat): string {
  return { dot, mermaid, json }[format](graph);
}

function dot(graph: TaskGraph): string {
  const lines = ['digraph tasks {', '  rankdir=LR;', '  node [shape=box];'];
  for (const name of processesOf(graph))
    lines.push(`  ${quoted(`process ${name}`)} [label=${quoted(name)}, shape=ellipse];`);
  for (const { task } of graph) lines.push(`  ${quoted(task.name)};`);
  for (const { from, to, label } of arrows(graph)) {
    const attributes = label === undefined ? '' : ` [label=${quoted(label)}]`;
    lines.push(`  ${quoted(label === undefined ? from : `process ${from}`)} -> ${quoted(to)}${attributes};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** What may stand within quotes in dot. */
const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Names may contain anything, and ids only letters and digits. */
function mermaid(graph: TaskGraph): string {
  const ids = new Map(graph.map(({ task }, index) => [task.name, `t${String(index)}`]));
  const processes = new Map(processesOf(graph).map((name, index) => [name, `p${String(index)}`]));
  const lines = ['flowchart LR'];
  for (const [name, id] of processes) lines.push(`  ${id}(["${entities(name)}"])`);
  for (const [name, id] of ids) lines.push(`  ${id}["${entities(name)}"]`);
  for (const { from, to, label } of arrows(graph)) {
    const id = label === undefined ? ids.get(from) : processes.get(from);
    lines.push(`  ${id ?? ''} -->${label === undefined ? '' : `|${label}|`} ${ids.get(to) ?? ''}`);
  }
  return `${lines.join('\n')}\n`;
}

const entities = (text: string): string => text.replaceAll('#', '#35;').replaceAll('"', '#quot;');

function json(graph: TaskGraph): string {
  const tasks = graph.map(({ task, needs, processes }) => ({
    name: task.name,
    ...(task.description !== undefined && { description: task.description }),
    ...(task.command !== undefined && { command: task.command }),
    working_dir: task.workingDir,
    depends_on: [
      ...needs.map((need) => ({ task: graph[need]?.task.name ?? '' })),
      ...processes.map(({ name, until }) => ({ process: name, condition: until })),
    ],
    cacheable: isCacheable(task),
  }));
  return `${JSON.stringify(tasks, null, 2)}\n`;
}

const processesOf = (graph: TaskGraph): readonly string[] => [
  ...new Set(graph.flatMap(({ processes }) => processes.map(({ name }) => name))),
];

interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Of a process: what of it is waited for. */
  readonly label?: string;
}

function arrows(graph: TaskGraph): readonly Arrow[] {
  return graph.flatMap(({ task, needs, processes }): readonly Arrow[] => [
    ...needs.map((need) => ({ from: graph[need]?.task.name ?? '', to: task.name })),
    ...processes.map(({ name, until }) => ({ from: name, to: task.name, label: until })),
  ]);
}

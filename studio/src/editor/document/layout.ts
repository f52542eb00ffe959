/** *Tidy*: places for all nodes, by dagre's layered layout. Containers are laid out inside first and grow to hold what they hold. */
import { graphlib, layout as place } from '@dagrejs/dagre';

import { type DocNode, type Draft, type Point, containerOf, isContainerKind, isContainerStart, isNote, kindOf, withGraph } from './draft';
import { type Size, sizeOf } from './geometry';

const ROOM = { between: 56, beside: 40 };
const INSIDE = { left: 18, top: 56, right: 26, bottom: 26 };

interface Laid {
  places: Map<string, Point>;
  size: Size;
}

function layLevel(draft: Draft, container: string | undefined, sizes: Map<string, Size>): Laid {
  const nodes = draft.nodes.filter((node) => containerOf(node) === container && !isNote(node));
  const here = new Set(nodes.map((node) => node.id));
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', ranksep: ROOM.between, nodesep: ROOM.beside, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) graph.setNode(node.id, { ...(sizes.get(node.id) ?? sizeOf(node)) });
  for (const edge of draft.edges) if (here.has(edge.source) && here.has(edge.target)) graph.setEdge(edge.source, edge.target, {}, edge.id);
  place(graph);
  const places = new Map<string, Point>();
  let width = 0;
  let height = 0;
  for (const node of nodes) {
    const at = graph.node(node.id) as { x: number; y: number; width: number; height: number };
    const x = Math.round(at.x - at.width / 2);
    const y = Math.round(at.y - at.height / 2);
    places.set(node.id, { x, y });
    width = Math.max(width, x + at.width);
    height = Math.max(height, y + at.height);
  }
  return { places, size: { width, height } };
}

function isDeep(draft: Draft, node: DocNode): number {
  let depth = 0;
  const seen = new Set<string>();
  for (let id = containerOf(node); id !== undefined && !seen.has(id); depth += 1) {
    seen.add(id);
    const parent = draft.nodes.find((candidate) => candidate.id === id);
    id = parent === undefined ? undefined : containerOf(parent);
  }
  return depth;
}

/** A draft in which every node has a place; notes stay where they are. */
export function tidy(draft: Draft): Draft {
  const sizes = new Map<string, Size>();
  const places = new Map<string, Point>();
  const containers = draft.nodes.filter((node) => isContainerKind(kindOf(node)));
  containers.sort((a, b) => isDeep(draft, b) - isDeep(draft, a));
  for (const container of containers) {
    const laid = layLevel(draft, container.id, sizes);
    sizes.set(container.id, {
      width: Math.max(260, laid.size.width + INSIDE.left + INSIDE.right),
      height: Math.max(120, laid.size.height + INSIDE.top + INSIDE.bottom),
    });
    for (const [id, at] of laid.places) places.set(id, { x: at.x + INSIDE.left, y: at.y + INSIDE.top });
  }
  const top = layLevel(draft, undefined, sizes);
  for (const [id, at] of top.places) places.set(id, { x: at.x + 80, y: at.y + 80 });
  const nodes = draft.nodes.map((node): DocNode => {
    const at = places.get(node.id);
    if (at === undefined) return node;
    const size = isContainerKind(kindOf(node)) ? sizes.get(node.id) : undefined;
    const { positionAbsolute: _outdated, ...rest } = node;
    return { ...rest, position: at, ...(size === undefined ? {} : { ...size, data: { ...node.data, ...size } }) };
  });
  return withGraph(draft, nodes, draft.edges);
}

/** Whether a draft was never laid out: files made by hand have all nodes in one place or nowhere. */
export function needsLayout(draft: Draft): boolean {
  const top = draft.nodes.filter((node) => containerOf(node) === undefined && !isNote(node) && !isContainerStart(kindOf(node)));
  const spots = new Set(top.map((node) => `${Math.round(node.position.x / 20)},${Math.round(node.position.y / 20)}`));
  return top.length > 1 && spots.size === 1;
}

/** The document as React Flow wants it. What has not changed keeps its identity, so that nothing else is drawn anew. */
import { type Edge, type Node, Position } from '@xyflow/react';
import { type DocEdge, type DocNode, type Draft, type Point, containerOf, handleOf, isContainerKind, isContainerStart, isNote, kindOf } from '../document/draft';
import { handleTop, sizeOf } from '../document/geometry';
import { handlesOf, hasInput } from '../document/kinds';

export type CardData = { node: DocNode; kind: string };
export type CardNode = Node<CardData, 'card' | 'box' | 'dot' | 'note'>;
export type FlowData = { look: 'plain' | 'lit'; back: boolean; inside: boolean };
export type FlowEdgeType = Edge<FlowData, 'flow'>;

const HANDLE = 9;

function shape(node: DocNode): CardNode['type'] {
  const kind = kindOf(node);
  if (isNote(node)) return 'note';
  if (isContainerStart(kind)) return 'dot';
  return isContainerKind(kind) ? 'box' : 'card';
}

function handlesAt(node: DocNode, kind: string, width: number): NonNullable<CardNode['handles']> {
  const dot = isContainerStart(kind);
  const square = { width: HANDLE, height: HANDLE };
  const outputs = handlesOf(kind, node.data).map((id) => ({
    id, type: 'source' as const, position: Position.Right, x: width - HANDLE / 2, y: (dot ? 12 : handleTop(kind, node.data, id)) - HANDLE / 2, ...square,
  }));
  const input = { id: 'target', type: 'target' as const, position: Position.Left, x: -HANDLE / 2, y: 19 - HANDLE / 2, ...square };
  return hasInput(kind) ? [input, ...outputs] : outputs;
}

function toFlow(node: DocNode, at: Point, selected: boolean, deep: number, movable: boolean): CardNode {
  const kind = kindOf(node);
  const size = sizeOf(node);
  const container = containerOf(node);
  const dot = isContainerStart(kind);
  return {
    id: node.id,
    type: shape(node),
    position: at,
    data: { node, kind },
    selected,
    measured: size,
    width: size.width,
    height: size.height,
    handles: isNote(node) ? [] : handlesAt(node, kind, size.width),
    draggable: movable && !dot,
    selectable: !dot,
    focusable: !dot,
    connectable: movable,
    deletable: false,
    zIndex: deep * 10 + (isNote(node) ? -1 : selected ? 5 : 0),
    ...(container === undefined ? {} : { parentId: container, extent: 'parent' as const }),
  };
}

/** Nodes in the order in which Tab walks them: along the graph, what is inside of a container right after it. */
export function inGraphOrder(draft: Draft): DocNode[] {
  const waiting = new Map(draft.nodes.map((node) => [node.id, 0]));
  const next = new Map<string, string[]>();
  for (const edge of draft.edges) {
    waiting.set(edge.target, (waiting.get(edge.target) ?? 0) + 1);
    next.set(edge.source, [...(next.get(edge.source) ?? []), edge.target]);
  }
  const byId = new Map(draft.nodes.map((node) => [node.id, node]));
  const inside = new Map<string | undefined, DocNode[]>();
  for (const node of draft.nodes) {
    const container = containerOf(node);
    const key = container !== undefined && byId.has(container) ? container : undefined;
    inside.set(key, [...(inside.get(key) ?? []), node]);
  }
  const ordered: DocNode[] = [];
  const done = new Set<string>();
  const walk = (container: string | undefined) => {
    const level = inside.get(container) ?? [];
    const ready = level.filter((node) => (waiting.get(node.id) ?? 0) === 0);
    const visit = (node: DocNode) => {
      if (done.has(node.id)) return;
      done.add(node.id);
      ordered.push(node);
      walk(node.id);
      for (const target of next.get(node.id) ?? []) {
        const left = (waiting.get(target) ?? 1) - 1;
        waiting.set(target, left);
        const found = byId.get(target);
        if (left <= 0 && found !== undefined) visit(found);
      }
    };
    ready.forEach(visit);
    level.forEach(visit);
  };
  walk(undefined);
  return ordered;
}

interface Kept {
  node: DocNode;
  selected: boolean;
  at: Point;
  movable: boolean;
  flow: CardNode;
}

/** Remembers what it has made before. One for each canvas. */
export function createFlowNodes() {
  let kept = new Map<string, Kept>();
  let order: { nodes: Draft['nodes']; edges: Draft['edges']; sorted: DocNode[] } | undefined;
  return (draft: Draft, selection: readonly string[], dragged: ReadonlyMap<string, Point>, movable: boolean): CardNode[] => {
    if (order === undefined || order.nodes !== draft.nodes || order.edges !== draft.edges) {
      order = { nodes: draft.nodes, edges: draft.edges, sorted: inGraphOrder(draft) };
    }
    const known = new Set(draft.nodes.map((node) => node.id));
    const parents = new Map(draft.nodes.map((node) => [node.id, containerOf(node)]));
    const depth = (id: string): number => {
      let deep = 0;
      for (let parent = parents.get(id); parent !== undefined && known.has(parent) && deep < 9; parent = parents.get(parent)) deep += 1;
      return deep;
    };
    const next = new Map<string, Kept>();
    const nodes = order.sorted.map((node): CardNode => {
      const at = dragged.get(node.id) ?? node.position;
      const selected = selection.includes(node.id);
      const old = kept.get(node.id);
      const same = old !== undefined && old.node === node && old.selected === selected && old.at === at && old.movable === movable;
      const entry = same ? old : { node, selected, at, movable, flow: toFlow(node, at, selected, depth(node.id), movable) };
      next.set(node.id, entry);
      return entry.flow;
    });
    kept = next;
    return nodes;
  };
}

export function createFlowEdges() {
  let kept = new Map<string, { key: string; flow: FlowEdgeType }>();
  return (draft: Draft, selection: readonly string[], chosen: readonly string[]): FlowEdgeType[] => {
    const places = new Map(draft.nodes.map((node) => [node.id, node]));
    const next = new Map<string, { key: string; flow: FlowEdgeType }>();
    const edges = draft.edges.map((edge: DocEdge): FlowEdgeType => {
      const from = places.get(edge.source);
      const to = places.get(edge.target);
      const selected = chosen.includes(edge.id);
      const lit = selected || selection.includes(edge.source) || selection.includes(edge.target);
      const back = from !== undefined && to !== undefined && to.position.x < from.position.x + 20;
      const inside = from !== undefined && containerOf(from) !== undefined;
      const key = `${edge.source} ${handleOf(edge)} ${edge.target} ${lit} ${back} ${selected} ${inside}`;
      const old = kept.get(edge.id);
      const entry = old?.key === key ? old : {
        key,
        flow: {
          id: edge.id, type: 'flow' as const, source: edge.source, sourceHandle: handleOf(edge), target: edge.target, targetHandle: 'target', selected,
          deletable: false, zIndex: inside ? 4 : 0, data: { look: lit ? ('lit' as const) : ('plain' as const), back, inside },
        },
      };
      next.set(edge.id, entry);
      return entry.flow;
    });
    kept = next;
    return edges;
  };
}

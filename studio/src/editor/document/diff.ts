/** What differs between two documents, node by node, and how two edits of one document come together. */
import { type DocEdge, type DocNode, type Draft, findNode, handleOf, kindOf, readDraft, titleOf, withGraph, writeDraft } from './draft';
import { type JsonObject, type JsonValue, type Path, isObject, same } from './json';

export interface Change {
  path: Path;
  before: JsonValue | undefined;
  after: JsonValue | undefined;
}

export type NodeChange =
  | { what: 'added' | 'removed'; id: string; title: string; kind: string }
  | { what: 'changed'; id: string; title: string; kind: string; changes: Change[] };

export interface EdgeChange {
  what: 'added' | 'removed';
  source: string;
  handle: string;
  target: string;
}

export interface Difference {
  nodes: NodeChange[];
  edges: EdgeChange[];
  /** Outside of the graph: name, features, variables. */
  document: Change[];
  /** Nodes that were only moved or resized. */
  moved: number;
}

const EDITOR_ONLY = new Set(['selected', 'dragging', 'positionAbsolute']);

/** The places at which two values differ; lists of different length differ as a whole where their items are no objects. */
export function changesOf(before: JsonValue | undefined, after: JsonValue | undefined, path: Path = []): Change[] {
  if (same(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !EDITOR_ONLY.has(key));
    return keys.flatMap((key) => changesOf(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isObject)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      changesOf(before[index], after[index], [...path, index]),
    ).flat();
  }
  return [{ path, before, after }];
}

function withoutGraph(document: JsonObject): JsonObject {
  const workflow = isObject(document.workflow) ? document.workflow : {};
  const { graph: _graph, ...rest } = workflow;
  return { ...document, workflow: rest };
}

const edgeKey = (edge: DocEdge): string => `${edge.source}\n${handleOf(edge)}\n${edge.target}`;
const edgeChange =
  (what: 'added' | 'removed') =>
  (edge: DocEdge): EdgeChange => ({ what, source: edge.source, handle: handleOf(edge), target: edge.target });

/** What somebody sees who goes from one document to another. */
export function differenceOf(before: Draft, after: Draft): Difference {
  let moved = 0;
  const nodes: NodeChange[] = [];
  const about = (node: DocNode) => ({ id: node.id, title: titleOf(node), kind: kindOf(node) });
  for (const node of before.nodes) if (findNode(after, node.id) === undefined) nodes.push({ what: 'removed', ...about(node) });
  for (const node of after.nodes) {
    const old = findNode(before, node.id);
    if (old === undefined) nodes.push({ what: 'added', ...about(node) });
    else {
      const changes = changesOf(old.data, node.data).filter((change) => !['width', 'height'].includes(String(change.path[0])));
      if (changes.length > 0) nodes.push({ what: 'changed', ...about(node), changes });
      else if (!same(old.position, node.position) || old.width !== node.width || old.height !== node.height) moved += 1;
    }
  }
  const old = new Set(before.edges.map(edgeKey));
  const now = new Set(after.edges.map(edgeKey));
  return {
    nodes,
    edges: [
      ...before.edges.filter((edge) => !now.has(edgeKey(edge))).map(edgeChange('removed')),
      ...after.edges.filter((edge) => !old.has(edgeKey(edge))).map(edgeChange('added')),
    ],
    document: changesOf(withoutGraph(before.document), withoutGraph(after.document)),
    moved,
  };
}

export const isEmpty = (difference: Difference): boolean =>
  difference.nodes.length === 0 && difference.edges.length === 0 && difference.document.length === 0 && difference.moved === 0;

export interface Merged {
  draft: Draft;
  /** Titles of nodes, or `""` for the rest of the document, that both have changed in different ways; mine is kept. */
  conflicts: string[];
}

function choose<T extends JsonValue>(base: T | undefined, mine: T | undefined, theirs: T | undefined, clash: () => void): T | undefined {
  if (same(mine, theirs) || same(theirs, base)) return mine;
  if (same(mine, base)) return theirs;
  clash();
  return mine;
}

/** Brings together what two people made of one document, node by node. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const conflicts: string[] = [];
  const ids = [...new Set([...theirs.nodes, ...mine.nodes].map((node) => node.id))];
  const nodes = ids.flatMap((id): DocNode[] => {
    const ours = findNode(mine, id);
    const others = findNode(theirs, id);
    const kept = choose<JsonObject>(findNode(base, id), ours, others, () => conflicts.push(titleOf((ours ?? others) as DocNode)));
    return kept === undefined ? [] : [kept as DocNode];
  });
  const here = new Set(nodes.map((node) => node.id));
  const find = (draft: Draft, key: string) => draft.edges.find((edge) => edgeKey(edge) === key);
  const keys = [...new Set([...theirs.edges, ...mine.edges].map(edgeKey))];
  const edges = keys.flatMap((key): DocEdge[] => {
    const [original, ours, others] = [find(base, key), find(mine, key), find(theirs, key)];
    const kept = original === undefined ? (ours ?? others) : ours === undefined || others === undefined ? undefined : ours;
    return kept === undefined || !here.has(kept.source) || !here.has(kept.target) ? [] : [kept];
  });
  const rest = choose<JsonObject>(withoutGraph(base.document), withoutGraph(mine.document), withoutGraph(theirs.document), () => conflicts.push(''));
  const document = writeDraft({ document: rest ?? mine.document, nodes, edges });
  return { draft: withGraph(readDraft(document), nodes, edges), conflicts };
}

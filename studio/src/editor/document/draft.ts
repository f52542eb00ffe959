/** The draft: the DSL document as the API answers it. What this program does not know is kept untouched. */
import { type JsonObject, type JsonValue, isObject, list, num, obj, str } from './json';

export type Point = { x: number; y: number };

/** A node. `data.type` is its kind, the outer `type` only says how Dify's canvas draws it. */
export type DocNode = JsonObject & { id: string; data: JsonObject; position: Point };

/** An edge. */
export type DocEdge = JsonObject & { id: string; source: string; target: string };

/** What is edited: the whole document, with its graph read. */
export interface Draft {
  readonly document: JsonObject;
  readonly nodes: readonly DocNode[];
  readonly edges: readonly DocEdge[];
}

const isPoint = (value: JsonValue | undefined): value is Point => isObject(value) && num(value.x) !== undefined && num(value.y) !== undefined;

/** Reads the answer of `GET …/draft`. Nodes without an id and edges without ends are nothing that a canvas can show; the server refuses them. */
export function readDraft(document: JsonObject): Draft {
  const graph = obj(obj(document.workflow).graph);
  let column = 0;
  const nodes = list(graph.nodes).flatMap((raw): DocNode[] => {
    if (!isObject(raw)) return [];
    const id = typeof raw.id === 'number' ? String(raw.id) : str(raw.id);
    if (id === '') return [];
    const position = isPoint(raw.position) ? raw.position : { x: 80 + 264 * column++, y: 80 };
    return [{ ...raw, id, data: obj(raw.data), position }];
  });
  const known = new Set(nodes.map((node) => node.id));
  const edges = list(graph.edges).flatMap((raw, index): DocEdge[] => {
    if (!isObject(raw)) return [];
    const source = str(raw.source);
    const target = str(raw.target);
    if (!known.has(source) || !known.has(target)) return [];
    return [{ ...raw, id: str(raw.id) || `edge-${index}`, source, target }];
  });
  return { document, nodes, edges };
}

/** The document to be stored: the one that was read, with the graph of now. */
export function writeDraft(draft: Draft): JsonObject {
  const workflow = obj(draft.document.workflow);
  const graph = obj(workflow.graph);
  return {
    ...draft.document,
    workflow: { ...workflow, graph: { ...graph, nodes: [...draft.nodes], edges: [...draft.edges] } },
  };
}

/** The same draft with other nodes or edges; what did not change keeps its identity, so that nothing else is drawn anew. */
export function withGraph(draft: Draft, nodes: readonly DocNode[], edges: readonly DocEdge[]): Draft {
  return nodes === draft.nodes && edges === draft.edges ? draft : { ...draft, nodes, edges };
}

export function findNode(draft: Draft, id: string): DocNode | undefined {
  return draft.nodes.find((node) => node.id === id);
}

/** The kind of a node. Hand-made files have it in the outer `type` only. */
export function kindOf(node: DocNode): string {
  const kind = str(node.data.type);
  if (kind !== '') return kind;
  const outer = str(node.type);
  return outer === 'custom-note' ? 'note' : outer === 'custom' ? '' : outer;
}

export const isNote = (node: DocNode): boolean => str(node.type) === 'custom-note';

/** The title, or the id where there is none. */
export const titleOf = (node: DocNode): string => str(node.data.title) || node.id;

/** The container that a node is in: the file says so in up to four places. */
export function containerOf(node: DocNode): string | undefined {
  const data = node.data;
  const named = str(data.iteration_id) || str(data.loop_id) || str(data.container_id) || str(node.parentId);
  return named === '' || named === node.id ? undefined : named;
}

export const isContainerKind = (kind: string): boolean => kind === 'iteration' || kind === 'loop';
export const isContainerStart = (kind: string): boolean => kind === 'iteration-start' || kind === 'loop-start';

/** `workflow` or `advanced-chat`. */
export const modeOf = (draft: Draft): string => str(obj(draft.document.app).mode);

export function handleOf(edge: DocEdge): string {
  return str(edge.sourceHandle) || 'source';
}

/** A text that is likely to be nobody's: ids are the millisecond of their making, as Dify writes them. */
export function newId(draft: Draft, now: number): string {
  const taken = new Set(draft.nodes.map((node) => node.id));
  let number = Math.floor(now);
  while (taken.has(String(number))) number += 1;
  return String(number);
}

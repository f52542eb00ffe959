/** Every edit, as a pure function from draft to draft. */
import {
  type DocEdge,
  type DocNode,
  type Draft,
  type Point,
  containerOf,
  findNode,
  handleOf,
  isContainerKind,
  isContainerStart,
  kindOf,
  newId,
  titleOf,
  withGraph,
} from './draft';
import { type JsonObject, type JsonValue, type Path, isObject, mapTexts, obj, same, str, withAt } from './json';
import { freshData, handlesOf, hasInput, isRootKind } from './kinds';
import { withReference } from './template';

/** What a command gives: the new draft, and the node that the eye should go to. */
export interface Done {
  draft: Draft;
  focus?: string;
}

const CONTAINER = { width: 508, height: 208 };
const INNER_START: Point = { x: 24, y: 68 };

const round = (point: Point): Point => ({ x: Math.round(point.x), y: Math.round(point.y) });

function edgeId(source: string, handle: string, target: string): string {
  return `${source}-${handle}-${target}-target`;
}

function membership(draft: Draft, container: string | undefined): { node: JsonObject; data: JsonObject } {
  const parent = container === undefined ? undefined : findNode(draft, container);
  if (parent === undefined) return { node: {}, data: {} };
  const loop = kindOf(parent) === 'loop';
  return {
    node: { parentId: parent.id, extent: 'parent', zIndex: 1001 },
    data: loop ? { isInLoop: true, loop_id: parent.id } : { isInIteration: true, iteration_id: parent.id },
  };
}

function freshTitle(draft: Draft, title: string): string {
  const taken = new Set(draft.nodes.map(titleOf));
  let candidate = title;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${title} ${number}`;
  return candidate;
}

export interface NewNode {
  kind: string;
  title: string;
  position: Point;
  container?: string | undefined;
  data?: JsonObject | undefined;
}

/** Adds a node; an iteration or a loop comes with its start. */
export function addNode(draft: Draft, what: NewNode, now: number): Done {
  const id = newId(draft, now);
  const { node: outer, data: inner } = membership(draft, what.container);
  const container = isContainerKind(what.kind);
  const node: DocNode = {
    id,
    type: 'custom',
    position: round(what.position),
    ...(container ? CONTAINER : {}),
    ...outer,
    data: {
      type: what.kind,
      title: freshTitle(draft, what.title),
      ...freshData(what.kind),
      ...inner,
      ...(container ? { start_node_id: `${id}start`, ...CONTAINER } : {}),
      ...what.data,
    },
  };
  const added = [node];
  if (container) {
    const loop = what.kind === 'loop';
    added.push({
      id: `${id}start`,
      type: loop ? 'custom-loop-start' : 'custom-iteration-start',
      position: INNER_START,
      parentId: id,
      draggable: false,
      selectable: false,
      data: {
        type: loop ? 'loop-start' : 'iteration-start',
        title: '',
        desc: '',
        ...(loop ? { isInLoop: true, loop_id: id } : { isInIteration: true, iteration_id: id }),
      },
    });
  }
  return { draft: withGraph(draft, [...draft.nodes, ...added], draft.edges), focus: id };
}

/** Adds a sticky note. */
export function addNote(draft: Draft, position: Point, author: string, now: number): Done {
  const id = newId(draft, now);
  const note: DocNode = {
    id,
    type: 'custom-note',
    position: round(position),
    width: 208,
    height: 88,
    data: { type: '', title: '', desc: '', text: '', theme: 'yellow', author, showAuthor: true, width: 208, height: 88 },
  };
  return { draft: withGraph(draft, [...draft.nodes, note], draft.edges), focus: id };
}

/** Why an edge cannot be. */
export type Refusal = 'same_node' | 'no_input' | 'no_handle' | 'exists' | 'cycle' | 'container';

/** Whether an edge from a handle to a node is possible. */
export function mayConnect(draft: Draft, source: string, handle: string, target: string): Refusal | undefined {
  const from = findNode(draft, source);
  const to = findNode(draft, target);
  if (from === undefined || to === undefined || source === target) return 'same_node';
  if (!hasInput(kindOf(to)) || str(to.type) === 'custom-note') return 'no_input';
  if (!handlesOf(kindOf(from), from.data).includes(handle)) return 'no_handle';
  if (containerOf(from) !== containerOf(to)) return 'container';
  if (draft.edges.some((edge) => edge.source === source && handleOf(edge) === handle && edge.target === target)) return 'exists';
  if (reaches(draft, target, source)) return 'cycle';
  return undefined;
}

function reaches(draft: Draft, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === to) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const edge of draft.edges) if (edge.source === id) open.push(edge.target);
  }
  return false;
}

function newEdge(draft: Draft, source: string, handle: string, target: string): DocEdge {
  const from = findNode(draft, source);
  const to = findNode(draft, target);
  const container = from === undefined ? undefined : containerOf(from);
  const parent = container === undefined ? undefined : findNode(draft, container);
  const loop = parent !== undefined && kindOf(parent) === 'loop';
  return {
    id: edgeId(source, handle, target),
    type: 'custom',
    source,
    sourceHandle: handle,
    target,
    targetHandle: 'target',
    ...(container === undefined ? { zIndex: 0 } : { zIndex: 1002 }),
    data: {
      sourceType: from === undefined ? '' : kindOf(from),
      targetType: to === undefined ? '' : kindOf(to),
      isInIteration: container !== undefined && !loop,
      isInLoop: container !== undefined && loop,
      ...(container === undefined ? {} : loop ? { loop_id: container } : { iteration_id: container }),
    },
  };
}

/** Connects a handle with a node, if that is possible. */
export function connect(draft: Draft, source: string, handle: string, target: string): Done {
  if (mayConnect(draft, source, handle, target) !== undefined) return { draft };
  return { draft: withGraph(draft, draft.nodes, [...draft.edges, newEdge(draft, source, handle, target)]) };
}

export function removeEdges(draft: Draft, ids: readonly string[]): Done {
  const gone = new Set(ids);
  return {
    draft: withGraph(
      draft,
      draft.nodes,
      draft.edges.filter((edge) => !gone.has(edge.id)),
    ),
  };
}

/** Adds a node behind a handle and connects it. */
export function addAfter(draft: Draft, source: string, handle: string, what: NewNode, now: number): Done {
  const added = addNode(draft, what, now);
  return added.focus === undefined ? added : { ...connect(added.draft, source, handle, added.focus), focus: added.focus };
}

/** Puts a new node into the middle of an edge. */
export function insertOnEdge(draft: Draft, edgeIdentity: string, what: NewNode, now: number): Done {
  const edge = draft.edges.find((candidate) => candidate.id === edgeIdentity);
  if (edge === undefined) return { draft };
  const without = removeEdges(draft, [edge.id]).draft;
  const added = addAfter(without, edge.source, handleOf(edge), what, now);
  const node = added.focus === undefined ? undefined : findNode(added.draft, added.focus);
  if (node === undefined) return { draft };
  const handle = handlesOf(kindOf(node), node.data)[0];
  return handle === undefined ? added : { ...connect(added.draft, node.id, handle, edge.target), focus: node.id };
}

/** The nodes and everything inside of them. */
export function withInside(draft: Draft, ids: readonly string[]): Set<string> {
  const all = new Set(ids);
  for (let before = -1; before !== all.size;) {
    before = all.size;
    for (const node of draft.nodes) {
      const container = containerOf(node);
      if (container !== undefined && all.has(container)) all.add(node.id);
    }
  }
  return all;
}

/** Removes nodes with what is inside of them and with their edges. The start of a container goes only with its container. */
export function removeNodes(draft: Draft, ids: readonly string[]): Done {
  const named = new Set(ids);
  const removable = draft.nodes.filter((node) => {
    const container = containerOf(node);
    return named.has(node.id) && (!isContainerStart(kindOf(node)) || (container !== undefined && named.has(container)));
  });
  if (removable.length === 0) return { draft };
  const gone = withInside(
    draft,
    removable.map((node) => node.id),
  );
  return {
    draft: withGraph(
      draft,
      draft.nodes.filter((node) => !gone.has(node.id)),
      draft.edges.filter((edge) => !gone.has(edge.source) && !gone.has(edge.target)),
    ),
  };
}

/** Moves nodes; whatever did not move keeps its identity. */
export function moveNodes(draft: Draft, places: ReadonlyMap<string, Point>): Done {
  let moved = false;
  const nodes = draft.nodes.map((node) => {
    const to = places.get(node.id);
    if (to === undefined) return node;
    const position = round(to);
    if (position.x === node.position.x && position.y === node.position.y) return node;
    moved = true;
    // What Dify calls the absolute position is derived; an outdated one would lie.
    const { positionAbsolute: _outdated, ...rest } = node;
    return { ...rest, position };
  });
  return { draft: moved ? withGraph(draft, nodes, draft.edges) : draft };
}

/** Resizes a container or a note. */
export function resizeNode(draft: Draft, id: string, size: { width: number; height: number }): Done {
  const width = Math.round(size.width);
  const height = Math.round(size.height);
  return { draft: replaceNode(draft, id, (node) => ({ ...node, width, height, data: { ...node.data, width, height } })) };
}

function replaceNode(draft: Draft, id: string, change: (node: DocNode) => DocNode): Draft {
  let changed = false;
  const nodes = draft.nodes.map((node) => {
    if (node.id !== id) return node;
    const next = change(node);
    changed ||= next !== node;
    return next;
  });
  return changed ? withGraph(draft, nodes, draft.edges) : draft;
}

/** Changes what a node holds. Edges of branches that are gone go too. */
export function setData(draft: Draft, id: string, data: JsonObject): Done {
  const before = findNode(draft, id);
  if (before === undefined || same(before.data, data)) return { draft };
  const next = replaceNode(draft, id, (node) => ({ ...node, data }));
  const node = findNode(next, id);
  if (node === undefined) return { draft };
  const old = new Set(handlesOf(kindOf(before), before.data));
  const now = new Set(handlesOf(kindOf(node), node.data));
  const edges = next.edges.filter((edge) => edge.source !== id || now.has(handleOf(edge)) || !old.has(handleOf(edge)));
  return { draft: edges.length === next.edges.length ? next : withGraph(next, next.nodes, edges) };
}

/** Changes one value of a node; `undefined` removes it. */
export function setValue(draft: Draft, id: string, path: Path, value: JsonValue | undefined): Done {
  const node = findNode(draft, id);
  return node === undefined ? { draft } : setData(draft, id, obj(withAt(node.data, path, value)));
}

/** Gives a node another title. Variables name nodes by their id, so nothing else changes. */
export function renameNode(draft: Draft, id: string, title: string): Done {
  const trimmed = title.trim();
  return trimmed === '' ? { draft } : setValue(draft, id, ['title'], trimmed);
}

function isSelector(value: JsonValue, from: readonly string[]): value is string[] {
  return Array.isArray(value) && value.length >= from.length && from.every((part, index) => value[index] === part);
}

function withSelectors(value: JsonValue, from: readonly string[], to: readonly string[]): JsonValue {
  if (isSelector(value, from)) return [...to, ...value.slice(from.length)];
  if (Array.isArray(value)) return value.map((item) => withSelectors(item, from, to));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item === undefined ? undefined : withSelectors(item, from, to)]));
}

/** Rewrites every reference to a variable, in texts and in selectors. */
export function renameReferences(draft: Draft, from: readonly string[], to: readonly string[]): Draft {
  let changed = false;
  const nodes = draft.nodes.map((node) => {
    const data = obj(
      withSelectors(
        mapTexts(node.data, (text) => withReference(text, from, to)),
        from,
        to,
      ),
    );
    if (same(data, node.data)) return node;
    changed = true;
    return { ...node, data };
  });
  return changed ? withGraph(draft, nodes, draft.edges) : draft;
}

/** Copies nodes, with what is inside of containers and with the edges between them; references inside of the copy follow it. */
export function duplicate(draft: Draft, ids: readonly string[], by: Point, now: number): Done {
  const chosen = draft.nodes.filter((node) => ids.includes(node.id) && !isRootKind(kindOf(node)) && !isContainerStart(kindOf(node)));
  return paste(
    draft,
    copyOf(
      draft,
      chosen.map((node) => node.id),
    ),
    by,
    now,
  );
}

/** What the clipboard holds. */
export interface Clip {
  nodes: DocNode[];
  edges: DocEdge[];
}

export function copyOf(draft: Draft, ids: readonly string[]): Clip {
  const all = withInside(draft, ids);
  return {
    nodes: draft.nodes.filter((node) => all.has(node.id)),
    edges: draft.edges.filter((edge) => all.has(edge.source) && all.has(edge.target)),
  };
}

/** Pastes a copy beside its origin. */
export function paste(draft: Draft, clip: Clip, by: Point, now: number): Done {
  if (clip.nodes.length === 0) return { draft };
  const names = new Map<string, string>();
  let growing = draft;
  for (const node of clip.nodes) {
    const container = containerOf(node);
    const id =
      isContainerStart(kindOf(node)) && container !== undefined && names.has(container) ? `${names.get(container)}start` : newId(growing, now);
    names.set(node.id, id);
    growing = withGraph(growing, [...growing.nodes, { ...node, id }], growing.edges);
  }
  const rename = (id: JsonValue | undefined): JsonValue | undefined => (typeof id === 'string' ? (names.get(id) ?? id) : id);
  const nodes = clip.nodes.map((node): DocNode => {
    const inside = names.has(containerOf(node) ?? '');
    let data = node.data;
    for (const [from, to] of names)
      data = obj(
        withSelectors(
          mapTexts(data, (text) => withReference(text, [from], [to])),
          [from],
          [to],
        ),
      );
    for (const key of ['iteration_id', 'loop_id', 'container_id', 'start_node_id']) if (key in data) data = { ...data, [key]: rename(data[key]) };
    const title = str(data.title);
    if (!inside && title !== '') data = { ...data, title: freshTitle(draft, title), selected: false };
    const { positionAbsolute: _outdated, ...rest } = node;
    return {
      ...rest,
      id: names.get(node.id) ?? node.id,
      data,
      selected: false,
      ...(node.parentId === undefined ? {} : { parentId: rename(node.parentId) }),
      position: inside ? node.position : round({ x: node.position.x + by.x, y: node.position.y + by.y }),
    };
  });
  const copied = withGraph(draft, [...draft.nodes, ...nodes], draft.edges);
  const edges = clip.edges.map((edge) =>
    newEdge(copied, names.get(edge.source) ?? edge.source, handleOf(edge), names.get(edge.target) ?? edge.target),
  );
  const first = nodes.find((node) => !isContainerStart(kindOf(node)));
  return { draft: withGraph(copied, copied.nodes, [...copied.edges, ...edges]), ...(first === undefined ? {} : { focus: first.id }) };
}

/** Moves a node into a container or out of it; its edges over the border go. */
export function setContainer(draft: Draft, id: string, container: string | undefined, position: Point): Done {
  const node = findNode(draft, id);
  if (node === undefined || containerOf(node) === container || container === id) return { draft };
  const { node: outer, data: inner } = membership(draft, container);
  const { parentId: _p, extent: _e, zIndex: _z, positionAbsolute: _a, ...rest } = node;
  const { iteration_id: _i, loop_id: _l, container_id: _c, isInIteration: _ii, isInLoop: _il, ...data } = node.data;
  const moved = { ...rest, ...outer, position: round(position), data: { ...data, ...inner } } as DocNode;
  const nodes = draft.nodes.map((candidate) => (candidate.id === id ? moved : candidate));
  return {
    draft: withGraph(
      draft,
      nodes,
      draft.edges.filter((edge) => edge.source !== id && edge.target !== id),
    ),
    focus: id,
  };
}

/** Replaces something outside of the graph: `workflow.environment_variables`, `workflow.features`, `app.description`. */
export function setDocument(draft: Draft, path: Path, value: JsonValue | undefined): Done {
  const document = obj(withAt(draft.document, path, value));
  return { draft: { ...draft, document } };
}

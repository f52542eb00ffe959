/** How large cards are. It is computed from what they show, so that nothing has to be measured before it can be laid out. */
import { containerOf, type DocNode, type Draft, findNode, isNote, kindOf, type Point } from './draft';
import { type JsonObject, list, num, obj, objects, str } from './json';
import { branchesOf } from './kinds';

export const CARD = { width: 208, header: 38, row: 24, gap: 5, bottom: 9, footer: 27 };
const WIDE = 248;
const NOTE = { width: 208, height: 88 };
const BOX = { width: 508, height: 208 };
const START = { width: 24, height: 24 };

/** The most rows of variables, conditions or classes that a card shows; the rest is counted. */
export const MOST_ROWS = 6;

/** The objects of a node that name a model, and with it who pays (dsl.md: which credential). */
export function modelPlaces(kind: string, data: JsonObject): { path: string[]; model: JsonObject }[] {
  const places: string[][] =
    kind === 'llm' || kind === 'question-classifier' || kind === 'parameter-extractor'
      ? [['model']]
      : kind === 'agent'
        ? [['agent_parameters', 'model', 'value']]
        : kind === 'knowledge-retrieval'
          ? [['single_retrieval_config', 'model'], ['metadata_model_config'], ['multiple_retrieval_config', 'reranking_model']]
          : [];
  return places.flatMap((path) => {
    let here: JsonObject | undefined = data;
    for (const step of path) here = here === undefined ? undefined : (here[step] as JsonObject | undefined);
    const model = obj(here);
    const named = str(model.name) || str(model.model);
    return kind === 'knowledge-retrieval' && named === '' ? [] : [{ path, model }];
  });
}

/** How many rows stand under the header of a card. */
export function rowsOf(kind: string, data: JsonObject): number {
  const branches = branchesOf(kind, data).length;
  const models = modelPlaces(kind, data).length > 0 ? 2 : 0;
  switch (kind) {
    case 'start':
      return Math.min(list(data.variables).length, MOST_ROWS) + (list(data.variables).length > MOST_ROWS ? 1 : 0);
    case 'end':
      return Math.max(1, Math.min(list(data.outputs).length, MOST_ROWS));
    case 'agent':
      return models + 1 + branches;
    case 'llm':
    case 'parameter-extractor':
    case 'question-classifier':
      return models + branches;
    case 'knowledge-retrieval':
      return 1 + (models > 0 ? 1 : 0) + branches;
    case 'if-else':
      return branches;
    case 'human-input':
      return 1 + branches;
    case 'assigner':
      return Math.max(1, Math.min(Math.max(objects(data.items).length, 1), MOST_ROWS)) + branches;
    case 'iteration-start':
    case 'loop-start':
    case 'loop-end':
      return 0;
    default:
      return 1 + branches;
  }
}

export type Size = { width: number; height: number };

/** The size of a node on the canvas, without the footer that a run adds. */
export function sizeOf(node: DocNode): Size {
  const kind = kindOf(node);
  if (isNote(node))
    return { width: num(node.width) ?? num(node.data.width) ?? NOTE.width, height: num(node.height) ?? num(node.data.height) ?? NOTE.height };
  if (kind === 'iteration' || kind === 'loop') {
    return { width: num(node.width) ?? num(node.data.width) ?? BOX.width, height: num(node.height) ?? num(node.data.height) ?? BOX.height };
  }
  if (kind === 'iteration-start' || kind === 'loop-start') return START;
  const rows = rowsOf(kind, node.data);
  const long = branchesOf(kind, node.data).some((branch) => branch.text.length > 26 || branch.label === 'if' || branch.label === 'elif');
  return {
    width: long ? WIDE : CARD.width,
    height: CARD.header + (rows === 0 ? 0 : rows * CARD.row + (rows - 1) * CARD.gap + CARD.bottom),
  };
}

/** Where a handle stands, from the top of its card. */
export function handleTop(kind: string, data: JsonObject, handle: string): number {
  const branches = branchesOf(kind, data);
  const index = branches.findIndex((branch) => branch.handle === handle);
  if (index < 0) return CARD.header / 2;
  const row = rowsOf(kind, data) - branches.length + index;
  return CARD.header + row * (CARD.row + CARD.gap) + CARD.row / 2;
}

/** Where a node behind another one goes: to the right of it. */
export function placeAfter(draft: Draft, source: string): Point {
  const node = findNode(draft, source);
  if (node === undefined) return { x: 80, y: 80 };
  const size = sizeOf(node);
  const taken = draft.nodes.filter((other) => containerOf(other) === containerOf(node) && Math.abs(other.position.x - (node.position.x + size.width + 56)) < 60);
  const below = taken.length === 0 ? node.position.y : Math.max(...taken.map((other) => other.position.y + sizeOf(other).height + 32));
  return { x: node.position.x + size.width + 56, y: kindOf(node).endsWith('-start') ? node.position.y - 12 : Math.max(node.position.y, below) };
}

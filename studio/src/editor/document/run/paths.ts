/** Which edges a run has taken, and which nodes it will not reach any more: the same rule as the engine's (dify-dsl, part 6). */
import { type Draft, containerOf, handleOf, isNote, kindOf } from '../draft';
import { text } from '../json';
import { branchesOf } from '../kinds';
import { type ExecutionState, type RunState, isOver, latest } from './state';

export type EdgeLook = 'idle' | 'taken' | 'active' | 'untaken';

/** The handle that an execution left by; undefined while it is not known, `source` where all edges are taken. */
export function leftBy(kind: string, data: Parameters<typeof branchesOf>[1], execution: ExecutionState): string | undefined {
  if (execution.phase === 'branched') return 'fail-branch';
  if (!['succeeded', 'defaulted', 'reused'].includes(execution.phase)) return undefined;
  if (branchesOf(kind, data).every((branch) => branch.label === 'error')) return 'source';
  const outputs = execution.outputs ?? {};
  if (kind === 'if-else') return text(outputs.selected_case_id) || (outputs.result === true ? 'true' : 'false');
  if (kind === 'question-classifier') return text(outputs.class_id);
  if (kind === 'human-input') return text(outputs.__action_id) || '__timeout';
  return 'source';
}

export interface Paths {
  edges: Map<string, EdgeLook>;
  skipped: Set<string>;
}

/** How the edges look, and what is skipped. */
export function pathsOf(draft: Draft, run: RunState): Paths {
  const edges = new Map<string, EdgeLook>();
  const skipped = new Set<string>();
  if (run.status === 'starting') return { edges, skipped };
  // A run that was cut off has not decided about what it did not reach.
  const over = isOver(run) && run.status !== 'failed' && run.status !== 'stopped';
  const look = (edgeIndex: number): EdgeLook => {
    const edge = draft.edges[edgeIndex];
    const node = edge === undefined ? undefined : draft.nodes.find((candidate) => candidate.id === edge.source);
    if (edge === undefined || node === undefined) return 'idle';
    if (skipped.has(edge.source)) return 'untaken';
    const execution = latest(run, edge.source);
    if (execution === undefined) {
      const inside = containerOf(node);
      const begun =
        (kindOf(node) === 'iteration-start' || kindOf(node) === 'loop-start') && inside !== undefined && run.nodes[edge.target] !== undefined;
      return begun ? ends(edge.target) : over ? 'untaken' : 'idle';
    }
    const left = leftBy(kindOf(node), node.data, execution);
    if (left === undefined) return execution.phase === 'streaming' ? 'active' : over ? 'untaken' : 'idle';
    return left === handleOf(edge) ? ends(edge.target) : 'untaken';
  };
  const ends = (target: string): EdgeLook => {
    const execution = latest(run, target);
    return execution !== undefined && (execution.phase === 'running' || execution.phase === 'retrying') ? 'active' : 'taken';
  };
  for (let before = -1; before !== skipped.size;) {
    before = skipped.size;
    draft.edges.forEach((edge, index) => edges.set(edge.id, look(index)));
    for (const node of draft.nodes) {
      if (isNote(node) || run.nodes[node.id] !== undefined || kindOf(node).endsWith('-start')) continue;
      const incoming = draft.edges.filter((edge) => edge.target === node.id);
      const container = containerOf(node);
      const orphan = incoming.length > 0 && incoming.every((edge) => edges.get(edge.id) === 'untaken');
      if (orphan || (container !== undefined && skipped.has(container))) skipped.add(node.id);
    }
  }
  return { edges, skipped };
}

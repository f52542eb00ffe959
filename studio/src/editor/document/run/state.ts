/** The state of a run, event by event: what the canvas and the drawer of a test run show. */
import type { JsonObject } from '../json';
import type { Execution, Failure, Resolution, RunEvent, Step, Usage } from './events';

export type NodePhase = 'running' | 'streaming' | 'retrying' | 'paused' | 'succeeded' | 'defaulted' | 'branched' | 'failed' | 'stopped' | 'reused';

/** One execution of a node. */
export interface ExecutionState {
  id: string;
  node: string;
  kind: string;
  title: string;
  index: number;
  path: readonly Step[];
  phase: NodePhase;
  startedAt: number;
  elapsedMs?: number;
  /** Tries so far, from 1. */
  tries: number;
  tokens: { in: number; out: number };
  /** Pieces of text that came from it. */
  pieces: number;
  predecessor?: string;
  resolution?: Resolution;
  error?: Failure;
  outputs?: JsonObject;
  finished?: Execution;
}

/** What the canvas shows of a node: its latest execution, and of a container how far it is. */
export interface NodeRun {
  phase: NodePhase;
  executions: readonly string[];
  rounds?: { done: number; length: number };
}

export interface RunState {
  status: 'starting' | 'running' | 'paused' | 'succeeded' | 'partial-succeeded' | 'failed' | 'stopped';
  runId?: string;
  startedAt?: number;
  finishedAt?: number;
  inputs?: JsonObject;
  outputs?: JsonObject;
  error?: { code: string; message: string; node_id?: string | null };
  usage?: Usage;
  executions: Readonly<Record<string, ExecutionState>>;
  nodes: Readonly<Record<string, NodeRun>>;
  /** The answer as it streams, and who is speaking. */
  text: string;
  speaker?: string;
  reasoning: string;
  /** Milliseconds from the start to the first piece of text. */
  firstTextMs?: number;
  calls: readonly { node: string; model: string; resolution: Resolution; attempt: number; at: number }[];
  forms: readonly { id: string; node: string }[];
  events: number;
  /** The place after which a broken stream goes on. */
  sequence: number;
}

export const emptyRun: RunState = {
  status: 'starting',
  executions: {},
  nodes: {},
  text: '',
  reasoning: '',
  calls: [],
  forms: [],
  events: 0,
  sequence: -1,
};

export const isOver = (state: RunState): boolean => ['succeeded', 'partial-succeeded', 'failed', 'stopped'].includes(state.status);

const STATUSES: Record<string, RunState['status']> = {
  succeeded: 'succeeded',
  'partial-succeeded': 'partial-succeeded',
  partial_succeeded: 'partial-succeeded',
  failed: 'failed',
  stopped: 'stopped',
  paused: 'paused',
  running: 'running',
  queued: 'starting',
};

export const statusOf = (status: string): RunState['status'] => STATUSES[status] ?? 'running';

/** How an execution ended: a failure that was tolerated went on with default values, or took the branch for errors. */
export function phaseOf(status: string, outputs: JsonObject | null | undefined): NodePhase {
  switch (status) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
      return 'failed';
    case 'stopped':
      return 'stopped';
    case 'paused':
      return 'paused';
    case 'reused':
      return 'reused';
    case 'exception':
      return Object.keys(outputs ?? {}).some((key) => key !== 'error_message' && key !== 'error_type') ? 'defaulted' : 'branched';
    default:
      return 'running';
  }
}

function withExecution(state: RunState, id: string, change: (old: ExecutionState) => ExecutionState): RunState {
  const old = state.executions[id];
  if (old === undefined) return state;
  const next = change(old);
  const about = state.nodes[next.node];
  const latest = about?.executions.at(-1) === id;
  return {
    ...state,
    executions: { ...state.executions, [id]: next },
    nodes:
      latest && about !== undefined && about.phase !== next.phase ? { ...state.nodes, [next.node]: { ...about, phase: next.phase } } : state.nodes,
  };
}

function withRounds(state: RunState, node: string, change: (old: { done: number; length: number }) => { done: number; length: number }): RunState {
  const about = state.nodes[node];
  if (about === undefined) return state;
  return { ...state, nodes: { ...state.nodes, [node]: { ...about, rounds: change(about.rounds ?? { done: 0, length: 0 }) } } };
}

function started(state: RunState, execution: ExecutionState): RunState {
  const about = state.nodes[execution.node];
  if (state.executions[execution.id] !== undefined) return withExecution(state, execution.id, (old) => ({ ...old, phase: 'running' }));
  return {
    ...state,
    executions: { ...state.executions, [execution.id]: execution },
    nodes: {
      ...state.nodes,
      [execution.node]: { ...about, phase: execution.phase, executions: [...(about?.executions ?? []), execution.id] },
    },
  };
}

function finished(state: RunState, event: Execution, at: number): RunState {
  const known = state.executions[event.id];
  const base =
    known === undefined
      ? started(state, {
          id: event.id,
          node: event.node_id,
          kind: event.type,
          title: event.title,
          index: event.index,
          path: event.iteration_path,
          phase: 'running',
          startedAt: Date.parse(event.started_at),
          tries: event.attempts,
          tokens: { in: 0, out: 0 },
          pieces: 0,
        })
      : state;
  return withExecution(base, event.id, (old) => ({
    ...old,
    phase: phaseOf(event.status, event.outputs),
    elapsedMs: event.elapsed_ms ?? at - old.startedAt,
    tries: Math.max(event.attempts, 1),
    tokens: { in: event.input_tokens, out: event.output_tokens },
    finished: event,
    ...(event.resolution == null ? {} : { resolution: event.resolution }),
    ...(event.error == null ? {} : { error: event.error }),
    ...(event.outputs == null ? {} : { outputs: event.outputs }),
  }));
}

function spoke(state: RunState, node: string, text: string, isFinal: boolean, at: number): RunState {
  const id = state.nodes[node]?.executions.at(-1);
  const execution = id === undefined ? undefined : state.executions[id];
  const live = execution !== undefined && (execution.phase === 'running' || execution.phase === 'streaming');
  const heard =
    live && id !== undefined
      ? withExecution(state, id, (old) => ({ ...old, phase: isFinal ? old.phase : 'streaming', pieces: old.pieces + (text === '' ? 0 : 1) }))
      : state;
  const { speaker: _before, ...rest } = heard;
  return {
    ...rest,
    text: heard.text + text,
    ...(isFinal ? {} : { speaker: node }),
    ...(heard.firstTextMs === undefined && text !== '' && heard.startedAt !== undefined ? { firstTextMs: at - heard.startedAt } : {}),
  };
}

/** The state after an event. Events that were seen are ignored, so that a stream may begin again from the start. */
export function after(state: RunState, event: RunEvent): RunState {
  const at = Date.parse(event.at);
  const counted: RunState = { ...state, runId: event.run_id, sequence: Math.max(state.sequence, event.sequence), events: state.events + 1 };
  switch (event.event) {
    case 'run_started':
      return { ...counted, status: 'running', startedAt: at, inputs: event.inputs };
    case 'node_started':
      return started(
        { ...counted, status: 'running' },
        {
          id: event.execution_id,
          node: event.node_id,
          kind: event.type,
          title: event.title,
          index: event.index,
          path: event.iteration_path,
          phase: 'running',
          startedAt: at,
          tries: 1,
          tokens: { in: 0, out: 0 },
          pieces: 0,
          ...(event.predecessor == null ? {} : { predecessor: event.predecessor }),
        },
      );
    case 'model_call':
      return withExecution(
        {
          ...counted,
          calls: [...counted.calls, { node: event.node_id, model: event.model, resolution: event.resolution, attempt: event.attempt, at }],
        },
        event.execution_id,
        (old) => ({ ...old, resolution: event.resolution, phase: old.phase === 'retrying' ? 'running' : old.phase }),
      );
    case 'text_chunk':
      return spoke(counted, event.node_id, event.text, event.is_final, at);
    case 'reasoning_chunk':
      return { ...counted, reasoning: counted.reasoning + event.text };
    case 'node_retry':
      return withExecution(counted, event.execution_id, (old) => ({ ...old, phase: 'retrying', tries: event.retry_index + 1, error: event.error }));
    case 'node_restarted':
      return { ...counted, text: event.text };
    case 'iteration_started':
    case 'loop_started':
      return withRounds(counted, event.node_id, () => ({ done: 0, length: event.length }));
    case 'iteration_next':
      return counted;
    case 'loop_next':
      return withRounds(counted, event.node_id, (old) => ({ ...old, done: Math.max(old.done, event.index) }));
    case 'iteration_succeeded':
    case 'iteration_failed':
    case 'loop_succeeded':
    case 'loop_failed':
      return withRounds(counted, event.node_id, (old) => ({ ...old, done: event.durations_ms.length }));
    case 'form_requested':
      return { ...counted, forms: [...counted.forms, { id: event.form_id, node: event.node_id }] };
    case 'form_answered':
      return withExecution({ ...counted, forms: counted.forms.filter((form) => form.node !== event.node_id) }, event.execution_id, (old) => ({
        ...old,
        phase: 'running',
      }));
    case 'node_finished':
      return doneRounds(finished(counted, event, at), event);
    case 'run_paused':
      return waiting({ ...counted, status: 'paused', usage: event.usage, outputs: event.outputs });
    case 'run_finished': {
      const { speaker: _silent, ...rest } = counted;
      return settle({
        ...rest,
        status: statusOf(event.status),
        finishedAt: at,
        usage: event.usage,
        outputs: event.outputs,
        ...(event.error == null ? {} : { error: event.error }),
      });
    }
    case 'agent_log':
      return counted;
  }
}

/** A round of an iteration is done when as many different rounds have ended in the last node that ended in them; counted by the rounds seen. */
function doneRounds(state: RunState, event: Execution): RunState {
  const step = event.iteration_path.at(-1);
  const container = step === undefined ? undefined : state.nodes[step.node_id];
  if (step === undefined || container?.rounds === undefined) return state;
  const open = new Set<number>();
  const seen = new Set<number>();
  for (const execution of Object.values(state.executions)) {
    const last = execution.path.at(-1);
    if (last?.node_id !== step.node_id) continue;
    seen.add(last.index);
    if (['running', 'streaming', 'retrying', 'paused'].includes(execution.phase)) open.add(last.index);
  }
  const done = [...seen].filter((index) => !open.has(index)).length;
  // The round whose first node has just ended may go on with another node: it counts from the next round's beginning.
  return withRounds(state, step.node_id, (old) => ({ ...old, done: Math.max(old.done, Math.min(done, seen.size > 1 ? done : done - 1)) }));
}

function waiting(state: RunState): RunState {
  let next = state;
  for (const form of state.forms) {
    const id = state.nodes[form.node]?.executions.at(-1);
    if (id !== undefined) next = withExecution(next, id, (old) => ({ ...old, phase: 'paused' }));
  }
  return next;
}

/** Nothing goes on after the end of a run. */
function settle(state: RunState): RunState {
  let next = state;
  for (const execution of Object.values(state.executions)) {
    if (['running', 'streaming', 'retrying', 'paused'].includes(execution.phase))
      next = withExecution(next, execution.id, (old) => ({ ...old, phase: 'stopped' }));
  }
  return next;
}

/** The latest execution of a node. */
export function latest(state: RunState, node: string): ExecutionState | undefined {
  const id = state.nodes[node]?.executions.at(-1);
  return id === undefined ? undefined : state.executions[id];
}

/** Executions in the order of their starts. */
export function inOrder(state: RunState): ExecutionState[] {
  return Object.values(state.executions).sort((a, b) => a.index - b.index);
}

/** Who has paid: one row per credential and level, with the number of its calls. */
export function payers(state: RunState): { key: string; resolution: Resolution; calls: number }[] {
  const rows = new Map<string, { key: string; resolution: Resolution; calls: number }>();
  for (const call of state.calls) {
    const key = `${call.resolution.provider}/${call.resolution.credential_name ?? call.resolution.level}/${call.resolution.level}`;
    const row = rows.get(key);
    rows.set(key, row === undefined ? { key, resolution: call.resolution, calls: 1 } : { ...row, calls: row.calls + 1 });
  }
  return [...rows.values()];
}

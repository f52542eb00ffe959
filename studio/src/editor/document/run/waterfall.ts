/** The trace of a run as rows and bars, from node executions and the rows of the ledger. */
import type { Execution, Money, Resolution } from './events';

/** A row of the ledger, as far as the trace needs it. */
export interface Call {
  id: string;
  node_execution_id?: string | null;
  attempt: number;
  opened_at: string;
  closed_at?: string | null;
  latency_ms?: number | null;
  first_token_ms?: number | null;
  outcome: string;
  error_code?: string | null;
  provider: string;
  model?: string | null;
  credential_name?: string | null;
  credential_version?: number | null;
  level?: string | null;
  cost?: Money | null;
  input_tokens: number;
  output_tokens: number;
}

export type SegmentKind = 'wait' | 'model' | 'io' | 'local' | 'failed' | 'box';

export interface Segment {
  kind: SegmentKind;
  /** Milliseconds from the start of the run. */
  from: number;
  to: number;
}

export interface Row {
  id: string;
  node: string;
  kind: string;
  title: string;
  depth: number;
  /** The container's execution. */
  parent?: string;
  /** The round inside of its container, from 0. */
  round?: number;
  status: string;
  from: number;
  to: number;
  segments: Segment[];
  resolution?: Resolution;
  /** The place of the member of a pool that paid, if it was not the first that was tried. */
  tries: number;
  cost: Money[];
  tokens: { in: number; out: number };
  children: number;
  execution: Execution;
  calls: Call[];
}

export interface Waterfall {
  rows: Row[];
  /** Milliseconds. */
  length: number;
  ticks: number[];
}

const MODEL = new Set(['llm', 'question-classifier', 'parameter-extractor', 'agent']);
const OUTSIDE = new Set(['http-request', 'tool', 'knowledge-retrieval']);

/** Sums by currency: currencies are never added together. */
export function addUp(amounts: readonly (Money | null | undefined)[]): Money[] {
  const sums = new Map<string, number>();
  for (const money of amounts) if (money != null) sums.set(money.currency, (sums.get(money.currency) ?? 0) + Number(money.amount));
  return [...sums].map(([currency, amount]) => ({ currency, amount: String(Number(amount.toFixed(10))) }));
}

/** Round steps for an axis, at most six of them. */
export function ticksOf(length: number): number[] {
  const steps = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  ];
  const step = steps.find((candidate) => length / candidate <= 5) ?? Math.ceil(length / 5 / 3_600_000) * 3_600_000;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

function segmentsOf(execution: Execution, from: number, to: number, calls: readonly Call[], zero: number, box: boolean): Segment[] {
  if (box) return [{ kind: 'box', from, to }];
  if (calls.length === 0) {
    const kind = execution.status === 'failed' ? 'failed' : OUTSIDE.has(execution.type) ? 'io' : MODEL.has(execution.type) ? 'wait' : 'local';
    return [{ kind, from, to }];
  }
  return calls.flatMap((call): Segment[] => {
    const begin = Date.parse(call.opened_at) - zero;
    const end = call.latency_ms == null ? (call.closed_at == null ? to : Date.parse(call.closed_at) - zero) : begin + call.latency_ms;
    if (call.outcome !== 'succeeded' && call.outcome !== 'open') return [{ kind: 'failed', from: begin, to: end }];
    if (call.first_token_ms == null) return [{ kind: call.outcome === 'open' ? 'wait' : 'model', from: begin, to: end }];
    const first = Math.min(begin + call.first_token_ms, end);
    return [
      { kind: 'wait', from: begin, to: first },
      { kind: 'model', from: first, to: end },
    ];
  });
}

const pathKey = (execution: Execution, length: number): string =>
  execution.iteration_path
    .slice(0, length)
    .map((step) => `${step.node_id}:${step.index}`)
    .join('/');

/** The container's execution that an execution is in. */
function parentOf(executions: readonly Execution[], execution: Execution): Execution | undefined {
  const depth = execution.iteration_path.length;
  const step = execution.iteration_path[depth - 1];
  if (step === undefined) return undefined;
  return executions.find(
    (candidate) =>
      candidate.node_id === step.node_id &&
      candidate.iteration_path.length === depth - 1 &&
      pathKey(candidate, depth - 1) === pathKey(execution, depth - 1),
  );
}

/** The trace. `now` is the end of the axis of a run that is still going. */
export function waterfallOf(executions: readonly Execution[], calls: readonly Call[], startedAt: string, now: number | undefined): Waterfall {
  const zero = Date.parse(startedAt);
  const byExecution = new Map<string, Call[]>();
  for (const call of calls) {
    if (call.node_execution_id == null) continue;
    const known = byExecution.get(call.node_execution_id) ?? [];
    byExecution.set(call.node_execution_id, [...known, call]);
  }
  const children = new Map<string, Execution[]>();
  const top: Execution[] = [];
  for (const execution of [...executions].sort((a, b) => a.index - b.index)) {
    const parent = parentOf(executions, execution);
    if (parent === undefined) top.push(execution);
    else children.set(parent.id, [...(children.get(parent.id) ?? []), execution]);
  }
  const rows: Row[] = [];
  let length = now === undefined ? 0 : Math.max(0, now - zero);
  const sumOf = (execution: Execution): Call[] => [...(byExecution.get(execution.id) ?? []), ...(children.get(execution.id) ?? []).flatMap(sumOf)];
  const add = (execution: Execution, depth: number, parent: Execution | undefined) => {
    const inside = children.get(execution.id) ?? [];
    const from = Math.max(0, Date.parse(execution.started_at) - zero);
    const to = execution.elapsed_ms == null ? Math.max(from, (now ?? zero + from) - zero) : from + execution.elapsed_ms;
    const own = (byExecution.get(execution.id) ?? []).sort((a, b) => Date.parse(a.opened_at) - Date.parse(b.opened_at));
    const box = execution.type === 'iteration' || execution.type === 'loop';
    length = Math.max(length, to);
    rows.push({
      id: execution.id,
      node: execution.node_id,
      kind: execution.type,
      title: execution.title || execution.node_id,
      depth,
      ...(parent === undefined ? {} : { parent: parent.id, round: execution.iteration_path.at(-1)?.index ?? 0 }),
      status: execution.status,
      from,
      to,
      segments: segmentsOf(execution, from, to, own, zero, box),
      ...(execution.resolution == null ? {} : { resolution: execution.resolution }),
      tries: Math.max(
        1,
        execution.attempts,
        own.length > 0 && !box && execution.type !== 'agent' ? own.filter((call) => call.outcome !== 'succeeded').length + 1 : 1,
      ),
      cost: addUp(sumOf(execution).map((call) => call.cost)),
      tokens: { in: execution.input_tokens, out: execution.output_tokens },
      children: inside.length,
      execution,
      calls: own,
    });
    inside.sort((a, b) => (a.iteration_path.at(-1)?.index ?? 0) - (b.iteration_path.at(-1)?.index ?? 0) || a.index - b.index);
    for (const child of inside) add(child, depth + 1, execution);
  };
  for (const execution of top) add(execution, 0, undefined);
  return { rows, length, ticks: ticksOf(length) };
}

/** The rows to be shown: those whose containers are all unfolded, of long containers one page of rounds. */
export function visible(rows: readonly Row[], folded: ReadonlySet<string>, pages: ReadonlyMap<string, number>, roundsAPage = 50): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return rows.filter((row) => {
    for (let here: Row = row; here.parent !== undefined;) {
      if (folded.has(here.parent)) return false;
      const page = pages.get(here.parent) ?? 0;
      const round = here.round ?? 0;
      if (round < page * roundsAPage || round >= (page + 1) * roundsAPage) return false;
      const parent = byId.get(here.parent);
      if (parent === undefined) return true;
      here = parent;
    }
    return true;
  });
}

/** How many rounds a container had. */
export const roundsOf = (rows: readonly Row[], container: string): number =>
  1 + Math.max(-1, ...rows.filter((row) => row.parent === container).map((row) => row.round ?? 0));

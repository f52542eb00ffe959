/** The events of a run, as `GET /runs/{id}/events` sends them (docs/api.md). */
import type { JsonObject, JsonValue } from '../json';

export interface Step {
  node_id: string;
  index: number;
}

export interface Considered {
  level: string;
  outcome: string;
  code?: string | null;
  would_be?: string | null;
}

export interface Resolution {
  credential_id?: string | null;
  credential_name?: string | null;
  credential_version?: number | null;
  provider: string;
  level: string;
  selector?: string | null;
  selector_rendered?: string | null;
  fallback?: number | null;
  pool?: { name: string; member: string; attempt: number } | null;
  skipped?: { code: string; credential_name?: string | null }[];
  considered: Considered[];
}

export interface CredentialFailure {
  code: string;
  considered: Considered[];
  credential_id?: string | null;
  credential_name?: string | null;
  level?: string | null;
  selector?: string | null;
  selector_rendered?: string | null;
}

export interface Failure {
  error_type: string;
  message: string;
  credential?: CredentialFailure | null;
}

/** A node execution as the API lists it. */
export interface Execution {
  id: string;
  node_id: string;
  type: string;
  title: string;
  index: number;
  iteration_path: Step[];
  status: string;
  inputs?: JsonObject | null;
  outputs?: JsonObject | null;
  process_data?: JsonObject | null;
  error?: Failure | null;
  attempts: number;
  resolution?: Resolution | null;
  started_at: string;
  elapsed_ms?: number | null;
  input_tokens: number;
  output_tokens: number;
}

export interface Money {
  amount: string;
  currency: string;
}

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cost: Money[];
  unpriced_calls: number;
}

interface Common {
  run_id: string;
  sequence: number;
  at: string;
}

interface Rounds {
  node_id: string;
  execution_id: string;
  iteration_path: Step[];
}

export type RunEvent = Common &
  (
    | { event: 'run_started'; inputs: JsonObject }
    | {
        event: 'node_started';
        node_id: string;
        execution_id: string;
        type: string;
        title: string;
        index: number;
        iteration_path: Step[];
        predecessor?: string | null;
      }
    | { event: 'model_call'; call_id: string; node_id: string; execution_id: string; attempt: number; model: string; resolution: Resolution }
    | { event: 'agent_log'; node_id: string; execution_id: string; label?: string; status?: string }
    | { event: 'text_chunk'; node_id: string; selector: string[]; text: string; is_final: boolean }
    | { event: 'reasoning_chunk'; node_id: string; text: string; is_final: boolean }
    | { event: 'node_retry'; node_id: string; execution_id: string; retry_index: number; error: Failure }
    | ({ event: 'iteration_started' | 'loop_started'; length: number } & Rounds)
    | ({ event: 'iteration_next' | 'loop_next'; index: number; previous?: JsonValue } & Rounds)
    | ({ event: 'iteration_succeeded' | 'iteration_failed' | 'loop_succeeded' | 'loop_failed'; steps: number; durations_ms: number[] } & Rounds)
    | { event: 'form_requested'; form_id: string; node_id: string; title?: string }
    | { event: 'form_answered'; node_id: string; execution_id: string }
    | ({ event: 'node_finished' } & Execution)
    | { event: 'run_paused'; usage: Usage; outputs: JsonObject; steps: number; exceptions: number }
    | {
        event: 'run_finished';
        status: string;
        outputs: JsonObject;
        error?: { code: string; message: string; node_id?: string | null } | null;
        usage: Usage;
        steps: number;
        exceptions: number;
      }
    | { event: 'node_restarted'; node_id: string; text: string }
  );

const NAMES: Record<RunEvent['event'], true> = {
  run_started: true,
  node_started: true,
  model_call: true,
  agent_log: true,
  text_chunk: true,
  reasoning_chunk: true,
  node_retry: true,
  iteration_started: true,
  iteration_next: true,
  iteration_succeeded: true,
  iteration_failed: true,
  loop_started: true,
  loop_next: true,
  loop_succeeded: true,
  loop_failed: true,
  form_requested: true,
  form_answered: true,
  node_finished: true,
  run_paused: true,
  run_finished: true,
  node_restarted: true,
};

/** One frame of the stream, read; undefined for a ping, and for what a later server may send. */
export function readEvent(name: string, data: string): RunEvent | undefined {
  if (!Object.hasOwn(NAMES, name)) return undefined;
  return { event: name, ...(JSON.parse(data) as object) } as RunEvent;
}

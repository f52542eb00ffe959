import { createKey, EventStreamError, followEvents } from '@latchkey/client';
import { ok, sessionHeaders } from '@/api/http';
import { ApiError, toApiError } from '@/api/problem';

/** What comes of a message while it is answered. */
export type ChatEvent =
  | { kind: 'started'; run: string | null; conversation: string | null; stop: string | null; message?: string | null }
  | { kind: 'paid'; provider: string; name: string }
  | { kind: 'text'; text: string }
  | { kind: 'waiting' }
  | { kind: 'failed'; code: string; message: string }
  | { kind: 'done'; answer: string | null };

export type Ask = { workflow: string; query: string; inputs: Record<string, unknown>; conversation: string | null; user: string; signal: AbortSignal };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether the server speaks the chat API, which keeps conversations. */
export async function hasConversations(): Promise<boolean> {
  const answer = await fetch('/v1', { headers: { Accept: 'application/json' } }).catch(() => null);
  return answer?.ok === true && (answer.headers.get('content-type') ?? '').includes('json');
}

// The chat API knows an app by its key. One is made for as long as this page is open, for this workflow; it is kept nowhere else.
type ChatKey = { id: string; key: string };
const keys = new Map<string, Promise<ChatKey>>();

function chatKey(workflow: string): Promise<ChatKey> {
  const known = keys.get(workflow);
  if (known) return known;
  const made = ok(createKey({ body: { name: 'Chat in the studio', kind: 'app', workflow_id: workflow, scopes: ['runs:read', 'runs:write'], environments: ['production'], expires_at: new Date(Date.now() + 86_400_000).toISOString() } })).then(({ id, key }) => ({ id, key: key ?? '' }));
  keys.set(workflow, made);
  made.catch(() => keys.delete(workflow));
  return made;
}

/** Revokes the keys of this page, also when it is about to be closed. */
export function leaveChat() {
  for (const made of keys.values()) {
    void made.then(({ id }) => fetch(`/api/v1/api-keys/${id}`, { method: 'DELETE', keepalive: true, headers: sessionHeaders() })).catch(() => undefined);
  }
  keys.clear();
}

const authorized = async (workflow: string) => ({ Authorization: `Bearer ${(await chatKey(workflow)).key}`, 'Content-Type': 'application/json' });

export function fromService(data: Record<string, unknown>): ChatEvent[] {
  const conversation = text(data.conversation_id) || null;
  const stop = text(data.task_id) || null;
  switch (data.event) {
    case 'workflow_started':
      return [{ kind: 'started', run: text(data.workflow_run_id) || null, conversation, stop, message: text(data.message_id) || null }];
    case 'message':
    case 'agent_message':
      return [{ kind: 'text', text: text(data.answer) }];
    case 'message_replace':
      return [{ kind: 'done', answer: text(data.answer) }];
    case 'workflow_paused':
      return [{ kind: 'waiting' }];
    case 'error':
      return [{ kind: 'failed', code: text(data.code), message: text(data.message) }];
    case 'message_end':
      return [{ kind: 'done', answer: null }];
    default:
      return [];
  }
}

async function* askService(ask: Ask): AsyncGenerator<ChatEvent> {
  const body = JSON.stringify({ query: ask.query, inputs: ask.inputs, user: ask.user, response_mode: 'streaming', ...(ask.conversation ? { conversation_id: ask.conversation } : {}) });
  for await (const event of followEvents({ url: '/v1/chat-messages', method: 'POST', headers: await authorized(ask.workflow), body, signal: ask.signal })) yield* fromService(record(event.data));
}

export function fromRun(name: string, data: Record<string, unknown>): ChatEvent[] {
  const resolution = record(data.resolution);
  switch (name) {
    case 'run_started':
      return [{ kind: 'started', run: text(data.run_id), conversation: null, stop: text(data.run_id) }];
    case 'model_call':
      return resolution.credential_name ? [{ kind: 'paid', provider: text(resolution.provider), name: text(resolution.credential_name) }] : [];
    case 'text_chunk':
      return [{ kind: 'text', text: text(data.text) }];
    case 'run_paused':
      return [{ kind: 'waiting' }];
    case 'run_finished': {
      const error = record(data.error);
      if (data.status === 'failed') return [{ kind: 'failed', code: text(error.code), message: text(error.message) }];
      return [{ kind: 'done', answer: text(record(data.outputs).answer) || null }];
    }
    default:
      return [];
  }
}

/** Without the chat API each message is a run of its own. */
async function* askRun(ask: Ask): AsyncGenerator<ChatEvent> {
  const body = JSON.stringify({ query: ask.query, inputs: ask.inputs, end_user: ask.user, response_mode: 'streaming' });
  const headers = { 'Content-Type': 'application/json', ...sessionHeaders() };
  for await (const event of followEvents({ url: `/api/v1/workflows/${ask.workflow}/runs`, method: 'POST', headers, body, signal: ask.signal, last: ['run_finished', 'run_paused'] })) yield* fromRun(event.event, record(event.data));
}

/** The service's envelope has `code` and `message`; ours has `code` and `detail`. */
function asApiError(error: EventStreamError): ApiError {
  const problem = record(error.problem);
  return new ApiError(error.status, { code: text(problem.code) || `http_${error.status}`, detail: text(problem.detail) || text(problem.message) });
}

export async function* askChat(ask: Ask, conversations: boolean): AsyncGenerator<ChatEvent> {
  try {
    yield* conversations ? askService(ask) : askRun(ask);
  } catch (error) {
    throw error instanceof EventStreamError ? asApiError(error) : error;
  }
}

export type Conversation = { id: string; name: string; updated_at: number };
export type PastMessage = { id: string; query: string; answer: string; status: string; error: string | null };

async function read<T>(workflow: string, path: string): Promise<T> {
  const response = await fetch(path, { headers: await authorized(workflow) });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw toApiError(body, response);
  return body as T;
}

export const conversationsOf = async (workflow: string, user: string) => (await read<{ data: Conversation[] }>(workflow, `/v1/conversations?limit=50&user=${encodeURIComponent(user)}`)).data;
export const messagesOf = async (workflow: string, user: string, conversation: string) =>
  (await read<{ data: PastMessage[] }>(workflow, `/v1/messages?limit=100&user=${encodeURIComponent(user)}&conversation_id=${encodeURIComponent(conversation)}`)).data;
export const stopChat = async (workflow: string, task: string, user: string) =>
  fetch(`/v1/chat-messages/${encodeURIComponent(task)}/stop`, { method: 'POST', headers: await authorized(workflow), body: JSON.stringify({ user }) });

/** What the app says first, and which questions it offers. */
export type Opening = { statement: string; questions: string[]; after: boolean };

export async function openingOf(workflow: string): Promise<Opening> {
  const parameters = await read<Record<string, unknown>>(workflow, '/v1/parameters');
  const questions = Array.isArray(parameters.suggested_questions) ? parameters.suggested_questions.map(text).filter(Boolean) : [];
  return { statement: text(parameters.opening_statement), questions, after: record(parameters.suggested_questions_after_answer).enabled === true };
}

/** Questions that may follow an answer. A model writes them, and its key pays for that. */
export const suggestedAfter = async (workflow: string, user: string, message: string) =>
  (await read<{ data: string[] }>(workflow, `/v1/messages/${encodeURIComponent(message)}/suggested?user=${encodeURIComponent(user)}`)).data;

import { client } from '@latchkey/client';
import { lost, reached, setSessionEnded } from './connection';
import { ApiError, OfflineError, toApiError } from './problem';

let csrfToken: string | null = null;

/** The session's token; every changing request carries it. */
export function setCsrfToken(token: string | null) {
  csrfToken = token;
}

/** Headers for a request that is made without the client, such as one that opens a stream. */
export const sessionHeaders = (): Record<string, string> => (csrfToken ? { 'X-CSRF-Token': csrfToken } : {});

const asked = (url: string) => /\/api\/v1\/(session|setup|invitations\/(by-token|accept))$/.test(new URL(url, location.origin).pathname);

async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  try {
    const response = await fetch(request);
    // A proxy in between answers for a server that is away.
    if (response.status === 502 || response.status === 504) {
      lost();
      throw new OfflineError();
    }
    reached();
    if (response.status === 401 && !asked(request.url)) setSessionEnded(true);
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    lost();
    throw error instanceof OfflineError ? error : new OfflineError();
  }
}

client.setConfig({ baseUrl: '', fetch: send, credentials: 'same-origin' });
client.interceptors.request.use((request) => {
  if (csrfToken && request.method !== 'GET') request.headers.set('X-CSRF-Token', csrfToken);
  return request;
});

type Answer<T> = { data?: T; error?: unknown; response?: Response };

/** The data of an answer, or its problem as an error. */
export async function ok<T>(answer: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (response && !response.ok) throw toApiError(error, response);
  if (!response) throw error instanceof Error ? error : new OfflineError();
  return data as NonNullable<T>;
}

/** The data with its ETag, for drafts and settings. */
export async function okTagged<T>(answer: Promise<Answer<T>>): Promise<{ data: NonNullable<T>; etag: string | null }> {
  const settled = await answer;
  const data = await ok(Promise.resolve(settled));
  return { data, etag: settled.response?.headers.get('etag') ?? null };
}

/** For routes that the client does not have. */
export async function request<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await send(path, {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(method === 'GET' ? {} : sessionHeaders()),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const type = response.headers.get('content-type') ?? '';
  const parsed: unknown = type.includes('json') ? await response.json() : await response.text();
  if (!response.ok) throw toApiError(parsed, response);
  // A page answers for a route that is not there, where the page and the server are one.
  if (response.status !== 204 && !type.includes('json')) throw new ApiError(404, { code: 'not_found' });
  return parsed as T;
}

/** One event of a stream of server-sent events. */
export type StreamEvent = {
  /** The position in the stream; give it back as `lastEventId` to go on after it. */
  id: string;
  /** Such as `node_started` or `text_chunk`. */
  event: string;
  /** The parsed JSON of the data. */
  data: unknown;
};

/** A stream that the server refused, with its problem document where there is one. */
export class EventStreamError extends Error {
  readonly status: number;
  readonly problem: unknown;

  constructor(status: number, problem: unknown) {
    super(`the server answered ${status}`);
    this.name = 'EventStreamError';
    this.status = status;
    this.problem = problem;
  }
}

export type FollowOptions = {
  /** The whole address, such as `/api/v1/runs/{id}/events`. */
  url: string;
  /** GET unless said; a POST starts a run and answers with its events. */
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
  /** Begin after this event. */
  lastEventId?: string;
  signal?: AbortSignal;
  /** Names of events after which the stream is over and is not opened again. */
  last?: readonly string[];
  /** Told when the connection is lost, with the milliseconds until the next try. A GET is tried again, a POST is not. */
  onLost?: (retryInMs: number) => void;
  /** The first wait before another try, in milliseconds; it doubles up to 16 times this. 500 unless said. */
  retryMs?: number;
};

const wait = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Reads one block of lines; comments and empty blocks give nothing. */
export function parseBlock(block: string): StreamEvent | null {
  let id = '';
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) continue;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') id = value;
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  if (data.length === 0) return null;
  const text = data.join('\n');
  try {
    return { id, event, data: JSON.parse(text) };
  } catch {
    return { id, event, data: text };
  }
}

async function* read(response: Response): AsyncGenerator<StreamEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer = (buffer + value).replaceAll('\r\n', '\n');
      let end = buffer.indexOf('\n\n');
      while (end >= 0) {
        const event = parseBlock(buffer.slice(0, end));
        buffer = buffer.slice(end + 2);
        if (event) yield event;
        end = buffer.indexOf('\n\n');
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function open(options: FollowOptions, lastEventId: string): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'text/event-stream', ...options.headers };
  if (lastEventId) headers['Last-Event-ID'] = lastEventId;
  const response = await fetch(options.url, {
    method: options.method ?? 'GET',
    headers,
    ...(options.body === undefined ? {} : { body: options.body }),
    ...(options.signal ? { signal: options.signal } : {}),
    credentials: 'same-origin',
  });
  if (!response.ok) {
    throw new EventStreamError(response.status, await response.json().catch(() => null));
  }
  return response;
}

/**
 * The events of a run, in order, each once. A lost connection of a GET is opened again after the last event that was
 * read. Ends with an event of `last`, with the signal, and, for a POST, with the connection.
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<StreamEvent> {
  const first = options.retryMs ?? 500;
  let lastEventId = options.lastEventId ?? '';
  let delay = first;
  for (;;) {
    try {
      for await (const event of read(await open(options, lastEventId))) {
        delay = first;
        if (event.id) lastEventId = event.id;
        yield event;
        if (options.last?.includes(event.event)) return;
      }
    } catch (error) {
      if (options.signal?.aborted) return;
      if (options.method === 'POST') throw error;
      if (error instanceof EventStreamError && error.status < 500 && error.status !== 429) throw error;
    }
    if (options.signal?.aborted || options.method === 'POST') return;
    options.onLost?.(delay);
    await wait(delay, options.signal);
    if (options.signal?.aborted) return;
    delay = Math.min(delay * 2, first * 16);
  }
}

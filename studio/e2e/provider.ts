import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A provider that speaks OpenAI's wire format. What a key is called decides how it answers. */
export type Provider = { url: string; port: number; close: () => Promise<void>; /** Calls by the last four of the key that paid. */ calls: Map<string, number> };

const body = async (request: IncomingMessage) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>);
};

function refuse(response: ServerResponse, status: number, message: string, code: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message, type: code, code } }));
}

function chat(request: Record<string, unknown>, key: string, response: ServerResponse) {
  // A classifier asks for JSON.
  const words = JSON.stringify(request).includes('category_id') ? ['{"category_id":', '"1",', '"category_name":', '"Billing"}'] : `The answer comes from the model and is paid by the key that ends in ${key.slice(-4)}.`.split(' ');
  const usage = { prompt_tokens: 4120 + JSON.stringify(request).length % 600, completion_tokens: 960 + (key.length * 37) % 240, total_tokens: 0, prompt_tokens_details: { cached_tokens: 1280 } };
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  const base = { id: 'chatcmpl-test', created: 1, model: request.model };
  if (request.stream !== true) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...base, object: 'chat.completion', usage, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: words.join(' ') } }] }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (choices: unknown[], more: object = {}) => response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`);
  words.forEach((word, index) => send([{ index: 0, delta: { ...(index === 0 ? { role: 'assistant' } : {}), content: `${index === 0 ? '' : ' '}${word}` }, finish_reason: null }]));
  send([{ index: 0, delta: {}, finish_reason: 'stop' }]);
  send([], { usage });
  response.end('data: [DONE]\n\n');
}

export async function startProvider(): Promise<Provider> {
  const calls = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    void (async () => {
      const key = (request.headers.authorization ?? '').replace('Bearer ', '') || String(request.headers['x-api-key'] ?? '');
      const asked = await body(request);
      if (key.includes('refused')) return refuse(response, 401, 'Incorrect API key provided', 'invalid_api_key');
      if (key.includes('busy') && request.url?.includes('chat')) return refuse(response, 429, 'Rate limit reached', 'rate_limit_exceeded', { 'retry-after': '900' });
      if (request.url?.endsWith('/models')) {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ object: 'list', data: ['gpt-4o', 'gpt-4o-mini'].map((id) => ({ id, object: 'model', owned_by: 'test' })) }));
        return;
      }
      calls.set(key.slice(-4), (calls.get(key.slice(-4)) ?? 0) + 1);
      chat(asked, key, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    calls,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

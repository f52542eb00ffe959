import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** The built studio in front of a server, as the server serves it: the same policy, everything else passed on. */
export type Pages = { url: string; close: () => Promise<void> };

const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const passed = /^\/(api|v1|files|webhooks|docs|healthz|readyz|openapi\.json)(\/|\?|$)/;

function pass(target: URL, request: IncomingMessage, response: ServerResponse) {
  const outgoing = ask({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  // A server that is away: the connection ends, as it would without anything between.
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
}

function page(dist: string, response: ServerResponse) {
  const nonce = randomBytes(16).toString('base64');
  const text = readFileSync(join(dist, 'index.html'), 'utf8').replace('<meta name="csp-nonce" content="', `<meta name="csp-nonce" content="${nonce}`);
  const policy = `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy });
  response.end(text);
}

/** LATCHKEY_STUDIO=embedded takes the server's own pages; else those that `npm run build` made are shown in front of it. */
export async function startPages(server: string): Promise<Pages> {
  if (process.env.LATCHKEY_STUDIO === 'embedded') return { url: server, close: () => Promise.resolve() };
  const dist = join(import.meta.dirname, '..', 'dist');
  if (!existsSync(join(dist, 'index.html'))) throw new Error('there is no dist/: npm run build makes it');
  const target = new URL(server);
  const front = createServer((request, response) => {
    const url = request.url ?? '/';
    if (passed.test(url)) return pass(target, request, response);
    const path = normalize(decodeURIComponent(url.split('?')[0] ?? '/'));
    const file = join(dist, path);
    if (extname(path) && file.startsWith(dist) && existsSync(file)) {
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
      response.end(readFileSync(file));
      return;
    }
    page(dist, response);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        front.closeAllConnections();
        front.close(() => resolve());
      }),
  };
}

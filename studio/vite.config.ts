import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { ProxyOptions } from 'vite';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// In development the server is reached through here, with a key from the environment where no account is signed in.
const server = process.env.LATCHKEY_URL ?? 'http://127.0.0.1:8080';
const key = process.env.LATCHKEY_API_KEY;
const target: ProxyOptions = {
  target: server,
  configure: (proxy) => {
    proxy.on('proxyReq', (outgoing, incoming) => {
      if (key && !incoming.headers.authorization) outgoing.setHeader('Authorization', `Bearer ${key}`);
    });
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@latchkey/client': at('../clients/typescript/src/index.ts'), '@': at('./src') } },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 900 },
  server: {
    host: '127.0.0.1',
    fs: { allow: [at('..')] },
    proxy: { '^/api/': target, '^/v1(/|$)': target, '^/(healthz|readyz|openapi.json|docs)$': server, '^/files/': server },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});

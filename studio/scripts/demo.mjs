// A server with believable data, for development: node scripts/demo.mjs [port]. It runs until it is ended.
import { runnerImport } from 'vite';

const load = async (path) => (await runnerImport(path, { configFile: false })).module;
const { startServer } = await load('./e2e/serve.ts');
const { startProvider } = await load('./e2e/provider.ts');
const { seed, run } = await load('./e2e/seed.ts');

const provider = await startProvider();
const port = process.argv[2];
const server = await startServer({}, port);
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.on('SIGINT', () => void server.stop().then(() => process.exit(0)));
try {
  const made = await seed(server.url, server.token, provider.url);
  await run(server.url, server.token, made);
} catch (error) {
  await server.stop();
  throw error;
}
console.log(`LATCHKEY_URL=${server.url} LATCHKEY_API_KEY=${server.token} npm run dev`);
console.log(`data: ${server.dir}`);
setInterval(() => undefined, 60_000);

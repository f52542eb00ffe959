import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer as createNet } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Running = { url: string; token: string; dir: string; stop: () => Promise<void>; /** Starts it anew on the same data. */ again: () => Promise<void> };

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createNet();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

async function until(condition: () => Promise<boolean>, what: string) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited too long for ${what}`);
}

/** The built server with a fresh data directory, named by LATCHKEY_BIN. */
export async function startServer(more: Record<string, string> = {}, wanted?: string): Promise<Running> {
  const binary = process.env.LATCHKEY_BIN;
  if (!binary) throw new Error('LATCHKEY_BIN names the built server');
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-studio-'));
  const port = wanted ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  // The server refuses settings that it does not know, such as those of these tests.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_'));
  const env = { ...Object.fromEntries(inherited), LATCHKEY_LISTEN: `127.0.0.1:${port}`, LATCHKEY_DATA_DIR: dir, LATCHKEY_OUTBOUND_ALLOW: '127.0.0.0/8', LATCHKEY_LOG: 'warn', ...more };
  let child: ChildProcess;
  const launch = async () => {
    child = spawn(binary, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    await until(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true, 'the server');
  };
  await launch();
  await until(() => Promise.resolve(existsSync(join(dir, 'first-token'))), 'the first token');
  return {
    url,
    dir,
    token: readFileSync(join(dir, 'first-token'), 'utf8').trim(),
    again: launch,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

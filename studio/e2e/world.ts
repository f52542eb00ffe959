import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Pages, startPages } from './pages';
import { type Provider, startProvider } from './provider';
import { api, nearlySpent, run, seed, type Seeded } from './seed';
import { type Running, startServer } from './serve';

export const owner = { name: 'Mara Kessler', email: 'mara@northwind.example', password: 'correct horse battery' };

export type Bare = { server: Running; pages: Pages; provider: Provider };
export type World = Bare & { made: Seeded };

/** A server nobody has set up yet, the pages in front of it, and a provider. */
export async function startBare(): Promise<Bare> {
  const provider = await startProvider();
  const server = await startServer();
  return { provider, server, pages: await startPages(server.url) };
}

export async function stopBare({ provider, server, pages }: Bare) {
  await pages.close();
  await server.stop();
  await provider.close();
}

/** The owner's account, and a workspace with content that several customers have paid for. */
export async function startWorld(): Promise<World> {
  const bare = await startBare();
  const { url, token } = bare.server;
  await api(url, token)('POST', '/setup', { token, ...owner });
  const made = await seed(url, token, bare.provider.url);
  await run(url, token, made);
  return { ...bare, made };
}

/** The same after some weeks, for pictures: more runs, at many times. */
export async function startAgedWorld(): Promise<World> {
  const world = await startWorld();
  const call = api(world.server.url, world.server.token);
  const limited = ['customer-acme', 'customer-globex', 'customer-initech', 'acme-prod'].map((name) => world.made.credentials[`openai/${name}`] ?? '');
  const limits = await Promise.all(limited.map(async (id) => (await call('GET', `/credentials/${id}`)).limits));
  for (const id of limited) await call('PATCH', `/credentials/${id}`, { limits: {} });
  await run(world.server.url, world.server.token, world.made, 50);
  await world.server.stop();
  await promisify(execFile)('python3', [join(import.meta.dirname, 'aged.py'), join(world.server.dir, 'latchkey.db')]);
  await world.server.again();
  for (const [index, id] of limited.entries()) await call('PATCH', `/credentials/${id}`, { limits: limits[index] });
  await run(world.server.url, world.server.token, world.made, 1);
  await nearlySpent(world.server.url, world.server.token, world.made.credentials['openai/customer-globex'] ?? '');
  return world;
}

export async function signIn(page: Page, at: string, who: { email: string; password: string } = owner) {
  await page.goto(`${at}/login`);
  await page.getByLabel('Email').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Workflows', level: 1 })).toBeVisible();
}

/** Serious and critical violations only; there may be none. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
  const serious = violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical');
  expect(serious.map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([]);
}

export const expectNoSidewaysScroll = async (page: Page) => {
  const { wide, seen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: window.innerWidth }));
  expect(wide).toBeLessThanOrEqual(seen);
};

/** Complaints of the browser: broken policy, exceptions. Refused requests are part of some tests and are no such complaint. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) found.push(message.text());
  });
  return found;
}

export const test = base.extend<object, { world: World }>({
  world: [
    async ({}, use) => {
      const world = await startWorld();
      await use(world);
      await stopBare(world);
    },
    { scope: 'worker', timeout: 120_000 },
  ],
});
export { expect };

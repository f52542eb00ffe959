import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from '@playwright/test';
import { deskFile } from './desk';
import { api, run } from './seed';
import { complaints, expect, expectAccessible, expectNoSidewaysScroll, owner, signIn, startAgedWorld, startBare, stopBare, test as base, type World } from './world';

const test = base.extend<object, { world: World }>({
  world: [
    async ({}, use) => {
      const world = await startAgedWorld();
      await use(world);
      await stopBare(world);
    },
    { scope: 'worker', timeout: 240_000 },
  ],
});

/** As tall as the page is: what sticks to the window stands where a drawing has it. */
async function picture(page: Page, name: string, wide: number, least: number) {
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: wide, height: Math.max(least, Math.min(tall, 4000)) });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  await page.setViewportSize({ width: wide, height: least });
}

// Every page: no serious violation in light and dark, no sideways scroll, nothing the browser complains of, and a picture of each.
const pictures = join(import.meta.dirname, 'results', 'pictures');
mkdirSync(pictures, { recursive: true });

const pages: { name: string; path: (world: World) => string; ready: string | RegExp }[] = [
  { name: 'workflows', path: () => '/workflows', ready: 'Workflows' },
  { name: 'workflows-cards', path: () => '/workflows?view=cards', ready: 'Workflows' },
  { name: 'import', path: () => '/workflows?import=file', ready: 'Workflows' },
  { name: 'new-workflow', path: () => '/workflows?import=new', ready: 'Workflows' },
  { name: 'runs', path: () => '/runs', ready: 'Runs' },
  { name: 'credentials', path: () => '/credentials', ready: 'Credentials' },
  { name: 'credential', path: ({ made }) => `/credentials/${made.credentials['openai/customer-acme']}`, ready: 'customer-acme' },
  { name: 'credential-refused', path: ({ made }) => `/credentials/${made.credentials['openai/customer-initech']}`, ready: 'customer-initech' },
  { name: 'new-credential', path: () => '/credentials?new=credential', ready: 'Credentials' },
  { name: 'new-pool', path: () => '/credentials?pool=new', ready: 'Credentials' },
  { name: 'usage', path: () => '/usage', ready: 'Usage & cost' },
  { name: 'api', path: () => '/api-keys', ready: 'API & keys' },
  { name: 'members', path: () => '/members', ready: 'Members' },
  { name: 'audit', path: () => '/audit', ready: 'Audit' },
  { name: 'settings', path: () => '/settings', ready: 'Settings' },
  { name: 'chat', path: ({ made }) => `/workflows/${made.workflows['Support desk']}/chat`, ready: /Chat/ },
  { name: 'nothing', path: () => '/credentials/01900000-0000-7000-8000-000000000000', ready: '' },
];

for (const width of [1440, 390]) {
  for (const theme of ['light', 'dark'] as const) {
    test(`every page, ${width} px, ${theme}`, async ({ browser, world }) => {
      test.setTimeout(300_000);
      const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme: theme, locale: 'en-GB', reducedMotion: 'reduce' });
      const page = await context.newPage();
      const found = complaints(page);
      await signIn(page, world.pages.url);
      for (const { name, path, ready } of pages) {
        await test.step(name, async () => {
          // So that limits are in use while they are looked at.
          if (name.startsWith('credential')) await run(world.server.url, world.server.token, world.made, 1);
          await page.goto(world.pages.url + path(world));
          if (ready) await expect(page.locator('h1').filter({ hasText: ready }).first()).toBeAttached();
          else await expect(page.getByRole('heading', { name: 'Nothing here under this address' })).toBeVisible();
          await page.waitForLoadState('networkidle');
          await picture(page, `${name}-${width}-${theme}`, width, width === 390 ? 844 : 900);
          await expectNoSidewaysScroll(page);
          await expectAccessible(page);
        });
      }
      expect(found).toEqual([]);
      await context.close();
    });
  }
}

for (const width of [1440, 390]) {
  for (const theme of ['light', 'dark'] as const) {
    const high = width === 390 ? 844 : 900;
    const context = (browser: Browser) => browser.newContext({ viewport: { width, height: high }, colorScheme: theme, locale: 'en-GB', reducedMotion: 'reduce' });

    test(`the first start, ${width} px, ${theme}`, async ({ browser }) => {
      const bare = await startBare();
      const page = await (await context(browser)).newPage();
      const look = async (name: string) => {
        await page.waitForLoadState('networkidle');
        await picture(page, `${name}-${width}-${theme}`, width, high);
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
      };
      await page.goto(bare.pages.url);
      await expect(page.getByRole('heading', { name: "Make the owner's account" })).toBeVisible();
      await look('setup');
      await page.getByLabel('First token').fill(bare.server.token);
      await page.getByLabel('Your name').fill(owner.name);
      await page.getByLabel('Email').fill(owner.email);
      await page.getByLabel('Password').fill(owner.password);
      await page.getByRole('button', { name: 'Make the account' }).click();
      await expect(page.getByRole('heading', { name: 'Bring a key, or start without one' })).toBeVisible();
      await look('setup-key');
      await page.getByRole('button', { name: /^Skip/ }).click();
      await expect(page.getByRole('heading', { name: 'Begin with a workflow' })).toBeVisible();
      await look('setup-workflow');
      const call = api(bare.server.url, bare.server.token);
      for (const { id } of (await call('GET', '/workflows')).data as { id: string }[]) await call('DELETE', `/workflows/${id}`);
      await page.goto(`${bare.pages.url}/workflows`);
      await expect(page.getByRole('heading', { name: 'Drop your Dify files here' })).toBeVisible();
      await look('empty');
      for (const path of ['credentials', 'runs', 'usage']) {
        await page.goto(`${bare.pages.url}/${path}`);
        await look(`empty-${path}`);
      }
      await page.context().clearCookies();
      await page.goto(`${bare.pages.url}/login`);
      await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
      await look('login');
      await stopBare(bare);
    });

    test(`what opens over pages, ${width} px, ${theme}`, async ({ browser, world }) => {
      const page = await (await context(browser)).newPage();
      const look = async (name: string) => {
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(pictures, `${name}-${width}-${theme}.png`) });
        await expectAccessible(page);
      };
      await signIn(page, world.pages.url);
      await page.goto(`${world.pages.url}/workflows?import=file`);
      await page.getByLabel('Or paste the file').fill(deskFile('http://127.0.0.1:9').replaceAll('translate-pool', 'translate-team'));
      await page.getByRole('button', { name: 'Read it' }).click();
      await expect(page.getByRole('heading', { name: 'Import Ticket desk' })).toBeVisible();
      await look('import-report');
      const made = await api(world.server.url, world.server.token)('POST', '/workflows/import', { content: deskFile('http://127.0.0.1:9'), bind: true, publish: true });
      const id = (made.workflow as { id: string }).id;
      await page.goto(`${world.pages.url}/workflows/${id}`);
      await expect(page.locator('.react-flow__node')).not.toHaveCount(0);
      await page.getByRole('button', { name: 'Keys of this workflow' }).click();
      await expect(page.getByRole('region', { name: 'Keys of this workflow' })).toBeVisible();
      await look('editor-keys');
      await page.goto(`${world.pages.url}/workflows/${id}/chat`);
      await page.getByLabel(/Customer/).fill('acme');
      await page.getByLabel(/Ticket/).fill('We have forty seats.');
      await page.getByLabel('Message', { exact: true }).fill('Where is my invoice?');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('log').getByText('paid for it.')).toBeVisible();
      await look('chat-answered');
      await page.goto(`${world.pages.url}/members`);
      await page.getByRole('button', { name: 'Invite' }).click();
      await look('invite');
    });
  }
}

test('in Chinese', async ({ browser, world }) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${world.pages.url}/login`);
  await page.getByLabel('邮箱').fill('mara@northwind.example');
  await page.getByLabel('密码').fill('correct horse battery');
  await page.getByRole('button', { name: '登录' }).click();
  await expect(page.getByRole('heading', { name: '工作流', level: 1 })).toBeVisible();
  for (const { name, path } of pages) {
    await page.goto(world.pages.url + path(world));
    await page.waitForLoadState('networkidle');
    await picture(page, `${name}-zh`, 1440, 900);
    await expectNoSidewaysScroll(page);
  }
  // Nothing is left that is only a key of a text.
  await expect(page.getByText(/^[a-z]+:[a-z.]+$|^[a-z]+\.[a-zA-Z.]+$/)).toHaveCount(0);
  await context.close();
});

test('the list of workflows loads under 400 KB of compressed script', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  const scripts: { url: string; size: number }[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return;
    void response.body().then((body) => scripts.push({ url: response.url(), size: gzipSync(body).length }));
  });
  await page.goto(`${world.pages.url}/workflows`);
  await expect(page.getByRole('link', { name: 'Support desk' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const sum = scripts.reduce((all, script) => all + script.size, 0);
  test.info().annotations.push({ type: 'size', description: `${Math.round(sum / 1024)} KB in ${scripts.length} files` });
  expect(scripts.length).toBeGreaterThan(1);
  expect(sum).toBeLessThan(400 * 1024);
  // The canvas and the code editor come with the pages that show them.
  expect(scripts.filter((script) => /EditorPage|RunPage|codemirror|xyflow/i.test(script.url))).toEqual([]);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { deskFile } from './desk';
import { api } from './seed';
import { complaints, expect, expectAccessible, expectNoSidewaysScroll, signIn, test, type World } from './world';

const pictures = join(import.meta.dirname, 'results', 'pictures');
mkdirSync(pictures, { recursive: true });

type Draft = { workflow: { graph: { nodes: { id: string; data: { title: string; type: string; model?: Record<string, unknown> } }[]; edges: { source: string; target: string }[] } } };

const caller = ({ server }: World) => api(server.url, server.token);
const draftOf = async (world: World, id: string) => (await caller(world)('GET', `/workflows/${id}/draft`)) as unknown as Draft;
const titles = async (world: World, id: string) => (await draftOf(world, id)).workflow.graph.nodes.map((node) => node.data.title);
const nodeOf = async (world: World, id: string, title: string) => (await draftOf(world, id)).workflow.graph.nodes.find((node) => node.data.title === title);

async function desk(world: World, publish = false): Promise<string> {
  const made = await caller(world)('POST', '/workflows/import', { content: deskFile(world.provider.url.replace('/v1', '/v2')), bind: true, publish });
  return (made.workflow as { id: string }).id;
}

async function open(page: Page, world: World, id: string, search = '') {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}${search}`);
  await expect(page.locator('.react-flow__node')).not.toHaveCount(0);
}

const card = (page: Page, title: string) => page.locator('.react-flow__node').filter({ has: page.locator('.tt', { hasText: title }) });
const run = async (page: Page, tenant: string) => {
  await page.getByRole('button', { name: 'Test run' }).click();
  const drawer = page.getByRole('region', { name: 'Test run' });
  await drawer.getByLabel('Message').fill('The invoice is wrong');
  await drawer.getByLabel(/Customer/).fill(tenant);
  await drawer.getByLabel(/Ticket/).fill('The invoice is wrong. We have forty seats.');
  await drawer.getByRole('button', { name: 'Run the draft' }).click();
  return drawer;
};

test('a node is added, renamed, undone and saved', async ({ page, world }) => {
  const id = await desk(world);
  const found = complaints(page);
  await open(page, world, id);
  await page.keyboard.press('a');
  await page.getByRole('combobox', { name: 'Find a node type' }).fill('templ');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('region', { name: 'Template', exact: true });
  await panel.getByLabel('Title of the node').fill('Summary');
  await expect.poll(() => titles(world, id)).toContain('Summary');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => titles(world, id)).not.toContain('Summary');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => titles(world, id)).not.toContain('Template');
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect.poll(() => titles(world, id)).toContain('Template');
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  expect(found).toEqual([]);
});

test('somebody else saves first: both are kept, or theirs is taken', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id, '?node=parse');
  const other = async (title: string) => {
    const theirs = await draftOf(world, id);
    const node = theirs.workflow.graph.nodes.find((each) => each.id === 'fetch');
    if (node) node.data.title = title;
    await caller(world)('PUT', `/workflows/${id}/draft`, theirs);
  };
  await other('Fetch the invoice');
  const title = page.getByLabel('Title of the node');
  await title.fill('Read the trace');
  await expect(page.getByText(/^First token changed this draft, just now\./)).toBeVisible();
  await expect(page.getByText('Yours touches other nodes')).toBeVisible();
  await page.getByRole('button', { name: 'Keep both' }).click();
  await expect.poll(() => titles(world, id)).toEqual(expect.arrayContaining(['Fetch the invoice', 'Read the trace']));

  await other('Fetch it');
  await title.fill('Mine again');
  await page.getByRole('button', { name: 'Use theirs' }).click();
  await expect(card(page, 'Fetch it')).toBeVisible();
  await expect.poll(() => titles(world, id)).not.toContain('Mine again');
});

test('changes wait while the server is away', async ({ page, world, context }) => {
  const id = await desk(world);
  await open(page, world, id, '?node=parse');
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  await context.setOffline(true);
  await page.getByLabel('Title of the node').fill('Typed while away');
  await expect(page.getByText(/Not saved, offline/)).toBeVisible();
  await context.setOffline(false);
  await expect.poll(() => titles(world, id), { timeout: 40_000 }).toContain('Typed while away');
});

test('who pays: four ways, and the server says what follows', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id, '?node=reply');
  const pays = page.getByRole('region', { name: 'Who pays' });
  const said = async () => (await nodeOf(world, id, 'Draft reply'))?.data.model?.credential_name;
  await expect(pays.getByRole('radio', { name: 'By variable' })).toBeChecked();
  await pays.getByRole('button', { name: 'Try a value' }).or(pays.getByPlaceholder('A value to try')).first().click();
  await pays.getByPlaceholder('A value to try').fill('acme');
  await expect(pays.getByTitle('customer-acme')).toBeVisible();
  await pays.getByPlaceholder('A value to try').fill('umbra');
  await expect(pays.getByText('No credential has this name')).toBeVisible();

  await pays.getByRole('radio', { name: 'Inherited' }).click();
  await expect(pays.getByText('now, from the binding of this workflow')).toBeVisible();
  await expect(pays.getByText('Level 3, workflow binding')).toBeVisible();
  expect(await said()).toBeUndefined();

  await pays.getByRole('radio', { name: 'Credential', exact: true }).click();
  await pays.getByRole('button', { name: 'Credential' }).last().click();
  await page.getByRole('option', { name: /customer-acme/ }).click();
  await expect.poll(said).toBe('customer-acme');

  await pays.getByRole('radio', { name: 'Pool' }).click();
  await pays.getByRole('combobox', { name: 'Pool', exact: true }).selectOption('translate-pool');
  await expect.poll(said).toBe('translate-pool');
  await expect(pays.getByText('acme-overflow')).toBeVisible();

  await pays.getByRole('radio', { name: 'By variable' }).click();
  await expect.poll(said).toBe('customer-{{#start.tenant#}}');
  await pays.getByLabel('If that key cannot be used').selectOption('list');
  await pays.getByLabel('Add a key to try').selectOption('acme-prod');
  await expect.poll(async () => (await nodeOf(world, id, 'Draft reply'))?.data.model?.credential_fallback).toEqual(['acme-prod']);
});

test('variables are offered while typing, and a pill is one thing', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id, '?node=answer');
  const text = page.getByRole('textbox', { name: 'Answer', exact: true });
  await text.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' for {{tick');
  await page.getByRole('option', { name: /ticket_text/ }).click();
  const answer = async () => ((await nodeOf(world, id, 'Answer'))?.data as unknown as { answer: string }).answer;
  await expect.poll(answer).toBe('{{#reply.text#}} for {{#start.ticket_text#}}');
  await text.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Backspace');
  await expect.poll(answer).toBe('{{#reply.text#}} for ');
});

test('a test run lights the canvas, and its page says why this key', async ({ page, world }) => {
  const id = await desk(world);
  const found = complaints(page);
  await open(page, world, id);
  const drawer = await run(page, 'acme');
  await expect(drawer.locator('.ph').getByText('Succeeded')).toBeVisible({ timeout: 60_000 });
  await expect(card(page, 'Draft reply').locator('.nd')).toHaveClass(/okk/);
  await expect(card(page, 'Search help centre').locator('.nd')).toHaveClass(/skipped|okk/);
  await expect(drawer.getByText('paid by the key that ends in 9f3c').first()).toBeVisible();
  await page.screenshot({ path: join(pictures, 'editor-run-1440-light.png') });
  await drawer.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('table', { name: 'Trace' })).toBeVisible();
  await page.getByRole('row', { name: /Draft reply/ }).click();
  const why = page.getByRole('region', { name: 'Why this key' });
  await expect(why).toContainText('customer-acme');
  await expect(why).toContainText('customer-{{#start.tenant#}}');
  await expect(why).toContainText('Level 2 of 6');
  await page.getByRole('row', { name: /Translate 1/ }).click();
  await expect(why).toContainText('acme-prod');
  await page.getByRole('tab', { name: /Ledger/ }).click();
  await expect(page.getByRole('cell', { name: /customer-acme/ }).first()).toBeVisible();
  await page.getByRole('tab', { name: /Events/ }).click();
  await expect(page.getByText('run_finished')).toBeVisible();
  expect(found).toEqual([]);
});

test('a run that a key rule refuses says what happened and what can be done', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id);
  const drawer = await run(page, 'umbra');
  await expect(drawer.locator('.ph').getByText('Failed')).toBeVisible({ timeout: 60_000 });
  await expect(card(page, 'Classify ticket').locator('.nd')).toHaveClass(/failed/);
  await drawer.getByRole('link', { name: 'Open the run' }).click();
  await expect(page.getByRole('tab', { name: 'What happened' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByText('No credential is called customer-umbra, so Classify ticket did not call the model.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Why this key' })).toContainText('Stopped at level 2');
  await expectAccessible(page);
});

test('one node runs alone', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id, '?node=parse');
  await page.getByRole('region', { name: 'Parse stack trace' }).getByRole('button', { name: 'Run this node' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run Parse stack trace alone' });
  await dialog.getByLabel(/ticket_text/).fill('at main');
  await dialog.getByRole('button', { name: 'Run this node' }).click();
  const drawer = page.getByRole('region', { name: 'Test run' });
  await expect(drawer.locator('.ph').getByText('Succeeded')).toBeVisible({ timeout: 60_000 });
  await expect(card(page, 'Parse stack trace').locator('.nd')).toHaveClass(/okk/);
  await expect(card(page, 'Draft reply').locator('.nd')).not.toHaveClass(/okk|skipped/);
});

test('a long run is stopped', async ({ page, world }) => {
  const made = await caller(world)('POST', '/workflows/import', {
    content: JSON.stringify({
      kind: 'app', version: '0.6.0', app: { name: 'Waits', mode: 'workflow' },
      workflow: { graph: { nodes: [
        { id: 'start', type: 'custom', position: { x: 0, y: 0 }, data: { type: 'start', title: 'Start', variables: [] } },
        { id: 'ask', type: 'custom', position: { x: 300, y: 0 }, data: { type: 'human-input', title: 'Ask', form_content: 'Well?', inputs: [], user_actions: [{ id: 'yes', title: 'Yes', button_style: 'primary' }], timeout: 1, timeout_unit: 'hour', delivery_methods: [{ id: 'w', type: 'webapp', enabled: true, config: {} }] } },
        { id: 'end', type: 'custom', position: { x: 600, y: 0 }, data: { type: 'end', title: 'End', outputs: [] } },
      ], edges: [{ id: 'a', source: 'start', target: 'ask', sourceHandle: 'source' }, { id: 'b', source: 'ask', target: 'end', sourceHandle: 'yes' }] } },
    }),
  });
  await open(page, world, (made.workflow as { id: string }).id);
  await page.getByRole('button', { name: 'Test run' }).click();
  const drawer = page.getByRole('region', { name: 'Test run' });
  await drawer.getByRole('button', { name: 'Run the draft' }).click();
  await expect(drawer.getByText('It waits for a person.')).toBeVisible({ timeout: 60_000 });
  await expect(card(page, 'Ask').locator('.nd')).toHaveClass(/paused/);
  await drawer.getByRole('link', { name: 'Open the run' }).click();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped', { exact: true }).first()).toBeVisible();
});

test('versions are published, compared and restored', async ({ page, world }) => {
  const id = await desk(world, true);
  await open(page, world, id, '?node=parse');
  await page.getByLabel('Title of the node').fill('Changed title');
  await expect.poll(() => titles(world, id)).toContain('Changed title');
  await page.getByRole('button', { name: 'Publish v2', exact: true }).click();
  await page.getByLabel('What has changed').fill('Another title');
  await page.getByRole('dialog').getByRole('button', { name: 'Publish v2' }).click();
  await expect(page.getByText('Version 2 is live.').first()).toBeVisible();
  const close = page.getByRole('dialog').getByRole('button', { name: 'Close' }).last();
  if (await close.isVisible()) await close.click();
  await page.getByRole('radio', { name: 'Versions' }).click();
  await expect(page.getByText('Another title')).toBeVisible();
  await page.getByRole('navigation', { name: 'Versions' }).getByRole('button', { name: /v1/ }).click();
  await expect(page.locator('.diffcard')).toContainText(['Changed title']);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Restore v1' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Restore v1' }).click();
  await expect.poll(() => titles(world, id)).toContain('Parse stack trace');
});

test('the draft as YAML is changed and applied', async ({ page, world }) => {
  const id = await desk(world);
  await open(page, world, id);
  await page.getByRole('radio', { name: 'YAML' }).click();
  const text = page.getByRole('textbox', { name: 'The draft as YAML' });
  await text.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('wrong: [\n');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('This cannot be applied.')).toBeVisible();
  await page.getByRole('button', { name: 'Discard' }).click();
  await text.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('x_note: kept\n');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect.poll(async () => (await draftOf(world, id)) as unknown as Record<string, unknown>).toMatchObject({ x_note: 'kept' });
});

for (const width of [1440, 390]) {
  for (const theme of ['light', 'dark'] as const) {
    test(`editor and run, ${width} px, ${theme}`, async ({ browser, world }) => {
      const id = await desk(world, true);
      const call = caller(world);
      const start = (tenant: string) => call('POST', `/workflows/${id}/runs`, { query: 'Help', inputs: { tenant, ticket_text: 'The invoice is wrong. We have forty seats.' } });
      const good = await start('acme');
      const bad = await start('umbra');
      const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme: theme, locale: 'en-GB', reducedMotion: 'reduce' });
      const page = await context.newPage();
      const found = complaints(page);
      await signIn(page, world.pages.url);
      for (const [name, path] of [
        ['editor', `/workflows/${id}`], ['editor-llm', `/workflows/${id}?node=reply`], ['editor-if', `/workflows/${id}?node=needs`], ['editor-http', `/workflows/${id}?node=fetch`],
        ['editor-code', `/workflows/${id}?node=parse`], ['editor-last', `/workflows/${id}?node=reply&panel=last`], ['editor-errors', `/workflows/${id}?node=fetch&panel=errors`],
        ['editor-yaml', `/workflows/${id}?view=yaml`], ['editor-versions', `/workflows/${id}?view=versions`], ['editor-runs', `/workflows/${id}?view=runs`],
        ['run', `/runs/${String(good.id)}`], ['run-failed', `/runs/${String(bad.id)}`], ['run-ledger', `/runs/${String(good.id)}?tab=ledger`], ['run-io', `/runs/${String(good.id)}?tab=io`],
      ] as const) {
        await test.step(name, async () => {
          await page.goto(world.pages.url + path);
          await expect(page.locator('h1').filter({ hasText: 'Ticket desk' }).first()).toBeAttached();
          await page.waitForLoadState('networkidle');
          await page.screenshot({ path: join(pictures, `${name}-${width}-${theme}.png`), fullPage: name.startsWith('run') });
          await expectNoSidewaysScroll(page);
          await expectAccessible(page);
        });
      }
      expect(found).toEqual([]);
      await context.close();
    });
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { translationFile } from './seed';
import { complaints, expect, owner, startBare, stopBare, test } from './world';

/** A file of Dify's, out of the corpus where it is there; else one of our own with the same nodes. */
function corpusFile(): { name: string; text: string } {
  const path = join(process.env.LATCHKEY_SHARED ?? join(import.meta.dirname, '..', '..', '..', 'shared'), 'corpus', '023-translation-workflow.yml');
  if (existsSync(path)) return { name: '023-translation-workflow.yml', text: readFileSync(path, 'utf8') };
  test.info().annotations.push({ type: 'corpus', description: `${path} is not here: an own file stands for it` });
  return { name: 'translation.yml', text: translationFile() };
}

/** Fills the form of a new credential, which is open. */
async function addKey(page: Page, base: string, { name, key }: { name?: string; key: string }) {
  const sheet = page.getByRole('dialog', { name: 'Add credential' });
  if (name !== undefined) await sheet.getByLabel('Name', { exact: true }).fill(name);
  await sheet.getByLabel('API key').fill(key);
  await sheet.getByText('More fields').click();
  await sheet.getByLabel('Base URL').fill(base);
  await sheet.getByRole('button', { name: 'Test and save' }).click();
  await expect(sheet).toBeHidden();
  // The value itself is nowhere on the page.
  expect(await page.content()).not.toContain(key);
}

const card = (page: Page, title: string) => page.locator('.react-flow__node').filter({ has: page.locator('.tt', { hasText: title }) });

// From nothing to a rotated key, as one person clicks it.
test('set up, import, map, give each customer a key, run twice, see who paid, rotate', async ({ page }) => {
  test.setTimeout(300_000);
  const bare = await startBare();
  const { server, pages, provider } = bare;
  const found = complaints(page);
  const file = corpusFile();

  await test.step('the first start makes the owner', async () => {
    await page.goto(pages.url);
    await expect(page.getByRole('heading', { name: "Make the owner's account" })).toBeVisible();
    await page.getByLabel('First token').fill(server.token);
    await page.getByLabel('Your name').fill(owner.name);
    await page.getByLabel('Email').fill(owner.email);
    await page.getByLabel('Password').fill('short');
    await page.getByLabel('Password').fill(owner.password);
    await page.getByRole('button', { name: 'Make the account' }).click();
  });

  await test.step('a key that the provider refuses is not stored; one that works is', async () => {
    await expect(page.getByRole('heading', { name: 'Bring a key, or start without one' })).toBeVisible();
    await page.getByText('More fields').click();
    await page.getByLabel('Base URL').fill(provider.url);
    await page.getByLabel('API key').fill('test-key-refused-0000');
    await page.getByRole('button', { name: 'Test, save and go on' }).click();
    await expect(page.getByText('The key was not saved.')).toBeVisible();
    await page.getByLabel('API key').fill('test-key-openai-main-1a2b');
    await page.getByRole('button', { name: 'Test, save and go on' }).click();
    await expect(page.getByRole('heading', { name: 'Begin with a workflow' })).toBeVisible();
  });

  await test.step('a file is imported, and its models get a key in the dialog', async () => {
    await page.getByRole('button', { name: 'Import a Dify file' }).click();
    await page.getByLabel('Choose files, or drop them here').last().setInputFiles({ name: file.name, mimeType: 'application/yaml', buffer: Buffer.from(file.text) });
    const dialog = page.getByRole('dialog', { name: 'Import translation_workflow' });
    await expect(dialog).toBeVisible();
    await expect(dialog.getByText('8 nodes as they were')).toBeVisible();
    // Nobody here has a key of this provider.
    await expect(dialog.getByText('No key').first()).toBeVisible();
    await dialog.getByRole('button', { name: 'Key for deepseek-chat' }).first().click();
    await page.getByRole('option', { name: 'Add a credential' }).click();
    await addKey(page, provider.url, { name: 'translation-shared', key: 'test-key-shared-50aa' });
    await expect(dialog.getByText('translation-shared').first()).toBeVisible();
    await expect(dialog.getByText('No key', { exact: true })).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Import as draft' }).click();
    await expect(page).toHaveURL(/\/workflows\/[0-9a-f-]{36}/);
  });

  const panel = (title: string) => page.getByRole('region', { name: title, exact: true });
  await test.step('the form of a run asks for the customer', async () => {
    await card(page, '开始').click();
    await panel('开始').getByRole('button', { name: 'Variable', exact: true }).click();
    await panel('开始').getByRole('textbox', { name: 'Name', exact: true }).last().fill('tenant');
    await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  });

  await test.step('the last translation is paid by the customer: a key by variable, with its preview', async () => {
    await panel('开始').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Fit' }).first().click();
    await card(page, 'IMPORVE_TRANSLATE').click();
    const pays = page.getByRole('region', { name: 'Who pays' });
    await expect(pays.getByText('translation-shared').first()).toBeVisible();
    await pays.getByRole('radio', { name: 'By variable' }).click();
    const name = pays.getByRole('textbox', { name: 'Credential name' });
    await name.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('customer-{{ten');
    await page.getByRole('option', { name: /tenant/ }).first().click();
    // The workflow has to let its runs choose such names; one click does.
    await pays.getByRole('button', { name: 'Allow customer-*' }).click();
    await expect(pays.getByText('Runs may not choose this name yet.')).toBeHidden();
    const tried = pays.getByPlaceholder('A value to try');
    await tried.fill('acme');
    await expect(pays.getByText('No credential has this name')).toBeVisible();
    await pays.getByRole('button', { name: 'Add key' }).click();
    await expect(page.getByRole('dialog', { name: 'Add credential' }).getByLabel('Name', { exact: true })).toHaveValue('customer-acme');
    await addKey(page, provider.url, { key: 'test-key-acme-9f3c' });
    await expect(pays.getByTitle('customer-acme')).toBeVisible();
    await expect(pays.getByText('··9f3c')).toBeVisible();
    await tried.fill('globex');
    await expect(pays.getByText('customer-globex')).toBeVisible();
    await pays.getByRole('button', { name: 'Add key' }).click();
    await addKey(page, provider.url, { key: 'test-key-globex-2e80' });
    await expect(pays.getByText('··2e80')).toBeVisible();
    await expect(pays.getByText('Level 2, node')).toBeVisible();
    await expect(card(page, 'IMPORVE_TRANSLATE')).toContainText('customer-{tenant}');
  });

  await test.step('it is published', async () => {
    await page.getByRole('button', { name: 'Publish v1', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish v1' }).click();
    await expect(page.getByText('Version 1 is live.').first()).toBeVisible();
    const close = page.getByRole('dialog').getByRole('button', { name: 'Close' }).last();
    if (await close.isVisible()) await close.click();
  });

  await test.step('each customer runs it once', async () => {
    await page.getByRole('button', { name: 'Test run' }).click();
    const drawer = page.getByRole('region', { name: 'Test run' });
    for (const [tenant, four] of [['acme', '9f3c'], ['globex', '2e80']] as const) {
      await drawer.getByLabel(/target_lang/).fill('French');
      await drawer.getByLabel(/source_lang/).fill('English');
      await drawer.getByLabel(/source_text/).fill('May it be refunded?');
      await drawer.getByLabel(/tenant/).fill(tenant);
      await drawer.getByLabel('End user').fill(`u-${tenant}`);
      await drawer.getByRole('button', { name: 'Run the draft' }).click();
      await expect(drawer.locator('.ph').getByText('Succeeded')).toBeVisible({ timeout: 60_000 });
      await expect(drawer.getByText(`customer-${tenant}`).first()).toBeVisible();
      expect(provider.calls.get(four)).toBe(1);
      if (tenant === 'acme') await drawer.getByRole('button', { name: 'Run again' }).click();
    }
  });

  await test.step('the trace shows two different keys, and says why', async () => {
    await page.getByRole('region', { name: 'Test run' }).getByRole('link', { name: 'Open the run' }).click();
    const trace = page.getByRole('table', { name: 'Trace' });
    await expect(trace.getByRole('row', { name: /^TRANSLATION/ })).toContainText('translation-shared');
    const last = trace.getByRole('row', { name: /IMPORVE_TRANSLATE/ });
    await expect(last).toContainText('customer-globex');
    await last.click();
    const why = page.getByRole('region', { name: 'Why this key' });
    await expect(why).toContainText('Level 2 of 6');
    await expect(why).toContainText('It decides.');
    await expect(why).toContainText('customer-globex');
  });

  await test.step('the list of runs names the keys of each', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
    const rows = page.getByRole('row', { name: 'Run of translation_workflow' });
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(0)).toContainText('translation-shared');
    await expect(rows.nth(0)).toContainText('+1');
    await rows.nth(1).click();
    await expect(page.getByRole('row', { name: /IMPORVE_TRANSLATE/ })).toContainText('customer-acme');
  });

  await test.step('the cost is split between them', async () => {
    await page.getByRole('link', { name: 'Usage & cost' }).click();
    for (const name of ['customer-acme', 'customer-globex', 'translation-shared']) await expect(page.getByRole('row').filter({ hasText: name }).first()).toContainText(/\$0\.\d+/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const path = join(test.info().outputDir, 'usage.csv');
    await (await download).saveAs(path);
    const csv = readFileSync(path, 'utf8');
    for (const name of ['customer-acme', 'customer-globex', 'translation-shared']) expect(csv).toContain(name);
  });

  await test.step('a key is rotated, and the old one stays valid for a day', async () => {
    await page.getByRole('link', { name: 'Credentials', exact: true }).first().click();
    await page.getByRole('link', { name: 'customer-acme' }).click();
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByLabel('API key').fill('test-key-acme-new-77aa');
    await page.getByRole('button', { name: 'Test and rotate' }).click();
    await expect(page.getByText('v2 is current')).toBeVisible();
    await expect(page.getByText('v1 still accepted')).toBeVisible();
  });

  await test.step('the next run of this customer is paid by the new one', async () => {
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click();
    await page.getByRole('row', { name: 'Run of translation_workflow' }).nth(1).click();
    await page.getByRole('row', { name: /IMPORVE_TRANSLATE/ }).click();
    await page.getByRole('button', { name: 'Retry from IMPORVE_TRANSLATE' }).click();
    await expect(page.getByRole('link', { name: 'a retry of another run' }).or(page.getByText(/retry of/i)).first()).toBeVisible();
    await expect.poll(() => provider.calls.get('77aa')).toBe(1);
    expect(provider.calls.get('9f3c')).toBe(1);
  });

  expect(found).toEqual([]);
  await stopBare(bare);
});

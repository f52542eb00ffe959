import { join } from 'node:path';
import { api, flowFile } from './seed';
import { complaints, expect, owner, startBare, stopBare, test } from './world';

// From nothing to a rotated key, as one person sees it.
test('set up, import, give each customer a key, run twice, see who paid, rotate', async ({ page }) => {
  test.setTimeout(240_000);
  const bare = await startBare();
  const { server, pages, provider } = bare;
  const found = complaints(page);
  const call = api(server.url, server.token);
  const file = { name: 'refunds.yml', mimeType: 'application/yaml', buffer: Buffer.from(flowFile({ name: 'Refunds', key: 'customer-{{#start.tenant#}}' })) };

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

  await test.step('a file is imported with its report', async () => {
    await page.getByRole('button', { name: 'Import a Dify file' }).click();
    await page.getByLabel('Choose files, or drop them here').last().setInputFiles(file);
    await expect(page.getByRole('heading', { name: 'Import Refunds' })).toBeVisible();
    await expect(page.getByText('Each run decides')).toBeVisible();
    await page.getByLabel('Apply the credential settings').check();
    await page.getByRole('button', { name: 'Import as draft' }).click();
    await expect(page).toHaveURL(/\/workflows\/[0-9a-f-]{36}/);
  });
  const workflow = new URL(page.url()).pathname.split('/').at(-1) ?? '';

  await test.step('two customers bring a key each', async () => {
    for (const [name, key] of [['customer-acme', 'test-key-acme-9f3c'], ['customer-globex', 'test-key-globex-2e80']] as const) {
      await page.goto(`${pages.url}/credentials?new=credential`);
      const sheet = page.getByRole('dialog', { name: 'Add credential' });
      await sheet.getByLabel('Name').fill(name);
      await sheet.getByLabel('API key').fill(key);
      await sheet.getByText('More fields').click();
      await sheet.getByLabel('Base URL').fill(provider.url);
      await sheet.getByRole('button', { name: 'Test and save' }).click();
      await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
      await expect(page.getByText(`ends in ${key.slice(-4)}`)).toBeVisible();
      // The value itself is nowhere on the page.
      expect(await page.content()).not.toContain(key);
    }
  });

  await test.step('each customer runs it once', async () => {
    await call('POST', `/workflows/${workflow}/publish`, {});
    for (const tenant of ['acme', 'globex']) {
      const run = await call('POST', `/workflows/${workflow}/runs`, { inputs: { tenant, question: 'May it be refunded?' }, response_mode: 'blocking', end_user: `u-${tenant}` });
      expect(run.status).toBe('succeeded');
    }
    expect([provider.calls.get('9f3c'), provider.calls.get('2e80')]).toEqual([1, 1]);
  });

  await test.step('the runs show two different keys', async () => {
    await page.goto(`${pages.url}/runs`);
    const rows = page.getByRole('row', { name: 'Run of Refunds' });
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(0)).toContainText('customer-globex');
    await expect(rows.nth(1)).toContainText('customer-acme');
  });

  await test.step('the cost is split between them', async () => {
    await page.goto(`${pages.url}/usage`);
    for (const name of ['customer-acme', 'customer-globex']) await expect(page.getByRole('row').filter({ hasText: name }).first()).toContainText(/\$0\.\d+/);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const path = join(test.info().outputDir, 'usage.csv');
    await (await download).saveAs(path);
  });

  await test.step('a key is rotated, and the old one stays valid for a day', async () => {
    await page.goto(`${pages.url}/credentials`);
    await page.getByRole('link', { name: 'customer-acme' }).click();
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByLabel('API key').fill('test-key-acme-new-77aa');
    await page.getByText('More fields').click();
    await page.getByRole('button', { name: 'Test and rotate' }).click();
    await expect(page.getByText('v2 is current')).toBeVisible();
    await expect(page.getByText('v1 still accepted')).toBeVisible();
    await call('POST', `/workflows/${workflow}/runs`, { inputs: { tenant: 'acme', question: 'Again?' }, response_mode: 'blocking' });
    expect(provider.calls.get('77aa')).toBe(1);
  });

  expect(found).toEqual([]);
  await stopBare(bare);
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { api, emptyFlow } from './seed';
import { expect, expectAccessible, owner, signIn, startBare, stopBare, test } from './world';

test('a wrong password says so and keeps what was typed', async ({ page, world }) => {
  await page.goto(`${world.pages.url}/login`);
  await page.getByLabel('Email').fill(owner.email);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Email or password is wrong.');
  await expect(page.getByLabel('Email')).toHaveValue(owner.email);
});

test('a session that has ended asks to sign in over the page', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/credentials`);
  await page.getByPlaceholder('Filter by name, fingerprint or last four').fill('globex');
  await expect(page.getByRole('link', { name: 'customer-globex' })).toBeVisible();
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Usage & cost' }).click();
  await expect(page.getByText('Your session has ended.').first()).toBeVisible();
  await page.getByRole('button', { name: 'Sign in' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog.getByLabel('Email')).toHaveValue(owner.email);
  await dialog.getByLabel('Password').fill(owner.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Model calls')).toBeVisible();
});

test('a viewer sees what he may not do, with who may', async ({ page, browser, world }) => {
  const call = api(world.server.url, world.server.token);
  const invitation = await call('POST', '/invitations', { email: 'vi@northwind.example', role: 'viewer' });
  const token = new URL(String(invitation.url)).searchParams.get('token') ?? '';
  await page.goto(`${world.pages.url}/invitation?token=${token}`);
  await expect(page.getByText('You are invited as a viewer')).toBeVisible();
  await page.getByLabel('Your name').fill('Vi Ewer');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Workflows', level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'New workflow' }).focus();
  await expect(page.getByRole('tooltip')).toContainText('Editors can do this. You are a viewer');
  await page.getByRole('button', { name: 'New workflow' }).click({ force: true });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.goto(`${world.pages.url}/audit`);
  await expect(page.getByRole('heading', { name: 'Admins can see this' })).toBeVisible();
  await page.goto(`${world.pages.url}/members`);
  await expect(page.getByLabel('Role of Mara Kessler')).toBeDisabled();
  await expectAccessible(page);

  // The invitation holds once.
  const other = await browser.newPage();
  await other.goto(`${world.pages.url}/invitation?token=${token}`);
  await expect(other.getByRole('heading', { name: 'This invitation does not hold' })).toBeVisible();
  await other.close();
});

test('a file with errors is not imported, and says where', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.getByRole('button', { name: 'Import' }).click();
  const broken = JSON.stringify({ kind: 'app', version: '0.6.0', app: { name: 'Broken', mode: 'workflow' }, workflow: { graph: { nodes: [], edges: [{ id: 'e', source: 'a', target: 'b' }] } } });
  await page.getByLabel('Or paste the file').fill(broken);
  await page.getByRole('button', { name: 'Read it' }).click();
  await expect(page.getByText('1 error')).toBeVisible();
  await page.getByRole('button', { name: 'Import as draft' }).click({ force: true });
  await expect(page.getByRole('dialog', { name: 'Import Broken' })).toBeVisible();
  await expectAccessible(page);
});

test('filters that match nothing can be cleared', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows?q=zzzz`);
  await expect(page.getByRole('heading', { name: 'No workflow matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page.getByRole('link', { name: 'Support desk' })).toBeVisible();
});

test('the command bar and the keys', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByPlaceholder('Workflows, credentials, runs by id, actions').fill('customer-globex');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'customer-globex', level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the snippet of the API page works as it is', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/api-keys?workflow=${world.made.workflows['Release notes writer']}`);
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key' });
  await dialog.getByLabel('Name').fill('snippet');
  await dialog.getByLabel('Workflow', { exact: true }).selectOption({ label: 'Release notes writer' });
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const key = (await page.getByTestId('api-key').textContent()) ?? '';
  expect(key).toMatch(/^(lk_|app-)/);
  const snippet = (await page.getByLabel('Program', { exact: true }).textContent()) ?? '';
  // Not synchronously: the pages are served by this process.
  const { stdout } = await promisify(execFile)('bash', ['-c', snippet], { env: { ...process.env, LATCHKEY_API_KEY: key } });
  const answer: unknown = JSON.parse(stdout);
  expect(answer).toMatchObject({ status: 'succeeded' });
});

test('chat answers, says who paid, and leads to the run', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${world.made.workflows['Support desk']}/chat`);
  await page.getByLabel('Customer').fill('acme');
  await page.getByLabel('Message', { exact: true }).fill('Where is my invoice?');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log')).toContainText('paid by the key that ends in 9f3c');
  await expect(page.getByRole('log').getByText('customer-acme').first()).toBeVisible();
});

test('ten thousand runs scroll as few', async ({ page }) => {
  test.skip(!process.env.LATCHKEY_MANY_RUNS, 'LATCHKEY_MANY_RUNS=1 makes them first, which takes minutes');
  test.setTimeout(1_800_000);
  const count = 10_000;
  const bare = await startBare();
  const call = api(bare.server.url, bare.server.token);
  await call('POST', '/setup', { token: bare.server.token, ...owner });
  const made = await call('POST', '/workflows/import', { content: emptyFlow(), publish: true });
  const workflow = (made.workflow as { id: string }).id;
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call('POST', `/workflows/${workflow}/runs`, { inputs: {}, response_mode: 'blocking' });
    }
  };
  const seeding = Date.now();
  await Promise.all(Array.from({ length: 32 }, worker));
  test.info().annotations.push({ type: 'seeded', description: `${count} runs in ${Math.round((Date.now() - seeding) / 1000)} s` });

  await signIn(page, bare.pages.url);
  await page.goto(`${bare.pages.url}/runs`);
  const table = page.getByRole('table', { name: 'Runs' });
  const more = page.getByRole('button', { name: 'Load 50 more' });
  const loading = Date.now();
  for (let loaded = 50; loaded < count; loaded += 50) {
    await more.click();
    // The button comes back with the next page, and goes with the last one.
    if (loaded + 50 < count) await expect(more).toBeEnabled();
  }
  await expect(page.getByText('Those are all 10,000 runs.')).toBeAttached();
  test.info().annotations.push({ type: 'loaded', description: `200 pages in ${Math.round((Date.now() - loading) / 1000)} s` });
  await expect(table).toHaveAttribute('aria-rowcount', String(count + 1));
  // Only what is seen is there, at the top, in the middle and at the end.
  for (const part of [0, 0.5, 1]) {
    const frames = await page.evaluate(async (share) => {
      const end = document.documentElement.scrollHeight - window.innerHeight;
      const gaps: number[] = [];
      let last = performance.now();
      for (let step = 0; step < 30; step += 1) {
        window.scrollTo(0, Math.max(0, Math.min(end, end * share + (step - 15) * 400)));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        gaps.push(performance.now() - last);
        last = performance.now();
      }
      return gaps.sort((a, b) => a - b);
    }, part);
    test.info().annotations.push({ type: 'scrolled', description: `at ${part * 100} %: median frame ${Math.round(frames[15] ?? 0)} ms, slowest ${Math.round(frames.at(-1) ?? 0)} ms` });
    await expect(page.getByRole('row').nth(1)).toBeVisible();
    expect(await page.getByRole('row').count()).toBeLessThan(80);
  }
  await stopBare(bare);
});

test('a server that goes away and comes back loses nothing', async ({ page }) => {
  const bare = await startBare();
  const call = api(bare.server.url, bare.server.token);
  await call('POST', '/setup', { token: bare.server.token, ...owner });
  await signIn(page, bare.pages.url);
  await bare.server.stop();
  await page.getByRole('link', { name: 'Credentials' }).click();
  await expect(page.getByText('No connection to the server.')).toBeVisible();
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(page.getByText('No connection to the server.')).toBeVisible();
  await bare.server.again();
  // The page finds it again by itself.
  await expect(page.getByText('No connection to the server.')).toBeHidden({ timeout: 60_000 });
  await expect(page.getByRole('heading', { name: 'No credential yet' })).toBeVisible();
  await stopBare(bare);
});

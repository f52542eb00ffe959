import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { deskFile } from './desk';
import { api } from './seed';
import { expect, expectAccessible, owner, signIn, test, type World } from './world';

// What a person does to runs, chats, forms and other people's drafts, against the real server.

type Json = Record<string, unknown>;
const caller = ({ server }: World) => api(server.url, server.token);
const node = (id: string, x: number, data: Json) => ({ id, type: 'custom', position: { x, y: 120 }, data });
const edge = (source: string, target: string, sourceHandle = 'source') => ({ id: `${source}-${sourceHandle}-${target}`, type: 'custom', source, target, sourceHandle, targetHandle: 'target' });
const llm = (id: string, x: number, title: string, key: string, text: string) =>
  node(id, x, { type: 'llm', title, model: { provider: 'openai', name: 'gpt-4o-mini', mode: 'chat', completion_params: {}, credential_name: key }, prompt_template: [{ role: 'user', text }], context: { enabled: false, variable_selector: [] }, vision: { enabled: false } });

async function make(world: World, name: string, nodes: unknown[], edges: unknown[], more: Json = {}): Promise<string> {
  const { mode = 'workflow', publish = true, features = {} } = more;
  const content = JSON.stringify({
    kind: 'app', version: '0.6.0', app: { name, mode, description: '' },
    workflow: { credentials: { runtime_allow: ['customer-*'] }, features, environment_variables: [], conversation_variables: [], graph: { nodes, edges } },
  });
  const made = await caller(world)('POST', '/workflows/import', { content, bind: true, publish });
  return (made.workflow as { id: string }).id;
}

const text = (variable: string) => ({ variable, label: variable, type: 'text-input', required: false, max_length: 200 });

async function joinAs(page: Page, world: World, name: string, email: string, role: string) {
  const invitation = await caller(world)('POST', '/invitations', { email, role });
  const token = new URL(String(invitation.url)).searchParams.get('token') ?? '';
  await page.goto(`${world.pages.url}/invitation?token=${token}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('heading', { name: 'Workflows', level: 1 })).toBeVisible();
}

test('a failed run is retried from its node, and what was paid before is not paid again', async ({ page, world }) => {
  const id = await make(
    world, 'Retried',
    [node('start', 0, { type: 'start', title: 'Start', variables: [] }), llm('first', 300, 'First', 'acme-prod', 'one'), llm('second', 600, 'Second', 'retry-later', 'two'), node('end', 900, { type: 'end', title: 'End', outputs: [{ variable: 'answer', value_selector: ['second', 'text'] }] })],
    [edge('start', 'first'), edge('first', 'second'), edge('second', 'end')],
  );
  const before = world.provider.calls.get('a71c') ?? 0;
  const run = await caller(world)('POST', `/workflows/${id}/runs`, { inputs: {} });
  expect(run.status).toBe('failed');
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/runs/${String(run.id)}`);
  await expect(page.getByText('No credential is called retry-later, so Second did not call the model.')).toBeVisible();
  await page.getByRole('link', { name: 'Add key' }).click();
  const sheet = page.getByRole('dialog', { name: 'Add credential' });
  await expect(sheet.getByLabel('Name', { exact: true })).toHaveValue('retry-later');
  await sheet.getByLabel('API key').fill('test-key-retry-later-31aa');
  await sheet.getByText('More fields').click();
  await sheet.getByLabel('Base URL').fill(world.provider.url);
  await sheet.getByRole('button', { name: 'Test and save' }).click();
  await expect(page.getByRole('heading', { name: 'retry-later', level: 1 })).toBeVisible();
  await page.goto(`${world.pages.url}/runs/${String(run.id)}`);
  await page.getByRole('button', { name: 'Retry from Second' }).first().click();
  await expect(page.getByRole('status').filter({ hasText: 'Succeeded' })).toBeVisible({ timeout: 60_000 });
  expect(new URL(page.url()).pathname).not.toContain(String(run.id));
  expect(world.provider.calls.get('a71c')).toBe(before + 1);
  expect(world.provider.calls.get('31aa')).toBe(1);
  await page.getByRole('link', { name: /retry of/i }).click();
  await expect(page).toHaveURL(new RegExp(String(run.id)));
});

test('a form that a run waits for is answered on its page, and the run goes on', async ({ page, world }) => {
  const id = await make(
    world, 'Approval',
    [
      node('start', 0, { type: 'start', title: 'Start', variables: [text('order')] }),
      node('ask', 300, {
        type: 'human-input', title: 'Approve refund', form_content: 'Refund order {{#start.order#}}?\n\n{{#$output.note#}}', inputs: [{ output_variable_name: 'note', type: 'paragraph', default: { type: 'constant', value: '', selector: [] } }],
        user_actions: [{ id: 'yes', title: 'Approve', button_style: 'primary' }, { id: 'no', title: 'Decline', button_style: 'default' }], timeout: 1, timeout_unit: 'hour',
        delivery_methods: [{ id: 'w', type: 'webapp', enabled: true, config: {} }],
      }),
      node('good', 600, { type: 'end', title: 'Refunded', outputs: [{ variable: 'note', value_selector: ['ask', 'note'] }] }),
      node('bad', 600, { type: 'end', title: 'Declined', outputs: [] }),
    ],
    [edge('start', 'ask'), edge('ask', 'good', 'yes'), edge('ask', 'bad', 'no')],
  );
  const run = await caller(world)('POST', `/workflows/${id}/runs`, { inputs: { order: '1043' }, response_mode: 'detached' });
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/runs/${String(run.id)}`);
  await expect(page.getByRole('status').filter({ hasText: 'Waiting for a person' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Answer the form' }).click();
  await expect(page.getByText('Refund order 1043?')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('note').fill('Agreed with the customer.');
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect(page.getByText('Answered: Approve.')).toBeVisible();
  await page.getByRole('link', { name: 'To the run that waits for it' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Succeeded' })).toBeVisible({ timeout: 60_000 });
  await page.getByRole('tab', { name: 'Input and output' }).click();
  await expect(page.getByText('Agreed with the customer.').first()).toBeVisible();
});

test('a chat remembers, streams, offers questions and leaves no key behind', async ({ page, world }) => {
  const id = await make(
    world, 'Chat that remembers',
    [node('start', 0, { type: 'start', title: 'Start', variables: [] }), llm('say', 300, 'Say', 'acme-prod', '{{#sys.query#}}'), node('answer', 600, { type: 'answer', title: 'Answer', answer: '{{#say.text#}}', variables: [] })],
    [edge('start', 'say'), edge('say', 'answer')],
    { mode: 'advanced-chat', features: { opening_statement: 'Hello, what is wrong?', suggested_questions: ['Where is my invoice?'], suggested_questions_after_answer: { enabled: false } } },
  );
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}/chat`);
  await expect(page.getByText('Hello, what is wrong?')).toBeVisible();
  await page.getByRole('button', { name: 'Where is my invoice?' }).click();
  const log = page.getByRole('log');
  await expect(log.getByText('paid by the key that ends in a71c')).toHaveCount(1);
  await expect(log.getByText('acme-prod').first()).toBeVisible();
  await page.getByLabel('Message', { exact: true }).fill('And the second one?');
  await page.keyboard.press('Enter');
  await expect(log.getByText('paid by the key that ends in a71c')).toHaveCount(2);
  await expect(page.getByRole('navigation', { name: 'Conversations' }).getByRole('button').filter({ hasNotText: 'New' })).toHaveCount(1);
  expect(new URL(page.url()).searchParams.get('conversation')).toMatch(/[0-9a-f-]{36}/);
  // Both turns are there again after the page was left.
  await page.reload();
  await expect(log.getByText('And the second one?')).toBeVisible();
  await expect(log.getByText('Where is my invoice?')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'API & keys' }).click();
  await expect(page.getByText('First token')).toBeVisible();
  await expect.poll(async () => ((await caller(world)('GET', '/api-keys?limit=200')).data as { name: string }[]).filter((key) => key.name === 'Chat in the studio').length).toBe(0);
});

test('somebody who is named saves first, and the notice says who and when', async ({ page, browser, world }) => {
  const made = await caller(world)('POST', '/workflows/import', { content: deskFile(world.provider.url.replace('/v1', '/v2')), bind: true });
  const id = (made.workflow as { id: string }).id;
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}?node=parse`);
  await expect(page.getByLabel('Title of the node')).toHaveValue('Parse stack trace');
  const other = await browser.newPage();
  await joinAs(other, world, 'Jonas Lind', 'jonas@northwind.example', 'editor');
  await other.goto(`${world.pages.url}/workflows/${id}?node=fetch`);
  await other.getByLabel('Title of the node').fill('Fetch the invoice');
  await expect(other.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  await page.getByLabel('Title of the node').fill('Read the trace');
  await expect(page.getByText(/Jonas Lind changed this draft, (just now|\d+ min ago)\./)).toBeVisible();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('dialog').getByText('Fetch the invoice').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Keep both' }).click();
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  await other.close();
});

test('a session that ends in the middle of an edit loses nothing', async ({ page, world }) => {
  const made = await caller(world)('POST', '/workflows/import', { content: deskFile(world.provider.url.replace('/v1', '/v2')), bind: true });
  const id = (made.workflow as { id: string }).id;
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}?node=parse`);
  await expect(page.getByLabel('Title of the node')).toHaveValue('Parse stack trace');
  await page.context().clearCookies();
  await page.getByLabel('Title of the node').fill('Typed without a session');
  await expect(page.getByText('Your session has ended.').first()).toBeVisible();
  await expect(page.getByText(/Not saved/)).toBeVisible();
  await page.getByRole('button', { name: 'Sign in' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByLabel('Password').fill(owner.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel('Title of the node')).toHaveValue('Typed without a session');
  const titles = async () => ((await caller(world)('GET', `/workflows/${id}/draft`)) as { workflow: { graph: { nodes: { data: { title: string } }[] } } }).workflow.graph.nodes.map((each) => each.data.title);
  await expect.poll(titles, { timeout: 30_000 }).toContain('Typed without a session');
});

test('a viewer looks at everything and changes nothing', async ({ page, world }) => {
  const id = world.made.workflows['Refund decision'] ?? '';
  await joinAs(page, world, 'Vera Look', 'vera@northwind.example', 'viewer');
  await page.goto(`${world.pages.url}/workflows/${id}?node=draft`);
  await expect(page.getByText('Editors can change this').first()).toBeVisible();
  const pays = page.getByRole('region', { name: 'Who pays' });
  await expect(pays.getByRole('radio', { name: 'By variable' })).toBeDisabled();
  await expect(pays.getByText('Editors can change who pays')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Test run' }).click({ force: true });
  await expect(page.getByRole('region', { name: 'Test run' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Keys of this workflow' }).click();
  const keys = page.getByRole('region', { name: 'Keys of this workflow' });
  await expect(keys.getByRole('textbox', { name: 'Pattern' }).first()).toBeDisabled();
  await expect(keys.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true');
  await page.goto(`${world.pages.url}/credentials/${world.made.credentials['openai/customer-acme']}`);
  await page.getByRole('button', { name: 'Rotate' }).click({ force: true });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.goto(`${world.pages.url}/settings`);
  await expect(page.getByLabel('Name of the workspace')).not.toBeEditable();
  await page.goto(`${world.pages.url}/runs`);
  await expect(page.getByText('customer-acme').first()).toBeVisible();
  await expectAccessible(page);
});

test('the keys of a workflow: a binding and a pattern, live at once', async ({ page, world }) => {
  const id = world.made.workflows['Weekly research brief'] ?? '';
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/workflows/${id}`);
  await page.getByRole('button', { name: 'Keys of this workflow' }).click();
  const keys = page.getByRole('region', { name: 'Keys of this workflow' });
  await keys.getByRole('button', { name: 'Binding', exact: true }).click();
  await keys.getByLabel('Provider').selectOption('deepseek');
  await keys.getByLabel('Environment').selectOption('staging');
  await keys.getByRole('button', { name: 'Key for deepseek' }).click();
  await page.getByRole('option', { name: /research-stg/ }).click();
  await keys.getByRole('button', { name: 'Pattern', exact: true }).click();
  await keys.getByRole('textbox', { name: 'Pattern' }).fill('customer-*');
  await expectAccessible(page);
  await keys.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The keys of this workflow were changed.', { exact: true })).toBeVisible();
  const settings = await caller(world)('GET', `/workflows/${id}/credential-settings`);
  expect(settings).toMatchObject({ bindings: [{ provider: 'deepseek', environment: 'staging', credential_name: 'research-stg' }], runtime_allow: ['customer-*'] });
});

test('the workspace gets another name, which stands at the top', async ({ page, world }) => {
  await signIn(page, world.pages.url);
  await page.goto(`${world.pages.url}/settings`);
  await page.getByLabel('Name of the workspace').fill('Northwind Billing');
  await page.getByRole('region', { name: 'Workspace' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The workspace was renamed.').first()).toBeVisible();
  await expect(page.locator('.side .ws')).toContainText('Northwind Billing');
  await page.getByLabel('Name of the workspace').fill('Northwind Desk');
  await page.getByRole('region', { name: 'Workspace' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.side .ws')).toContainText('Northwind Desk');
});

for (const [language, program] of [['Python', ['python3', 'snippet.py']], ['TypeScript', ['node', 'snippet.mjs']]] as const) {
  for (const dialect of ['Native', 'Dify-compatible'] as const) {
    test(`the ${language} program of the API page works as it is, ${dialect}`, async ({ page, world }) => {
      const workflow = world.made.workflows['Release notes writer'] ?? '';
      const key = await caller(world)('POST', '/api-keys', { name: `${language} ${dialect}`, ...(dialect === 'Native' ? {} : { kind: 'app', workflow_id: workflow }), scopes: ['runs:read', 'runs:write'], environments: ['production'] });
      await signIn(page, world.pages.url);
      await page.goto(`${world.pages.url}/api-keys?workflow=${workflow}`);
      await page.getByRole('radio', { name: dialect }).click();
      await page.getByRole('radio', { name: language }).click();
      const text = (await page.getByLabel('Program', { exact: true }).textContent()) ?? '';
      const path = test.info().outputPath(program[1]);
      writeFileSync(path, text);
      const { stdout } = await promisify(execFile)(program[0], [path], { env: { ...process.env, LATCHKEY_API_KEY: String(key.key) } });
      expect(stdout).toContain('The answer comes from the model');
    });
  }
}

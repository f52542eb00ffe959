/** A workspace with believable content: customers' keys, pools, workflows, and runs that they have paid. */
export type Seeded = { workflows: Record<string, string>; credentials: Record<string, string> };

type Body = Record<string, unknown>;

export function api(url: string, token: string) {
  return async (method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return text ? (JSON.parse(text) as Body) : {};
  };
}

type Flow = { name: string; mode?: string; provider?: string; model?: string; key?: string; fallback?: string[]; description?: string; second?: string };

const edge = (source: string, target: string) => ({ id: `${source}-${target}`, type: 'custom', source, sourceHandle: 'source', target, targetHandle: 'target' });

function model(flow: Flow, id: string, title: string, x: number, prompt: string) {
  return {
    id,
    type: 'custom',
    position: { x, y: 280 },
    data: {
      type: 'llm',
      title,
      model: {
        provider: flow.provider ?? 'openai',
        name: flow.model ?? 'gpt-4o-mini',
        mode: 'chat',
        completion_params: { temperature: 0.2 },
        ...(flow.key ? { credential_name: flow.key } : {}),
        ...(flow.fallback ? { credential_fallback: flow.fallback } : {}),
      },
      prompt_template: [{ role: 'system', text: 'Answer in one sentence.' }, { role: 'user', text: prompt }],
      context: { enabled: false, variable_selector: [] },
      vision: { enabled: false },
    },
  };
}

/** A start, one or two model nodes, and an end: as a Dify file, in JSON, which is YAML. */
export function flowFile(flow: Flow): string {
  const chat = flow.mode === 'advanced-chat';
  const question = chat ? '{{#sys.query#}}' : '{{#start.question#}}';
  const start = {
    id: 'start',
    type: 'custom',
    position: { x: 80, y: 280 },
    data: {
      type: 'start',
      title: 'Start',
      variables: [
        { variable: 'tenant', label: 'Customer', type: 'text-input', required: false, max_length: 48 },
        ...(chat ? [] : [{ variable: 'question', label: 'Question', type: 'paragraph', required: true, max_length: 4000 }]),
      ],
    },
  };
  const nodes: unknown[] = [start, model(flow, 'draft', flow.second ? 'Classify' : 'Draft reply', 380, question)];
  const edges = [edge('start', 'draft')];
  let last = 'draft';
  if (flow.second) {
    nodes.push(model(flow, 'polish', flow.second, 680, '{{#draft.text#}}'));
    edges.push(edge('draft', 'polish'));
    last = 'polish';
  }
  nodes.push(
    chat
      ? { id: 'answer', type: 'custom', position: { x: 980, y: 280 }, data: { type: 'answer', title: 'Answer', answer: `{{#${last}.text#}}`, variables: [] } }
      : { id: 'end', type: 'custom', position: { x: 980, y: 280 }, data: { type: 'end', title: 'End', outputs: [{ variable: 'answer', value_selector: [last, 'text'] }] } },
  );
  edges.push(edge(last, chat ? 'answer' : 'end'));
  return JSON.stringify({
    kind: 'app',
    version: '0.6.0',
    app: { name: flow.name, mode: flow.mode ?? 'workflow', description: flow.description ?? '', icon: '🔑', icon_background: '#FFEAD5' },
    workflow: { ...(flow.key?.includes('{{') ? { credentials: { runtime_allow: ['customer-*'] } } : {}), environment_variables: [], conversation_variables: [], features: {}, graph: { nodes, edges } },
  });
}

/** A start and an end: what runs fastest. */
export const emptyFlow = () =>
  JSON.stringify({
    kind: 'app', version: '0.6.0', app: { name: 'Nothing to do', mode: 'workflow', description: '' },
    workflow: {
      environment_variables: [], conversation_variables: [], features: {},
      graph: {
        nodes: [
          { id: 'start', type: 'custom', position: { x: 0, y: 0 }, data: { type: 'start', title: 'Start', variables: [] } },
          { id: 'end', type: 'custom', position: { x: 300, y: 0 }, data: { type: 'end', title: 'End', outputs: [] } },
        ],
        edges: [edge('start', 'end')],
      },
    },
  });

/** What the translation of the corpus is, where the corpus is not: three model calls, a branch and an aggregator. */
export function translationFile(): string {
  const at = (id: string, x: number, data: Body) => ({ id, type: 'custom', position: { x, y: 280 }, data });
  const llm = (id: string, title: string, x: number, text: string) =>
    at(id, x, {
      type: 'llm', title, model: { provider: 'deepseek', name: 'deepseek-chat', mode: 'chat', completion_params: { temperature: 1 } },
      prompt_template: [{ role: 'user', text }], context: { enabled: false, variable_selector: [] }, vision: { enabled: false },
    });
  const text = (variable: string, required = true) => ({ variable, label: variable, type: 'text-input', required, max_length: 256, options: [] });
  const branch = (source: string, target: string, sourceHandle: string) => ({ ...edge(source, target), id: `${source}-${sourceHandle}-${target}`, sourceHandle });
  const nodes = [
    at('start', 80, { type: 'start', title: '开始', variables: [text('target_lang'), text('source_text'), text('source_lang'), text('country', false)] }),
    llm('translation', 'TRANSLATION', 380, '{{#start.source_text#}}'),
    at('country', 680, { type: 'if-else', title: 'COUNTRY IS NULL', cases: [{ case_id: 'true', logical_operator: 'and', conditions: [{ id: 'c', variable_selector: ['start', 'country'], comparison_operator: 'empty', value: '', varType: 'string' }] }] }),
    llm('expert', 'EXPERT_SUGGESTIONS', 980, '{{#translation.text#}}'),
    llm('expertcountry', 'EXPERT_SUGGESTIONS_WITH_COUNTRY', 980, '{{#translation.text#}} {{#start.country#}}'),
    at('suggestions', 1280, { type: 'variable-aggregator', title: 'SUGGESTIONS', output_type: 'string', variables: [['expert', 'text'], ['expertcountry', 'text']] }),
    llm('improve', 'IMPORVE_TRANSLATE', 1580, '{{#suggestions.output#}}'),
    at('end', 1880, { type: 'end', title: '结束', outputs: [{ variable: 'output', value_selector: ['improve', 'text'] }] }),
  ];
  const edges = [
    edge('start', 'translation'), edge('translation', 'country'), branch('country', 'expert', 'true'), branch('country', 'expertcountry', 'false'),
    edge('expert', 'suggestions'), edge('expertcountry', 'suggestions'), edge('suggestions', 'improve'), edge('improve', 'end'),
  ];
  return JSON.stringify({ kind: 'app', version: '0.6.0', app: { name: 'translation_workflow', mode: 'workflow', description: '' }, workflow: { graph: { nodes, edges }, environment_variables: [], conversation_variables: [], features: {} } });
}

const tenant = 'customer-{{#start.tenant#}}';
const flows: Flow[] = [
  { name: 'Support desk', mode: 'advanced-chat', key: tenant, second: 'Draft reply', description: 'Answers tickets; each customer pays for its own.' },
  { name: 'Contract translator', key: 'translate-pool', model: 'gpt-4o' },
  { name: 'Invoice extractor', provider: 'azure_openai', model: 'gpt-4o' },
  { name: 'Weekly research brief', provider: 'deepseek', model: 'deepseek-chat' },
  { name: 'Lead qualifier', mode: 'advanced-chat', provider: 'cohere', model: 'command-r' },
  { name: '合同审阅助手', mode: 'advanced-chat', provider: 'tongyi', model: 'qwen-max' },
  { name: 'Release notes writer' },
  { name: 'Podcast show notes and chapter titles, long episodes included', provider: 'google', model: 'gemini-2.0-flash' },
  { name: 'Refund decision', key: tenant, second: 'Explain' },
];

const money = (amount: string, period = 'month') => ({ period, money: { amount, currency: 'USD' } });

function credentials(provider: string): Body[] {
  const openai = (name: string, key: string, more: Body = {}): Body => ({ provider: 'openai', name, values: { api_key: key, base_url: provider }, ...more });
  return [
    openai('acme-prod', 'test-key-acme-prod-a71c', { limits: { requests_per_minute: 500, tokens_per_minute: 2_000_000 }, budgets: [money('400')] }),
    openai('customer-acme', 'test-key-customer-acme-9f3c', {
      limits: { requests_per_minute: 60, tokens_per_minute: 200_000, concurrent_calls: 8 },
      budgets: [money('5', 'day'), { ...money('50'), warn_percent: 80 }],
      scope: { environments: ['production', 'development'] },
    }),
    openai('customer-globex', 'test-key-customer-globex-2e80', { limits: { requests_per_minute: 60 }, budgets: [{ ...money('50'), warn_percent: 80 }] }),
    openai('customer-initech', 'test-key-refused-77d1', { validate: false, limits: { requests_per_minute: 60 }, budgets: [money('50')] }),
    openai('acme-staging', 'test-key-acme-staging-0c44', { scope: { environments: ['staging'] }, budgets: [money('25')] }),
    openai('acme-overflow', 'test-key-busy-overflow-5b12', { validate: false }),
    openai('acme-dev', 'test-key-acme-dev-e519', { default: true, budgets: [money('10')] }),
    { provider: 'anthropic', name: 'acme-prod', values: { api_key: 'test-key-anthropic-prod-b02e' }, validate: false, default: true, budgets: [money('150')] },
    { provider: 'anthropic', name: 'customer-acme', values: { api_key: 'test-key-anthropic-acme-4d19' }, validate: false, limits: { requests_per_minute: 50 }, budgets: [money('50')] },
    {
      provider: 'azure_openai', name: 'finance-eu', values: { api_key: 'test-key-azure-finance-c3f7', base_url: provider.replace('/v1', '') }, validate: false, default: true,
      expires_at: new Date(Date.now() + 6 * 86_400_000).toISOString(), limits: { requests_per_minute: 300 }, budgets: [money('200')],
    },
    { provider: 'deepseek', name: 'research-stg', values: { api_key: 'test-key-deepseek-stg-88aa', base_url: provider }, validate: false, default: true },
    { provider: 'google', name: 'media-team', values: { api_key: 'test-key-google-media-11fe' }, validate: false, default: true },
    { provider: 'tongyi', name: 'legal-cn', values: { api_key: 'test-key-tongyi-legal-5c5c', base_url: provider }, validate: false, default: true },
  ];
}

export async function seed(url: string, token: string, provider: string): Promise<Seeded> {
  const call = api(url, token);
  const made: Seeded = { workflows: {}, credentials: {} };
  await call('PATCH', '/workspace', { name: 'Northwind Desk' });
  for (const credential of credentials(provider)) {
    const answer = await call('POST', '/credentials', credential);
    made.credentials[`${String(credential.provider)}/${String(credential.name)}`] = String(answer.id);
  }
  const id = (name: string) => made.credentials[name] ?? '';
  await call('POST', '/credential-pools', {
    name: 'translate-pool', provider: 'openai', strategy: 'priority',
    members: [{ credential_id: id('openai/acme-overflow') }, { credential_id: id('openai/acme-prod') }, { credential_id: id('openai/acme-dev') }],
  });
  await call('POST', '/credential-pools', {
    name: 'support-chain', provider: 'anthropic', strategy: 'priority',
    members: [{ credential_id: id('anthropic/customer-acme') }, { credential_id: id('anthropic/acme-prod') }],
  });
  for (const flow of flows) {
    const answer = await call('POST', '/workflows/import', { content: flowFile(flow), bind: true, publish: flow.name !== 'Lead qualifier' });
    made.workflows[flow.name] = String((answer.workflow as Body).id);
  }
  await call('PUT', `/workflows/${made.workflows['Release notes writer']}/credential-settings`, {
    bindings: [
      { provider: 'openai', credential_name: 'acme-dev' },
      { provider: 'openai', environment: 'staging', credential_name: 'acme-staging' },
    ],
  });
  return made;
}

/** Runs as several customers, one after the other, so that their order is the same each time. */
export async function run(url: string, token: string, made: Seeded, rounds = 3) {
  const call = api(url, token);
  const start = (name: string, inputs: Body, more: Body = {}) =>
    call('POST', `/workflows/${made.workflows[name]}/runs`, { inputs, response_mode: 'blocking', ...more });
  for (let round = 0; round < rounds; round += 1) {
    for (const customer of ['acme', 'globex', 'acme', 'initech']) {
      await start('Refund decision', { tenant: customer, question: `May order ${1000 + round} be refunded?` }, { end_user: `u-${customer}` });
    }
    await start('Support desk', { tenant: 'acme' }, { query: 'Where is my invoice?', end_user: 'u-48213' });
    await start('Contract translator', { question: 'Translate the second clause.' });
    await start('Release notes writer', { question: 'What is new?' }, { environment: round % 2 === 0 ? 'production' : 'staging' });
    await start('Weekly research brief', { question: 'What happened this week?' });
  }
  await start('Refund decision', { tenant: 'umbra', question: 'No key has this name.' });
}

/** Lowers a monthly budget so far that its credential has used 92 % of it. */
export async function nearlySpent(url: string, token: string, credential: string) {
  const call = api(url, token);
  const view = (await call('GET', `/credentials/${credential}`)) as { budgets: { used: string }[] };
  const used = Number(view.budgets[0]?.used ?? 0);
  if (used > 0) await call('PATCH', `/credentials/${credential}`, { budgets: [{ ...money((used / 0.92).toFixed(8)), warn_percent: 80 }] });
}

/** A workflow with most of what the canvas draws: branches, a container, HTTP, retrieval, code, a note, and keys of all four kinds. */

type Json = Record<string, unknown>;

const at = (x: number, y: number) => ({ x, y });
const node = (id: string, x: number, y: number, data: Json, more: Json = {}): Json => ({ id, type: 'custom', position: at(x, y), ...more, data: { desc: '', ...data } });
const edge = (source: string, target: string, sourceHandle = 'source'): Json => ({ id: `${source}-${sourceHandle}-${target}-target`, type: 'custom', source, sourceHandle, target, targetHandle: 'target' });
const gpt = (more: Json = {}): Json => ({ provider: 'langgenius/openai/openai', name: 'gpt-4o-mini', mode: 'chat', completion_params: { temperature: 0.3 }, ...more });

export function deskFile(http: string): string {
  const tenant = 'customer-{{#start.tenant#}}';
  const nodes: Json[] = [
    node('note', 80, 176, { type: '', title: '', theme: 'yellow', author: 'Mara Kessler', showAuthor: true, width: 168, height: 88, text: 'Billing rule\nThe customer’s own key pays for every reply. Never the shared one.' }, { type: 'custom-note', width: 168, height: 88 }),
    node('start', 80, 352, {
      type: 'start', title: 'Start',
      variables: [
        { variable: 'tenant', label: 'Customer', type: 'text-input', required: true, max_length: 48 },
        { variable: 'ticket_text', label: 'Ticket', type: 'paragraph', required: true, max_length: 8000 },
        { variable: 'customer_lang', label: 'Language', type: 'text-input', required: false, max_length: 8, default: 'fr' },
      ],
    }),
    node('classify', 352, 176, {
      type: 'question-classifier', title: 'Classify ticket', model: gpt({ credential_name: tenant }), query_variable_selector: ['start', 'ticket_text'], instruction: '',
      classes: [{ id: '1', name: 'Billing' }, { id: '2', name: 'How-to' }, { id: '3', name: 'Bug report' }],
    }),
    node('needs', 352, 600, {
      type: 'if-else', title: 'Needs translation?',
      cases: [{ case_id: 'true', logical_operator: 'and', conditions: [{ variable_selector: ['start', 'customer_lang'], comparison_operator: 'is not', value: 'en', varType: 'string' }] }],
    }),
    node('fetch', 640, 72, {
      type: 'http-request', title: 'Fetch invoice', method: 'get', url: `${http}/invoices/{{#start.tenant#}}`, authorization: { type: 'no-auth', config: null }, headers: '', params: '',
      body: { type: 'none', data: [] }, timeout: {}, retry_config: { retry_enabled: true, max_retries: 2, retry_interval: 200 }, error_strategy: 'default-value',
      default_value: [{ key: 'body', type: 'string', value: 'no invoice' }, { key: 'status_code', type: 'number', value: 0 }],
    }),
    node('search', 640, 232, { type: 'knowledge-retrieval', title: 'Search help centre', dataset_ids: [], retrieval_mode: 'multiple', query_variable_selector: ['start', 'ticket_text'], multiple_retrieval_config: { top_k: 4, reranking_enable: false } }),
    node('parse', 640, 392, {
      type: 'code', title: 'Parse stack trace', code_language: 'python3', variables: [{ variable: 'text', value_selector: ['start', 'ticket_text'] }],
      code: 'def main(text: str) -> dict:\n    lines = [line for line in text.splitlines() if line.strip().startswith("at ")]\n    return {"frames": lines[:20], "signature": lines[0] if lines else ""}\n',
      outputs: { frames: { type: 'array[string]', children: null }, signature: { type: 'string', children: null } },
    }),
    node('merge', 960, 232, { type: 'variable-aggregator', title: 'Merge context', output_type: 'string', variables: [['fetch', 'body'], ['search', 'result'], ['parse', 'signature']] }),
    node('lines', 640, 720, {
      type: 'template-transform', title: 'Paragraphs', template: '{{ text }}', variables: [{ variable: 'text', value_selector: ['start', 'ticket_text'] }],
    }),
    node('split', 880, 720, {
      type: 'code', title: 'Split paragraphs', code_language: 'python3', variables: [{ variable: 'text', value_selector: ['lines', 'output'] }],
      code: 'def main(text: str) -> dict:\n    parts = [part.strip() for part in text.split(".") if part.strip()]\n    return {"parts": parts[:5] or ["empty"]}\n', outputs: { parts: { type: 'array[string]', children: null } },
    }),
    node('translate', 1120, 680, {
      type: 'iteration', title: 'Translate paragraphs', iterator_selector: ['split', 'parts'], output_selector: ['restore', 'text'], output_type: 'array[string]', start_node_id: 'translatestart',
      is_parallel: true, parallel_nums: 3, error_handle_mode: 'terminated', flatten_output: true, width: 560, height: 200,
    }, { width: 560, height: 200 }),
    node('translatestart', 24, 76, { type: 'iteration-start', title: '', isInIteration: true, iteration_id: 'translate' }, { type: 'custom-iteration-start', parentId: 'translate' }),
    node('word', 72, 64, {
      type: 'llm', title: 'Translate', isInIteration: true, iteration_id: 'translate', model: gpt({ name: 'gpt-4o', credential_name: 'translate-pool' }),
      prompt_template: [{ role: 'system', text: 'Translate into English.' }, { role: 'user', text: '{{#translate.item#}}' }], context: { enabled: false, variable_selector: [] }, vision: { enabled: false },
    }, { parentId: 'translate' }),
    node('restore', 320, 64, {
      type: 'code', title: 'Restore terms', isInIteration: true, iteration_id: 'translate', code_language: 'python3', variables: [{ variable: 'text', value_selector: ['word', 'text'] }],
      code: 'def main(text: str) -> dict:\n    return {"text": text.replace("seat", "licence")}\n', outputs: { text: { type: 'string', children: null } },
    }, { parentId: 'translate' }),
    node('reply', 1740, 312, {
      type: 'llm', title: 'Draft reply', model: gpt({ credential_name: tenant, credential_locked: true }),
      prompt_template: [
        { role: 'system', text: 'You answer support tickets for {{#start.tenant#}}. Use only this context: {{#merge.output#}}\nReply in {{#start.customer_lang#}}.' },
        { role: 'user', text: '{{#start.ticket_text#}}' },
      ],
      context: { enabled: false, variable_selector: [] }, vision: { enabled: false },
    }),
    node('answer', 2012, 312, { type: 'answer', title: 'Answer', answer: '{{#reply.text#}}', variables: [] }),
  ];
  const inside = (source: string, target: string): Json => ({ ...edge(source, target), data: { isInIteration: true, iteration_id: 'translate' } });
  const edges = [
    edge('start', 'classify'), edge('start', 'needs'), edge('classify', 'fetch', '1'), edge('classify', 'search', '2'), edge('classify', 'parse', '3'),
    edge('fetch', 'merge'), edge('search', 'merge'), edge('parse', 'merge'), edge('merge', 'reply'),
    edge('needs', 'lines', 'true'), edge('needs', 'reply', 'false'), edge('lines', 'split'), edge('split', 'translate'), edge('translate', 'reply'),
    inside('translatestart', 'word'), inside('word', 'restore'), edge('reply', 'answer'),
  ];
  return JSON.stringify({
    kind: 'app', version: '0.6.0',
    app: { name: 'Ticket desk', mode: 'advanced-chat', description: 'Answers tickets; the customer’s own key pays for the reply.', icon: '🔑', icon_background: '#FFEAD5' },
    workflow: {
      credentials: { bindings: [{ provider: 'openai', credential_name: 'acme-prod' }, { provider: 'openai', environment: 'staging', credential_name: 'acme-staging' }], runtime_allow: ['customer-*'] },
      environment_variables: [], conversation_variables: [], features: { opening_statement: 'Hello, what is wrong?' }, graph: { nodes, edges },
    },
  });
}

/** A document of many nodes: chains that branch and join, some of them in containers. */
export function bigFile(count = 104): string {
  const nodes: Json[] = [node('start', 80, 80, { type: 'start', title: 'Start', variables: [{ variable: 'text', type: 'paragraph', label: 'Text', required: true }] })];
  const edges: Json[] = [];
  const kinds = ['llm', 'template-transform', 'if-else', 'code', 'http-request', 'variable-aggregator'];
  for (let index = 1; index < count - 1; index += 1) {
    const kind = kinds[index % kinds.length] ?? 'code';
    const id = `n${index}`;
    const parent = index <= 8 ? 'start' : `n${index - 8}`;
    const branch = index > 8 && kinds[(index - 8) % kinds.length] === 'if-else';
    const data: Json = {
      llm: { model: gpt({ credential_name: index % 2 === 0 ? 'acme-prod' : 'customer-{{#start.text#}}' }), prompt_template: [{ role: 'user', text: '{{#start.text#}}' }], context: { enabled: false, variable_selector: [] }, vision: { enabled: false } },
      'template-transform': { template: '{{ text }}', variables: [{ variable: 'text', value_selector: ['start', 'text'] }] },
      'if-else': { cases: [{ case_id: 'true', logical_operator: 'and', conditions: [{ variable_selector: ['start', 'text'], comparison_operator: 'contains', value: 'refund' }] }] },
      code: { code_language: 'python3', code: 'def main(text: str) -> dict:\n    return {"text": text}\n', variables: [{ variable: 'text', value_selector: ['start', 'text'] }], outputs: { text: { type: 'string', children: null } } },
      'http-request': { method: 'get', url: 'https://example.com/{{#start.text#}}', authorization: { type: 'no-auth', config: null }, headers: '', params: '', body: { type: 'none', data: [] } },
      'variable-aggregator': { output_type: 'string', variables: [['start', 'text']] },
    }[kind] ?? {};
    nodes.push(node(id, 80 + 280 * Math.ceil(index / 8), 80 + 180 * ((index - 1) % 8), { type: kind, title: `${kind} ${index}`, ...data }));
    edges.push(edge(parent, id, branch ? 'true' : 'source'));
  }
  nodes.push(node('end', 80 + 280 * (Math.ceil(count / 8) + 1), 80, { type: 'end', title: 'End', outputs: [] }));
  edges.push(edge(`n${count - 2}`, 'end', kinds[(count - 2) % kinds.length] === 'if-else' ? 'true' : 'source'));
  return JSON.stringify({
    kind: 'app', version: '0.6.0', app: { name: `A workflow of ${count} nodes`, mode: 'workflow', description: '' },
    workflow: { credentials: { runtime_allow: ['*'] }, environment_variables: [], conversation_variables: [], features: {}, graph: { nodes, edges } },
  });
}

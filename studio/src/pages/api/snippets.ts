/** Programs that work as they are, for one workflow and one key. */
export type SnippetLanguage = 'curl' | 'python' | 'typescript';
export type Dialect = 'native' | 'dify';
export type Subject = { origin: string; workflow: { id: string; mode: string } | null; inputs: Record<string, unknown>; environment: string | null };

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function exampleOf(variable: Record<string, unknown>): unknown {
  const given = variable.default;
  if (typeof given === 'string' && given !== '') return given;
  switch (variable.type) {
    case 'number':
      return typeof given === 'number' ? given : 1;
    case 'checkbox':
      return given === true;
    case 'select':
      return list(variable.options)[0] ?? '';
    case 'file':
      return { transfer_method: 'remote_url', url: 'https://example.com/file.pdf' };
    case 'file-list':
      return [{ transfer_method: 'remote_url', url: 'https://example.com/file.pdf' }];
    default:
      return variable.variable === 'tenant' ? 'acme' : typeof variable.label === 'string' ? variable.label : 'text';
  }
}

/** Inputs that the start node of a document would take. */
export function exampleInputs(document: unknown): Record<string, unknown> {
  const top = record(document);
  const graph = record(record(top.workflow ?? top).graph ?? top.graph);
  const start = list(graph.nodes).map(record).find((node) => record(node.data).type === 'start');
  const variables = list(record(start?.data).variables).map(record);
  return Object.fromEntries(variables.flatMap((variable) => (typeof variable.variable === 'string' ? [[variable.variable, exampleOf(variable)]] : [])));
}

const json = (value: unknown, indent = 2) => JSON.stringify(value, null, indent);
/** In single quotes for a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
/** JSON as Python writes it. */
const python = (value: unknown): string => json(value, 4).replace(/\btrue\b/g, 'True').replace(/\bfalse\b/g, 'False').replace(/\bnull\b/g, 'None');

function bodyOf(subject: Subject, dialect: Dialect): Record<string, unknown> {
  const chat = subject.workflow?.mode === 'advanced-chat';
  if (dialect === 'dify') return { inputs: subject.inputs, ...(chat ? { query: 'Where is my invoice?' } : {}), response_mode: 'blocking', user: 'user-1' };
  return { inputs: subject.inputs, ...(chat ? { query: 'Where is my invoice?' } : {}), response_mode: 'blocking', end_user: 'user-1', ...(subject.environment ? { environment: subject.environment } : {}) };
}

function pathOf(subject: Subject, dialect: Dialect): string {
  if (dialect === 'dify') return subject.workflow?.mode === 'advanced-chat' ? '/v1/chat-messages' : '/v1/workflows/run';
  return `/api/v1/workflows/${subject.workflow?.id ?? 'WORKFLOW_ID'}/runs`;
}

const outputPath = (subject: Subject, dialect: Dialect) => (dialect === 'native' ? ['outputs'] : subject.workflow?.mode === 'advanced-chat' ? ['answer'] : ['data', 'outputs']);

const pick = (name: string, path: string[]) => path.reduce((text, part) => `${text}["${part}"]`, name);

export function snippet(language: SnippetLanguage, dialect: Dialect, subject: Subject): string {
  const url = `${subject.origin}${pathOf(subject, dialect)}`;
  const body = bodyOf(subject, dialect);
  switch (language) {
    case 'curl':
      return [`curl -sS ${quoted(url)} \\`, `  -H "Authorization: Bearer $LATCHKEY_API_KEY" \\`, `  -H 'Content-Type: application/json' \\`, `  -d ${quoted(json(body))}`].join('\n');
    case 'python':
      return [
        'import json, os, urllib.request',
        '',
        `body = ${python(body)}`,
        'request = urllib.request.Request(',
        `    "${url}",`,
        '    data=json.dumps(body).encode(),',
        '    headers={',
        '        "Authorization": f"Bearer {os.environ[\'LATCHKEY_API_KEY\']}",',
        '        "Content-Type": "application/json",',
        '    },',
        ')',
        'with urllib.request.urlopen(request) as response:',
        '    run = json.load(response)',
        `print(${pick('run', outputPath(subject, dialect))})`,
      ].join('\n');
    case 'typescript':
      return [
        `const response = await fetch("${url}", {`,
        '  method: "POST",',
        '  headers: {',
        '    Authorization: `Bearer ${process.env.LATCHKEY_API_KEY}`,',
        '    "Content-Type": "application/json",',
        '  },',
        `  body: JSON.stringify(${json(body).replaceAll('\n', '\n  ')}),`,
        '});',
        'if (!response.ok) throw new Error(await response.text());',
        'const run = await response.json();',
        `console.log(${outputPath(subject, dialect).reduce((text, part) => `${text}.${part}`, 'run')});`,
      ].join('\n');
  }
}

import { describe, expect, it } from 'vitest';
import { exampleInputs, snippet, type Subject } from './snippets';

const subject: Subject = { origin: 'http://127.0.0.1:8080', workflow: { id: 'w1', mode: 'workflow' }, inputs: { tenant: "it's", deep: true }, environment: null };

describe('exampleInputs', () => {
  it('takes what the start node declares', () => {
    const variables = [
      { variable: 'tenant', type: 'text-input', label: 'Customer' },
      { variable: 'count', type: 'number', default: 3 },
      { variable: 'kind', type: 'select', options: ['a', 'b'] },
      { variable: 'note', type: 'paragraph', default: 'given' },
      { variable: 'on', type: 'checkbox' },
    ];
    const document = { workflow: { graph: { nodes: [{ data: { type: 'llm' } }, { data: { type: 'start', variables } }] } } };
    expect(exampleInputs(document)).toEqual({ tenant: 'acme', count: 3, kind: 'a', note: 'given', on: false });
  });

  it('is empty for what is no document', () => expect(exampleInputs('x')).toEqual({}));
});

describe('snippet', () => {
  it('quotes for a shell', () => expect(snippet('curl', 'native', subject)).toContain(`"it'\\''s"`));
  it('writes Python values', () => expect(snippet('python', 'native', subject)).toContain('"deep": True'));
  it('speaks the other dialect', () => {
    expect(snippet('typescript', 'dify', subject)).toContain('/v1/workflows/run');
    expect(snippet('typescript', 'dify', { ...subject, workflow: { id: 'w', mode: 'advanced-chat' } })).toContain('run.answer');
  });
});

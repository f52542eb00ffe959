import type { ImportedCredentialView, ReportView } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { bindings, mapping, matches, outline, rowKey, toLookAt, untouched, verdict } from './file';

const row = (name: string | null, state = 'missing'): ImportedCredentialView => ({ node_ids: ['a'], provider: 'openai', model: 'gpt-4o', selector: name ? { credential_name: name } : {}, state });

describe('outline', () => {
  it('counts what a file holds and knows the titles of its nodes', () => {
    const file = outline('version: 0.6.0\napp: {name: Desk, mode: workflow}\nworkflow: {graph: {nodes: [{id: a, data: {title: Ask}}, {id: b}], edges: [{}]}}');
    expect(file).toMatchObject({ name: 'Desk', mode: 'workflow', version: '0.6.0', nodes: 2, edges: 1 });
    expect(file?.titles.get('a')).toBe('Ask');
    expect(file?.titles.get('b')).toBe('b');
  });

  it('says nothing of what is no YAML', () => expect(outline('{{{')).toBeNull());
  it('takes a file without a graph', () => expect(outline('hello')).toMatchObject({ name: '', nodes: 0 }));
});

describe('what is sent', () => {
  const choices = new Map([
    [rowKey(row('old')), { name: 'acme-prod', kind: 'credential' as const }],
    [rowKey(row(null)), { name: 'pool', kind: 'pool' as const }],
  ]);

  it('maps a name of the file, and binds a model that names none', () => {
    const rows = [row('old'), row(null), row('untouched', 'found')];
    expect(mapping(rows, choices)).toEqual({ 'openai/old': 'acme-prod' });
    expect(bindings(rows, choices)).toEqual([{ provider: 'openai', model: 'gpt-4o', credential_name: 'pool' }]);
  });

  it('does not map a name by variable', () => {
    const by = row('customer-{{#start.tenant#}}', 'by_variable');
    expect(mapping([by], new Map([[rowKey(by), { name: 'x', kind: 'credential' }]]))).toEqual({});
  });
});

describe('verdict', () => {
  it.each([
    [row(null, 'found'), 'shared'],
    [row('here', 'found'), 'ready'],
    [row('customer-{{#start.t#}}', 'by_variable'), 'variable'],
    [row(null, 'missing'), 'missing'],
  ] as const)('of %j is %s', (given, expected) => expect(verdict(given, undefined)).toBe(expected));

  it('is ready once a key was chosen', () => expect(verdict(row(null), { name: 'x', kind: 'pool' })).toBe('ready'));
});

describe('matches', () => {
  it('finds keys of the same provider whatever the case', () => {
    const here = [
      { provider: 'anthropic', name: 'old', kind: 'credential' as const },
      { provider: 'openai', name: 'OLD', kind: 'pool' as const },
    ];
    expect(matches([row('old'), row('other'), row(null)], here)).toEqual(new Map([[rowKey(row('old')), { name: 'OLD', kind: 'pool' }]]));
  });
});

describe('report', () => {
  const item = (severity: string, code: string, node_id?: string) => ({ severity, code, message: '', node_id });
  const report = { items: [item('info', 'version_older'), item('warning', 'credential_missing', 'a'), item('warning', 'tool_unbound', 'b'), item('error', 'node_invalid', 'c')] } as ReportView;

  it('shows what is to be looked at, keys apart', () => expect(toLookAt(report).map((each) => each.code)).toEqual(['tool_unbound', 'node_invalid']));
  it('counts the nodes that stay as they are', () => expect(untouched(report, 5)).toBe(3));
});

import type { ResolveRow } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { shortSelector, whoPays } from './resolve';

const row = (over: Partial<ResolveRow>): ResolveRow => ({ node_id: 'n', title: 'N', provider: 'openai', model: 'gpt-4o', outcome: 'resolved', ...over });
const paid = (name: string, level = 'node', pool?: string) =>
  row({ resolution: { level, provider: 'openai', credential_name: name, considered: [], ...(pool ? { pool: { name: pool, member: name, attempt: 1 } } : {}) } });
const byVariable = row({ outcome: 'failed', failure: { code: 'credential_selector_empty', level: 'node', selector: 'customer-{{#start.tenant#}}', considered: [] } });
const missing = row({ outcome: 'failed', failure: { code: 'credential_missing', considered: [] } });

describe('who pays for a workflow', () => {
  it('is nobody without a model', () => expect(whoPays([])).toEqual({ kind: 'none' }));
  it('is nobody where no key is needed', () => expect(whoPays([row({ outcome: 'not_needed' })])).toEqual({ kind: 'free' }));
  it('is by variable, although the name is empty without a run', () => expect(whoPays([byVariable, byVariable])).toMatchObject({ kind: 'key', name: 'customer-{tenant}', level: 'node', byVariable: true, more: 0 }));
  it('is missing before it is anything else', () => expect(whoPays([paid('acme'), missing])).toEqual({ kind: 'missing', nodes: 1 }));
  it('names the pool rather than its member', () => expect(whoPays([paid('acme', 'node', 'chain')])).toMatchObject({ name: 'chain', pool: true }));
  it('counts the other keys', () => expect(whoPays([paid('a'), paid('b'), paid('b')])).toMatchObject({ name: 'a', more: 1 }));
});

it('shortens a selector to its last part', () => expect(shortSelector('{{#start.tenant#}}-{{#env.stage#}}')).toBe('{tenant}-{stage}'));

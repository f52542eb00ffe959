import type { CredentialView } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { byUrgency, needsAttention, standing, usable } from './credential-state';

const now = Date.parse('2026-11-27T12:00:00Z');
const health = { cooling_until: null, cooling_code: null, exhausted_at: null, probe_at: null, failures: 0, last_success_at: null, last_failure_at: null };
const base: CredentialView = {
  id: 'c', provider: 'openai', name: 'acme', state: 'active', values: {}, settings: {}, hosts: [], scope: {}, limits: {},
      in_use: {}, budgets: [], health, version: 1, expires_at: null,
  created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', last_used_at: '2026-11-27T11:00:00Z', last_validated_at: null,
};
const spent = (used: string) => [{ limit: '50', period: 'month', reserved: '0', used, unit: 'USD', resets_at: null, warn_percent: 80, money: null }];
const given = (over: Partial<CredentialView>): CredentialView => ({ ...base, ...over });

describe('the state a credential is shown with', () => {
  it.each([
    [{}, 'active'],
    [{ last_used_at: null }, 'untested'],
    [{ state: 'disabled', expires_at: '2026-01-01T00:00:00Z' }, 'disabled'],
    [{ state: 'invalid' }, 'invalid'],
    [{ expires_at: '2026-11-27T11:59:00Z' }, 'expired'],
    [{ expires_at: '2026-12-03T12:00:00Z' }, 'expires'],
    [{ expires_at: '2027-12-03T12:00:00Z' }, 'active'],
    [{ budgets: spent('46') }, 'budget'],
    [{ budgets: spent('39') }, 'active'],
    [{ budgets: spent('50') }, 'exhausted'],
    [{ health: { ...health, cooling_until: '2026-11-27T12:00:14Z' } }, 'cooling'],
    [{ health: { ...health, cooling_until: '2026-11-27T11:59:00Z' } }, 'active'],
  ] as const)('%j is %s', (over, expected) => expect(standing(given(over as Partial<CredentialView>), now).name).toBe(expected));
});

it('can be used while its budget only warns, not while it cools down', () => {
  expect(usable(given({ budgets: spent('46') }), now)).toBe(true);
  expect(usable(given({ health: { ...health, cooling_until: '2026-11-27T12:00:14Z' } }), now)).toBe(false);
});

it('asks a person for what does not mend itself, the worst first', () => {
  const soon = given({ expires_at: '2026-12-03T12:00:00Z' });
  const refused = given({ state: 'invalid' });
  expect([soon, refused].sort(byUrgency(now))).toEqual([refused, soon]);
  expect(needsAttention(given({ health: { ...health, cooling_until: '2026-11-27T12:00:14Z' } }), now)).toBe(false);
});

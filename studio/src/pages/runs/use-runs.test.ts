import type { ModelCallView } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { begin, paidBy } from './use-runs';

const call = (run: string | null, name: string | null, outcome = 'succeeded', provider = 'openai') => ({ run_id: run, credential_name: name, provider, outcome }) as ModelCallView;

describe('paidBy', () => {
  it('names each key of a run once', () => {
    const keys = paidBy([call('a', 'acme'), call('a', 'acme'), call('a', 'acme', 'succeeded', 'anthropic'), call('b', 'globex', 'failed')]);
    expect(keys.get('a')).toHaveLength(2);
    expect(keys.get('b')).toEqual([{ provider: 'openai', name: 'globex', failed: true }]);
  });

  it('leaves out tests of keys, and calls that nobody paid', () => expect(paidBy([call(null, 'acme'), call('a', null)]).size).toBe(0));
});

describe('begin', () => {
  const now = Date.parse('2026-11-27T12:00:30Z');
  it('counts hours back, to the minute', () => expect(begin('24', now)).toBe('2026-11-26T12:00:00.000Z'));
  it('takes a time as it is', () => expect(begin('2026-11-01T00:00:00Z', now)).toBe('2026-11-01T00:00:00Z'));
  it('is nothing without one', () => expect(begin(undefined, now)).toBeUndefined());
});

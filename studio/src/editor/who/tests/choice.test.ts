import { describe, expect, it } from 'vitest';
import { fallbackOf, modeOf, withFallback, withLock, withName, withOnEmpty } from '../choice';
import { distinct } from '../resolve';

const isPool = (name: string) => name === 'team';

describe('who pays, in the document', () => {
  it('is one of four ways', () => {
    expect(modeOf({}, isPool)).toBe('inherited');
    expect(modeOf({ credential_name: 'acme' }, isPool)).toBe('credential');
    expect(modeOf({ credential_id: '0199' }, isPool)).toBe('credential');
    expect(modeOf({ credential_name: 'team' }, isPool)).toBe('pool');
    expect(modeOf({ credential_name: 'customer-{{#start.tenant#}}' }, isPool)).toBe('variable');
  });

  it('a name replaces an id, and an empty one says nothing', () => {
    expect(withName({ name: 'm', credential_id: '1', credential_locked: true }, 'acme')).toEqual({ name: 'm', credential_locked: true, credential_name: 'acme' });
    expect(withName({ name: 'm', credential_name: 'acme' }, '')).toEqual({ name: 'm' });
  });

  it('defaults are not written', () => {
    expect(withLock({ credential_locked: true }, false)).toEqual({});
    expect(withOnEmpty({}, true)).toEqual({ credential_on_empty: 'next' });
    expect(withOnEmpty({ credential_on_empty: 'next' }, false)).toEqual({});
    expect(withFallback({}, ['b', 'c'])).toEqual({ credential_fallback: ['b', 'c'] });
    expect(fallbackOf(withFallback({ credential_fallback: ['b'] }, []))).toEqual([]);
  });
});

describe('values of the last runs', () => {
  it('are different ones, the most frequent first', () => {
    const runs = [{ tenant: 'acme' }, { tenant: 'globex' }, { tenant: 'globex' }, {}, { tenant: '' }];
    expect(distinct(runs, ['tenant']).map((row) => [row.shown, row.count])).toEqual([['globex', 2], ['acme', 1]]);
    expect(distinct(runs, ['tenant'], 1)).toHaveLength(1);
    expect(distinct(runs, ['other'])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { UsageRow } from '@/api/usage';
import { change, keyOf, quantile, shares } from './shares';

const row = (over: Partial<UsageRow>): UsageRow => ({
  calls: 1, refused: 0, input_tokens: 10, cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: 5, reasoning_tokens: 0, unpriced_calls: 0, estimated_calls: 0, lost_calls: 0, cost: [], ...over,
});
const usd = (amount: string) => [{ amount, currency: 'USD' }];

describe('shares', () => {
  const rows = [
    row({ day: '1', credential: 'acme', credential_id: 'a', cost: usd('1') }),
    row({ day: '2', credential: 'acme', credential_id: 'a', cost: usd('2') }),
    row({ day: '2', credential: 'acme', credential_id: 'b', cost: [{ amount: '9', currency: 'CNY' }, ...usd('4')] }),
  ];

  it('adds the days of one credential, not two of the same name', () => {
    expect(shares(rows, 'credential', 'USD').map(({ key, amount, calls, tokens }) => [key, amount, calls, tokens])).toEqual([
      ['b', 4, 1, 15],
      ['a', 3, 2, 30],
    ]);
  });

  it('keeps currencies apart', () => expect(shares(rows, 'credential', 'CNY')[0]).toMatchObject({ key: 'b', amount: 9 }));
});

it('tells nodes of two workflows apart', () => expect(keyOf(row({ node: 'llm', workflow_id: 'w' }), 'node')).toBe('w/llm'));
it('has no change where nothing was before', () => {
  expect(change(3, 2)).toBe(0.5);
  expect(change(3, 0)).toBeNull();
});
it('finds the middle and the slow end', () => {
  expect(quantile([5, 1, 3], 0.5)).toBe(3);
  expect(quantile([...Array(100).keys()], 0.95)).toBe(94);
  expect(quantile([], 0.5)).toBeNull();
});

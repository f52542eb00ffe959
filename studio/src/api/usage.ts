import { type MoneyView, usage, type UsageData } from '@latchkey/client';
import { queryOptions } from '@tanstack/react-query';
import { ok } from './http';

export type UsageKey = 'credential' | 'workflow' | 'provider' | 'model' | 'environment' | 'end_user' | 'node' | 'api_key' | 'level' | 'day' | 'usage_source';

/** One row of the ledger's sums: the keys that were asked for, and what they came to. */
export type UsageRow = {
  [K in UsageKey]?: string | null;
} & {
  credential_id?: string | null;
  workflow_id?: string | null;
  calls: number;
  refused: number;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  unpriced_calls: number;
  estimated_calls: number;
  lost_calls: number;
  cost: MoneyView[];
};

export type UsageFilter = Omit<NonNullable<UsageData['query']>, 'group_by'>;
export type Sums = { rows: UsageRow[]; total: UsageRow };

export const usageQuery = (groupBy: UsageKey[], filter: UsageFilter) =>
  queryOptions({
    queryKey: ['usage', groupBy, filter],
    // The contract describes rows as objects only; what they hold is written in docs/api.md.
    queryFn: async () => (await ok(usage({ query: { ...filter, group_by: groupBy.join(',') } }))) as unknown as Sums,
    staleTime: 30_000,
  });

const dayMs = 86_400_000;

/** UTC days, oldest first; the last one is today. */
export function lastDays(count: number, now = Date.now()): string[] {
  return Array.from({ length: count }, (_, index) => new Date(now - (count - 1 - index) * dayMs).toISOString().slice(0, 10));
}

/** The beginning of the first of these days. */
export const since = (days: number, now = Date.now()) => `${lastDays(days, now)[0]}T00:00:00Z`;

/** Amounts of each currency for itself. */
export function addMoney(costs: MoneyView[][]): MoneyView[] {
  const sums = new Map<string, number>();
  for (const cost of costs.flat()) sums.set(cost.currency, (sums.get(cost.currency) ?? 0) + Number(cost.amount));
  return [...sums].map(([currency, amount]) => ({ currency, amount: String(amount) })).sort((a, b) => Number(b.amount) - Number(a.amount));
}

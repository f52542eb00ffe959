import type { ModelCallView } from '@latchkey/client';
import type { UsageKey, UsageRow } from '@/api/usage';

export type By = Extract<UsageKey, 'credential' | 'workflow' | 'model' | 'node' | 'end_user' | 'environment'>;
export const bys: readonly By[] = ['credential', 'workflow', 'model', 'node', 'end_user', 'environment'];
export const isBy = (name: string | undefined): name is By => bys.some((by) => by === name);

/** Keys that tell two rows of the same name apart. */
export const groupKeys: Record<By, UsageKey[]> = {
  credential: ['credential', 'provider'],
  workflow: ['workflow'],
  model: ['model', 'provider'],
  node: ['node', 'workflow'],
  end_user: ['end_user'],
  environment: ['environment'],
};

export type Share = { key: string; row: UsageRow; amount: number; calls: number; tokens: number };

/** What a row is, as one text that is the same in each period. */
export function keyOf(row: UsageRow, by: By): string {
  switch (by) {
    case 'credential':
      return row.credential_id ?? row.credential ?? '';
    case 'workflow':
      return row.workflow_id ?? row.workflow ?? '';
    case 'model':
      return row.model ? `${row.provider ?? ''}/${row.model}` : '';
    case 'node':
      return row.node ? `${row.workflow_id ?? ''}/${row.node}` : '';
    case 'end_user':
      return row.end_user ?? '';
    case 'environment':
      return row.environment ?? '';
  }
}

export const amountIn = (row: UsageRow, currency: string) => Number(row.cost.find((cost) => cost.currency === currency)?.amount ?? 0);
export const tokensOf = (row: UsageRow) => row.input_tokens + row.output_tokens;

/** One for each key, the dearest first; amounts of one currency. */
export function shares(rows: UsageRow[], by: By, currency: string): Share[] {
  const found = new Map<string, Share>();
  for (const row of rows) {
    const key = keyOf(row, by);
    const share = found.get(key) ?? { key, row, amount: 0, calls: 0, tokens: 0 };
    share.amount += amountIn(row, currency);
    share.calls += row.calls;
    share.tokens += tokensOf(row);
    found.set(key, share);
  }
  return [...found.values()].sort((a, b) => b.amount - a.amount || b.calls - a.calls || a.key.localeCompare(b.key));
}

/** The change against the period before, as a share; null where there was nothing. */
export const change = (now: number, before: number) => (before > 0 ? (now - before) / before : null);

/** The value below which this share of the values lies. */
export function quantile(values: number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export type Reason = 'limit' | 'budget' | 'rule' | 'busy' | 'key' | 'other';

/** Why a call did not go through. */
export function reason(call: Pick<ModelCallView, 'outcome' | 'error_code' | 'http_status'>): Reason {
  const code = call.error_code ?? '';
  if (code.includes('budget')) return 'budget';
  if (call.outcome === 'refused') return code.includes('rate') || code.includes('limit') || code.includes('concurren') ? 'limit' : 'rule';
  if (call.http_status === 429) return 'busy';
  if (call.http_status === 401 || call.http_status === 403 || code.includes('credential_invalid')) return 'key';
  return 'other';
}

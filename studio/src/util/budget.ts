import type { BudgetView } from '@latchkey/client';
import { money, short } from '@/util/format';

/** What was used and what is allowed, in the budget's own unit. */
export function budgetAmounts(budget: BudgetView): { used: string; limit: string } {
  const used = Number(budget.used) + Number(budget.reserved);
  if (budget.unit === 'tokens') return { used: short(used), limit: short(Number(budget.limit)) };
  const currency = budget.money?.currency ?? budget.unit;
  return { used: money(used, currency), limit: money(budget.limit, currency) };
}

/** Where the period would end if it went on as it began; null in its first tenth, and without an end. */
export function forecast(budget: BudgetView, now: number): number | null {
  if (!budget.resets_at || budget.period === 'total') return null;
  const end = Date.parse(budget.resets_at);
  const from = new Date(end);
  if (budget.period === 'month') from.setUTCMonth(from.getUTCMonth() - 1);
  else from.setUTCDate(from.getUTCDate() - 1);
  const passed = (now - from.getTime()) / (end - from.getTime());
  return passed > 0.1 && passed < 1 ? Number(budget.used) / passed : null;
}

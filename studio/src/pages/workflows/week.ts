import type { MoneyView } from '@latchkey/client';
import { addMoney, lastDays, type UsageRow } from '@/api/usage';

export type Week = { perDay: number[]; calls: number; refused: number; cost: MoneyView[] };

/** One workflow's calls of the last seven days. */
export function weekOf(rows: UsageRow[], workflow: string): Week {
  const mine = rows.filter((row) => row.workflow_id === workflow);
  const perDay = lastDays(7).map((day) => mine.filter((row) => row.day === day).reduce((sum, row) => sum + row.calls + row.refused, 0));
  return {
    perDay,
    calls: mine.reduce((sum, row) => sum + row.calls, 0),
    refused: mine.reduce((sum, row) => sum + row.refused, 0),
    cost: addMoney(mine.map((row) => row.cost)),
  };
}

/** The share of model calls that our own rules let through; null without calls. */
export const throughShare = ({ calls, refused }: Week) => (calls + refused === 0 ? null : calls / (calls + refused));

import type { MoneyView, RunCountView } from '@latchkey/client';
import { addMoney, lastDays, type UsageRow } from '@/api/usage';

/** What the workflows of a list did in the last seven days: their runs, and the sums of their model calls. */
export type WeekRows = { runs: RunCountView[]; calls: UsageRow[] };
export type Week = { perDay: number[]; runs: number; ended: number; well: number; cost: MoneyView[] };

const well = ['succeeded', 'partial-succeeded'];
const ended = [...well, 'failed', 'stopped'];
const count = (rows: RunCountView[], statuses?: string[]) => rows.reduce((sum, row) => sum + (!statuses || statuses.includes(row.status) ? row.runs : 0), 0);

/** One workflow's week. */
export function weekOf(rows: WeekRows, workflow: string): Week {
  const mine = rows.runs.filter((row) => row.workflow_id === workflow);
  return {
    perDay: lastDays(7).map((day) => count(mine.filter((row) => row.day === day))),
    runs: count(mine),
    ended: count(mine, ended),
    well: count(mine, well),
    cost: addMoney(rows.calls.filter((row) => row.workflow_id === workflow).map((row) => row.cost)),
  };
}

/** The share of runs that succeeded, of those that are over; null without one. */
export const succeeded = (week: Week) => (week.ended === 0 ? null : week.well / week.ended);

import type { RunCountView } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { lastDays, type UsageRow } from '@/api/usage';
import { succeeded, weekOf } from './week';

const today = lastDays(1)[0] ?? '';
const runs = (workflow: string, status: string, count: number, day = today): RunCountView => ({ workflow_id: workflow, status, runs: count, day });
const paid = (workflow: string, amount: string) => ({ workflow_id: workflow, cost: [{ currency: 'USD', amount }] }) as unknown as UsageRow;

describe('weekOf', () => {
  const rows = { runs: [runs('a', 'succeeded', 6), runs('a', 'failed', 2), runs('a', 'running', 1), runs('a', 'partial-succeeded', 2, lastDays(7)[0]), runs('b', 'failed', 9)], calls: [paid('a', '0.5'), paid('a', '0.25'), paid('b', '1')] };

  it('counts the runs of one workflow, day by day', () => {
    const week = weekOf(rows, 'a');
    expect(week.runs).toBe(11);
    expect(week.perDay).toEqual([2, 0, 0, 0, 0, 0, 9]);
    expect(week.cost).toEqual([{ currency: 'USD', amount: '0.75' }]);
  });

  it('leaves runs that are not over out of the share', () => expect(succeeded(weekOf(rows, 'a'))).toBe(0.8));
  it('has no share without a run', () => expect(succeeded(weekOf(rows, 'c'))).toBeNull());
});

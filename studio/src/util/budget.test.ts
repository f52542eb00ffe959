import type { BudgetView } from '@latchkey/client';
import { describe, expect, it } from 'vitest';
import { budgetAmounts, forecast } from './budget';

const month: BudgetView = { limit: '50', period: 'month', reserved: '0.5', used: '18', unit: 'USD', money: { amount: '50', currency: 'USD' }, resets_at: '2026-12-01T00:00:00Z' };

describe('a budget', () => {
  it('counts what is reserved as used', () => expect(budgetAmounts(month)).toEqual({ used: '$18.50', limit: '$50.00' }));
  it('in tokens is written short', () => expect(budgetAmounts({ ...month, unit: 'tokens', used: '61000', reserved: '0', limit: '200000', money: null })).toEqual({ used: '61k', limit: '200k' }));
});

describe('the forecast', () => {
  it('goes on as the month began', () => expect(forecast(month, Date.parse('2026-11-16T00:00:00Z'))).toBeCloseTo(36));
  it('says nothing in the first days', () => expect(forecast(month, Date.parse('2026-11-02T00:00:00Z'))).toBeNull());
  it('says nothing of a total', () => expect(forecast({ ...month, period: 'total', resets_at: null }, Date.now())).toBeNull());
});

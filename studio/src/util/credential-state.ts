import type { BudgetView, CredentialView } from '@latchkey/client';
import type { StateName } from '@/components/State';

const day = 86_400_000;

export const budgetShare = (budget: BudgetView): number => {
  const limit = Number(budget.limit);
  return limit > 0 ? (Number(budget.used) + Number(budget.reserved)) / limit : 0;
};

/** The budget that is closest to its limit. */
export function tightest(budgets: BudgetView[]): BudgetView | undefined {
  return budgets.reduce<BudgetView | undefined>((worst, budget) => (!worst || budgetShare(budget) > budgetShare(worst) ? budget : worst), undefined);
}

export type Standing = { name: StateName; values?: Record<string, string | number>; percent?: number; until?: string };

/** The one state that a credential is shown with: the worst that holds now. */
export function standing(credential: CredentialView, now: number): Standing {
  if (credential.state === 'disabled') return { name: 'disabled' };
  if (credential.state === 'invalid') return { name: 'invalid' };
  if (credential.expires_at && Date.parse(credential.expires_at) <= now) return { name: 'expired' };
  const budget = tightest(credential.budgets);
  const share = budget ? budgetShare(budget) : 0;
  if (credential.state === 'exhausted' || share >= 1) return { name: 'exhausted' };
  const cooling = credential.health.cooling_until;
  if (cooling && Date.parse(cooling) > now) return { name: 'cooling', until: cooling };
  if (budget && share * 100 >= (budget.warn_percent ?? 80)) return { name: 'budget', percent: share };
  if (credential.expires_at && Date.parse(credential.expires_at) - now < 14 * day) return { name: 'expires', until: credential.expires_at };
  if (!credential.last_validated_at && !credential.last_used_at) return { name: 'untested' };
  return { name: 'active' };
}

// The most urgent first.
const bad: readonly StateName[] = ['invalid', 'expired', 'exhausted', 'budget', 'expires'];

/** The worst first. */
export const byUrgency = (now: number) => (a: CredentialView, b: CredentialView) => bad.indexOf(standing(a, now).name) - bad.indexOf(standing(b, now).name);

/** Whether a person has to look at it. */
export const needsAttention = (credential: CredentialView, now: number) => bad.includes(standing(credential, now).name);

/** Whether a call could be paid by it now. */
export function usable(credential: CredentialView, now: number): boolean {
  return !['disabled', 'invalid', 'expired', 'exhausted', 'cooling'].includes(standing(credential, now).name);
}

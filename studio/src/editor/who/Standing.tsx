import type { CredentialView, ResolveRow } from '@latchkey/client';
import { CircleX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { State } from '@/components/State';
import { standing, tightest } from '@/util/credential-state';
import { money, number, percent, roughly } from '@/util/format';
import { useSeconds } from '@/util/now';

/** How a credential stands now: its worst state, in words. Cool-downs count down. */
export function CredentialStanding({ credential, ready }: { credential: CredentialView; ready?: boolean }) {
  const now = useSeconds();
  const { name, percent: share, until } = standing(credential, now);
  const values = { ...(share === undefined ? {} : { percent: percent(share) }), ...(until === undefined ? {} : { time: roughly(Date.parse(until) - now) }) };
  return <State name={name === 'active' && ready !== false ? 'ready' : name} values={values} />;
}

/** `42 of 60 rpm · $18.42 of $50`. */
export function useLimits(): (credential: CredentialView) => string {
  const { t } = useTranslation('editor');
  return (credential) => {
    const parts: string[] = [];
    const rpm = credential.limits.requests_per_minute;
    if (rpm != null) parts.push(t('who.rpm', { used: number(credential.in_use.requests_per_minute ?? 0), limit: number(rpm) }));
    const budget = tightest(credential.budgets);
    if (budget !== undefined) {
      const used = Number(budget.used) + Number(budget.reserved);
      const shown = (amount: number) => (budget.money == null ? number(amount) : money(amount, budget.money.currency));
      parts.push(t('who.budget', { used: shown(used), limit: shown(Number(budget.limit)) }));
    }
    return parts.join(' · ');
  };
}

/** Why a call would fail, in the words of its code. */
export function WouldFail({ row }: { row: ResolveRow }) {
  const { t } = useTranslation('editor');
  const code = row.code ?? 'credential_missing';
  return (
    <span className="st err" title={row.detail ?? code}>
      <Icon of={CircleX} />
      {t(`code.${code}`, { defaultValue: code })}
    </span>
  );
}

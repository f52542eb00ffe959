import type { CredentialView, ProviderView } from '@latchkey/client';
import { Link, useNavigate } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { lastDays, type UsageRow } from '@/api/usage';
import { Bar } from '@/components/Bar';
import { CredentialName, last4 } from '@/components/CredentialName';
import { ProviderMark } from '@/components/ProviderMark';
import { Sparkline } from '@/components/Sparkline';
import { Time } from '@/components/Time';
import { budgetShare, tightest } from '@/util/credential-state';
import { monthName, short } from '@/util/format';
import { budgetAmounts } from '@/util/budget';
import { CredentialMenu } from './CredentialMenu';
import { RotatingState } from './RotatingState';

function ScopeText({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const { workflows, environments, principals } = credential.scope;
  return (
    <>
      <span>{workflows ? t('workflows', { count: workflows.length }) : t('allWorkflows')}</span>
      <span className="t3"> · {environments ? environments.join(', ') || t('noEnvironment') : t('anyEnvironment')}</span>
      {principals && <span className="t3"> · {t('callers', { count: principals.length })}</span>}
    </>
  );
}

/** The first limit that is set, and how much of it is taken now. */
function RightNow({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const { limits, in_use: used } = credential;
  const all = [
    { limit: limits.requests_per_minute, taken: used.requests_per_minute, unit: t('per.rpm') },
    { limit: limits.tokens_per_minute, taken: used.tokens_per_minute, unit: t('per.tpm') },
    { limit: limits.concurrent_calls, taken: used.concurrent_calls, unit: t('per.atOnce') },
  ];
  const set = all.flatMap(({ limit, taken, unit }) => (limit ? [{ share: (taken ?? 0) / limit, text: `${short(taken ?? 0)} / ${short(limit)} ${unit}` }] : []));
  const first = set[0];
  if (!first) return <span className="t3">{t('unlimited')}</span>;
  return (
    <span className="row" title={set.map((each) => each.text).join(' · ')}>
      <Bar className="w-11 flex-none" share={first.share} tone={first.share >= 1 ? 'e' : 'plain'} label={first.text} />
      <span className="t2">{first.text}</span>
    </span>
  );
}

export function BudgetCell({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const budget = tightest(credential.budgets);
  if (!budget) return <span className="t3">{t('noBudget')}</span>;
  const { used, limit } = budgetAmounts(budget);
  return (
    <div className="bud w-[132px]">
      <div className="row sm num mb-1 justify-between">
        <span>{used}</span>
        <span className="t3">{t('of', { limit })}</span>
      </div>
      <Bar plainScale share={budgetShare(budget)} warnAt={(budget.warn_percent ?? 80) / 100} label={t('budgetLabel', { used, limit, period: t(`periods.${budget.period}`) })} />
    </div>
  );
}

function costPerDay(costs: UsageRow[], id: string): number[] {
  const mine = costs.filter((row) => row.credential_id === id);
  // The shape of one line only: amounts of different currencies are not told apart in it.
  return lastDays(12).map((day) => mine.filter((row) => row.day === day).reduce((sum, row) => sum + row.cost.reduce((all, cost) => all + Number(cost.amount), 0), 0));
}

type Props = { rows: CredentialView[]; providers: ProviderView[]; costs: UsageRow[] };

function Group({ provider, rows, all, costs }: { provider: ProviderView | undefined; rows: CredentialView[]; all: CredentialView[]; costs: UsageRow[] }) {
  const { t } = useTranslation('credentials');
  const navigate = useNavigate();
  const id = rows[0]?.provider ?? '';
  const standard = all.find((credential) => credential.id === provider?.default_credential_id);
  return (
    <Fragment>
      <tr className="grp">
        <td colSpan={8} className="full">
          <div className="row">
            <ProviderMark provider={id} />
            <span>{provider?.label ?? id}</span>
            <span className="t3 sm font-[450]">{t('count', { count: rows.length })}</span>
            <span className="t2 sm end hide-m font-[450]">
              {standard ? (
                <>
                  {t('default')} <code>{standard.name}</code>
                </>
              ) : (
                t('noDefault')
              )}
            </span>
          </div>
        </td>
      </tr>
      {rows.map((credential) => (
        <tr key={credential.id} className="go" onClick={(event) => !(event.target as Element).closest('a,button,[role=menu]') && void navigate({ to: '/credentials/$id', params: { id: credential.id } })}>
          <td>
            <Link to="/credentials/$id" params={{ id: credential.id }} className="golink">
              <CredentialName provider={credential.provider} name={credential.name} last4={last4(credential)} />
            </Link>
          </td>
          <td className="push">
            <RotatingState credential={credential} />
          </td>
          <td className="sm hide-m">
            <ScopeText credential={credential} />
          </td>
          <td className="hide-m sm num nw">
            <RightNow credential={credential} />
          </td>
          <td className="full">
            <BudgetCell credential={credential} />
          </td>
          <td className="hide-m hide-t">
            <Sparkline values={costPerDay(costs, credential.id)} width={72} label={t('sparkline')} />
          </td>
          <td className="t2 sm nw hide-m hide-t">
            <Time at={credential.last_used_at} none={t('never')} />
          </td>
          <td className="r gone">
            <CredentialMenu credential={credential} provider={provider} />
          </td>
        </tr>
      ))}
    </Fragment>
  );
}

export function CredentialTable({ rows, providers, costs }: Props) {
  const { t } = useTranslation('credentials');
  const order = [...new Set(rows.map((row) => row.provider))].sort((a, b) => rows.filter((row) => row.provider === b).length - rows.filter((row) => row.provider === a).length || a.localeCompare(b));
  return (
    <div className="card">
      <table className="tbl stack den">
        <thead>
          <tr>
            <th>{t('col.name')}</th>
            <th>{t('col.state')}</th>
            <th>{t('col.scope')}</th>
            <th>{t('col.now')}</th>
            <th>{t('col.budget', { month: monthName() })}</th>
            <th className="hide-t">{t('col.cost')}</th>
            <th className="hide-t">{t('col.used')}</th>
            <th>
              <span className="vh">{t('col.more')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {order.map((id) => (
            <Group key={id} provider={providers.find((provider) => provider.id === id)} rows={rows.filter((row) => row.provider === id).sort((a, b) => a.created_at.localeCompare(b.created_at))} all={rows} costs={costs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

import type { BudgetView, CredentialView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Lock } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { keysQuery, providersQuery, workflowsQuery } from '@/api/queries';
import { Bar } from '@/components/Bar';
import { fieldsOf } from '@/components/credentials/form';
import { Icon } from '@/components/Icon';
import { Time } from '@/components/Time';
import { Tooltip } from '@/components/Tooltip';
import { budgetShare } from '@/util/credential-state';
import { date, duration, money, monthName, number, percent, short } from '@/util/format';
import { useMinutes } from '@/util/now';
import { budgetAmounts, forecast } from '@/util/budget';
import { BudgetDialog } from './BudgetDialog';
import { LimitsDialog } from './LimitsDialog';
import { ScopeDialog } from './ScopeDialog';

type Props = { credential: CredentialView; forbidden: string | null };

function SideCard({ title, action, onAction, forbidden, children }: { title: string; action: string; onAction: () => void; forbidden: string | null; children: ReactNode }) {
  const button = (
    <button type="button" className="link sm end" aria-disabled={!!forbidden || undefined} aria-label={`${action}: ${title}`} onClick={() => !forbidden && onAction()}>
      {action}
    </button>
  );
  return (
    <section className="card">
      <div className="hd">
        <h2>{title}</h2>
        {forbidden ? <Tooltip text={forbidden}>{button}</Tooltip> : button}
      </div>
      <div className="bd">{children}</div>
    </section>
  );
}

export function LimitsCard({ credential, forbidden }: Props) {
  const { t } = useTranslation(['credentials', 'common']);
  const [open, setOpen] = useState(false);
  const { limits, in_use: used } = credential;
  const rows: [string, number | null | undefined, number | null | undefined][] = [
    [t('limit.requests'), limits.requests_per_minute, used.requests_per_minute],
    [t('limit.tokens'), limits.tokens_per_minute, used.tokens_per_minute],
    [t('limit.atOnce'), limits.concurrent_calls, used.concurrent_calls],
  ];
  const set = rows.flatMap(([label, limit, taken]) => (limit ? [{ label, limit, taken: taken ?? 0 }] : []));
  return (
    <SideCard title={t('limits')} action={t('common:edit')} onAction={() => setOpen(true)} forbidden={forbidden}>
      {set.length === 0 && <p className="t2 sm">{t('noLimits')}</p>}
      {set.map(({ label, limit, taken }) => (
        <div key={label} className="mb-3 last:mb-0">
          <div className="row sm num mb-[5px] justify-between">
            <span className="t2">{label}</span>
            <span>
              {short(taken)} <span className="t3">{t('of', { limit: short(limit) })}</span>
            </span>
          </div>
          <Bar share={taken / limit} label={`${label}: ${number(taken)} ${t('of', { limit: number(limit) })}`} />
        </div>
      ))}
      {limits.wait_ms ? (
        <p className="row sm num justify-between">
          <span className="t2">{t('limit.wait')}</span>
          <span>{duration(limits.wait_ms)}</span>
        </p>
      ) : null}
      {open && <LimitsDialog credential={credential} onClose={() => setOpen(false)} />}
    </SideCard>
  );
}

function Budget({ budget }: { budget: BudgetView }) {
  const { t, i18n } = useTranslation('credentials');
  const now = useMinutes();
  const { used, limit } = budgetAmounts(budget);
  const warn = budget.warn_percent ?? 80;
  const end = forecast(budget, now);
  const says = [
    t('warnsAt', { warn: percent(warn / 100), all: percent(1) }),
    ...(end !== null && budget.money ? [t('forecast', { amount: money(end, budget.money.currency), period: t(`periodEnds.${budget.period}`) })] : []),
    ...(budget.resets_at ? [t('resets', { date: date(budget.resets_at) })] : []),
  ];
  return (
    <div className="mb-3 last:mb-0">
      <div className="row sm num mb-[5px] justify-between">
        <span className="t2">{t(`periodShown.${budget.period}`, { month: monthName() })}</span>
        <span>
          {used} <span className="t3">{t('of', { limit })}</span>
        </span>
      </div>
      <Bar share={budgetShare(budget)} warnAt={warn / 100} label={t('budgetLabel', { used, limit, period: t(`periods.${budget.period}`) })} />
      <p className="t3 xs mt-1.5">
        {says.join(i18n.language === 'zh' ? '' : ' ')}
      </p>
    </div>
  );
}

export function BudgetCard({ credential, forbidden }: Props) {
  const { t } = useTranslation(['credentials', 'common']);
  const [open, setOpen] = useState(false);
  return (
    <SideCard title={t('budget')} action={t('common:edit')} onAction={() => setOpen(true)} forbidden={forbidden}>
      {credential.budgets.length === 0 && <p className="t2 sm">{t('noBudgets')}</p>}
      {credential.budgets.map((budget) => (
        <Budget key={`${budget.period}-${budget.unit}`} budget={budget} />
      ))}
      {open && <BudgetDialog credential={credential} onClose={() => setOpen(false)} />}
    </SideCard>
  );
}

const principal = (raw: object): { kind: string; id: string } => ({ kind: 'kind' in raw ? String(raw.kind) : '', id: 'id' in raw ? String(raw.id) : '' });

export function ScopeCard({ credential, forbidden }: Props) {
  const { t } = useTranslation(['credentials', 'common']);
  const [open, setOpen] = useState(false);
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: keys } = useQuery(keysQuery);
  const { scope } = credential;
  const workflowNames = scope.workflows?.map((id) => workflows?.find((workflow) => workflow.id === id)?.name ?? id);
  const callers = scope.principals?.map(principal).map((each) => keys?.find((key) => key.id === each.id)?.name ?? `${each.kind} ${each.id.slice(0, 8)}`);
  const list = (names: string[] | undefined, all: string) => (names === undefined ? all : names.length === 0 ? t('nobodyMay') : names.join(', '));
  return (
    <SideCard title={t('mayBeUsed')} action={t('common:edit')} onAction={() => setOpen(true)} forbidden={forbidden}>
      <dl className="kv k96">
        <dt>{t('scope.workflows')}</dt>
        <dd dir="auto">{list(workflowNames, t('scope.all'))}</dd>
        <dt>{t('scope.environments')}</dt>
        <dd>{list(scope.environments ?? undefined, t('scope.all'))}</dd>
        <dt>{t('scope.callers')}</dt>
        <dd>{list(callers, t('scope.everybody'))}</dd>
        <dt>{t('scope.hosts')}</dt>
        <dd>
          {credential.hosts.map((host) => (
            <code key={host} className="block [overflow-wrap:anywhere]">
              {host}
            </code>
          ))}
        </dd>
      </dl>
      {open && <ScopeDialog credential={credential} onClose={() => setOpen(false)} />}
    </SideCard>
  );
}

export function ValuesCard({ credential, forbidden, onReplace }: Props & { onReplace: () => void }) {
  const { t } = useTranslation('credentials');
  const { data: providers } = useQuery(providersQuery);
  const provider = providers?.find((each) => each.id === credential.provider);
  const fields = provider ? fieldsOf(provider) : [];
  return (
    <SideCard title={t('values')} action={t('replace')} onAction={onReplace} forbidden={forbidden}>
      <dl className="kv k96">
        {fields
          .filter((field) => credential.values[field.name] || credential.settings[field.name])
          .map((field) => {
            const secret = credential.values[field.name];
            return (
              <div key={field.name} className="contents">
                <dt>{field.label}</dt>
                <dd className="mono [overflow-wrap:anywhere]">
                  {secret ? (
                    <>
                      <Icon of={Lock} size="xs" label={t('sealedShort')} /> {secret.ref ?? `··········${secret.last4}`}
                    </>
                  ) : (
                    credential.settings[field.name]
                  )}
                </dd>
              </div>
            );
          })}
        <dt>{t('version')}</dt>
        <dd>v{credential.version}</dd>
        {credential.expires_at && (
          <>
            <dt>{t('expires')}</dt>
            <dd>
              <Time at={credential.expires_at} />
            </dd>
          </>
        )}
        <dt>{t('lastTested')}</dt>
        <dd>
          {credential.last_validated_at ? (
            <span className="row g4 wrap">
              <Icon of={CircleCheck} size="s" className="text-ok-glyph" /> {t('worked')} <span className="t2"><Time at={credential.last_validated_at} /></span>
            </span>
          ) : (
            <span className="t3">{t('never')}</span>
          )}
        </dd>
        <dt>{t('lastUsed')}</dt>
        <dd>
          <Time at={credential.last_used_at} none={t('never')} />
        </dd>
      </dl>
    </SideCard>
  );
}

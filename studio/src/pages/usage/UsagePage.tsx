import { usage } from '@latchkey/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ChartColumn, Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { addMoney, lastDays, since, type UsageFilter, usageQuery } from '@/api/usage';
import { Button } from '@/components/Button';
import { Empty } from '@/components/Empty';
import { Page } from '@/components/Page';
import { ProblemNote, useErrorText } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { toast } from '@/components/Toast';
import { asText, saveFile } from '@/util/save';
import { CostCard } from './CostCard';
import { Figures } from './Figures';
import { RefusedCard, SpeedCard, TokensCard } from './SmallCards';
import { UsageFilters } from './UsageFilters';
import { groupKeys, isBy } from './shares';

export function UsagePage() {
  const { t } = useTranslation(['usage', 'common']);
  const search = useSearch({ from: '/inside/usage' });
  const navigate = useNavigate({ from: '/usage' });
  const say = useErrorText();
  const days = [7, 30, 90].includes(Number(search.days)) ? Number(search.days) : 30;
  const by = isBy(search.by) ? search.by : 'credential';
  const columns: UsageFilter = { environment: search.environment, workflow_id: search.workflow, model: search.model, end_user: search.user, credential_id: search.credential, node: search.node };
  const filter: UsageFilter = { ...columns, from: since(days) };
  const before: UsageFilter = { ...columns, from: since(days * 2), to: since(days) };
  const now = useQuery(usageQuery([...groupKeys[by], 'day'], filter));
  const earlier = useQuery(usageQuery(groupKeys[by], before));
  const perDay = useQuery(usageQuery(['day'], filter));
  const csv = useMutation({
    mutationFn: () => ok(usage({ query: { ...filter, group_by: [...groupKeys[by], 'day'].join(',') }, headers: { Accept: 'text/csv' }, parseAs: 'text' })),
    onSuccess: (text) => saveFile(`usage-by-${by}-${lastDays(1)[0] ?? ''}.csv`, asText(text), 'text/csv'),
    onError: (error) => toast(say(error), { tone: 'warn' }),
  });
  const currencies = addMoney((now.data?.rows ?? []).map((row) => row.cost)).map((cost) => cost.currency);
  const empty = now.data && now.data.rows.length === 0;
  const filtered = Object.values(columns).some(Boolean);
  return (
    <Page
      title={t('title')}
      sub={t('sub')}
      actions={
        <Button icon={Download} busy={csv.isPending} onClick={() => csv.mutate()}>
          {t('csv')}
        </Button>
      }
    >
      <UsageFilters days={days} />
      {now.error && <ProblemNote error={now.error} title={t('failed')} retry={() => void now.refetch()} className="mb-4" />}
      {now.isPending && !now.error && <SkeletonBlock height={420} />}
      {empty && (
        <div className="card">
          <Empty
            icon={ChartColumn}
            title={filtered ? t('noMatch') : t('empty.title')}
            actions={
              filtered ? (
                <Button onClick={() => void navigate({ search: { by: search.by, days: search.days }, replace: true })}>{t('common:filter.clear')}</Button>
              ) : (
                <Button onClick={() => void navigate({ to: '/workflows', search: {} })}>{t('common:nothing.all')}</Button>
              )
            }
          >
            {filtered ? null : t('empty.text')}
          </Empty>
        </div>
      )}
      {now.data && !empty && (
        <>
          <Figures total={now.data.total} before={earlier.data?.total} days={days} />
          <CostCard rows={now.data.rows} before={earlier.data?.rows ?? []} by={by} days={days} currencies={currencies.length > 0 ? currencies : ['USD']} />
          <div className="mt-4 grid gap-4 lg:grid-cols-3">
            <TokensCard rows={perDay.data?.rows ?? []} days={days} />
            <SpeedCard filter={{ ...columns, from: since(Math.min(days, 30)).slice(0, 10) }} days={Math.min(days, 30)} />
            <RefusedCard filter={{ ...columns, from: filter.from?.slice(0, 10) ?? '' }} days={days} />
          </div>
        </>
      )}
    </Page>
  );
}

import { listModelCalls, type ModelCallView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { all } from '@/api/queries';
import { ok } from '@/api/http';
import { lastDays, type UsageFilter, type UsageRow } from '@/api/usage';
import { Legend } from '@/components/Legend';
import { ProblemNote } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { duration, number, short, utcDay } from '@/util/format';
import { useNarrow } from '@/util/media';
import type { Point, Series } from '@/util/series';
import { quantile, type Reason, reason } from './shares';

const Bars = lazy(() => import('@/components/Chart').then((module) => ({ default: module.Bars })));
const Lines = lazy(() => import('@/components/Chart').then((module) => ({ default: module.Lines })));

function Card({ title, hint, series, lines, children }: { title: string; hint?: string; series: Series[]; lines?: boolean; children: ReactNode }) {
  return (
    <section className="card min-w-0">
      <div className="hd">
        <h2>{title}</h2>
        {hint && <span className="t3 sm end">{hint}</span>}
      </div>
      <div className="bd">
        <Suspense fallback={<SkeletonBlock height={150} />}>{children}</Suspense>
        <div className="mt-2">
          <Legend series={series} lines={lines} />
        </div>
      </div>
    </section>
  );
}

const useShownDays = (days: number) => (useNarrow() ? Math.min(days, 14) : days);

export function TokensCard({ rows, days }: { rows: UsageRow[]; days: number }) {
  const { t } = useTranslation('usage');
  const shown = useShownDays(days);
  const series: Series[] = [
    { key: 'in', label: t('tokens.in'), colour: 'var(--c1)' },
    { key: 'cached', label: t('tokens.cached'), colour: 'var(--c3)' },
    { key: 'out', label: t('tokens.out'), colour: 'var(--c2)' },
  ];
  const points: Point[] = lastDays(shown).map((day) => {
    const row = rows.find((each) => each.day === day);
    return { x: day, in: (row?.input_tokens ?? 0) - (row?.cache_read_tokens ?? 0), cached: row?.cache_read_tokens ?? 0, out: row?.output_tokens ?? 0 };
  });
  return (
    <Card title={t('tokens.title')} series={series}>
      <Bars points={points} series={series} height={150} format={short} formatX={utcDay} label={t('tokens.title')} />
    </Card>
  );
}

type CallFilter = Pick<UsageFilter, 'environment' | 'workflow_id' | 'model' | 'end_user' | 'credential_id'> & { from: string };
const most = 1000;

/** Rows of the ledger themselves, the newest first, as far as the pictures use them. */
function useCalls(filter: CallFilter, outcome: string | undefined) {
  const { environment, workflow_id, model, end_user, credential_id, from } = filter;
  const query = { environment, workflow_id, model, end_user, credential_id, from: `${from}T00:00:00Z`, outcome };
  return useQuery({
    queryKey: ['model-calls', query],
    queryFn: () => all<ModelCallView>((cursor) => ok(listModelCalls({ query: { ...query, limit: 200, cursor } })), most),
    staleTime: 60_000,
  });
}

export function SpeedCard({ filter, days }: { filter: CallFilter; days: number }) {
  const { t } = useTranslation('usage');
  const shown = useShownDays(days);
  const { data, error, refetch } = useCalls(filter, 'succeeded');
  const series: Series[] = [
    { key: 'median', label: t('speed.median'), colour: 'var(--c1)' },
    { key: 'slow', label: t('speed.slow'), colour: 'var(--c1)', dashed: true },
  ];
  const points: Point[] = lastDays(shown).map((day) => {
    const times = (data ?? []).flatMap((call) => (call.opened_at.startsWith(day) && call.first_token_ms ? [call.first_token_ms] : []));
    const point: Point = { x: day };
    const median = quantile(times, 0.5);
    const slow = quantile(times, 0.95);
    if (median !== null) point.median = median;
    if (slow !== null) point.slow = slow;
    return point;
  });
  return (
    <Card title={t('speed.title')} hint={(data?.length ?? 0) >= most ? t('newest', { count: most, shown: number(most) }) : undefined} series={series} lines>
      {error ? (
        <ProblemNote error={error} retry={() => void refetch()} />
      ) : data && !data.some((call) => call.first_token_ms) ? (
        <p className="t2 grid h-[150px] place-items-center">{t('speed.none')}</p>
      ) : (
        <Lines points={points} series={series} format={(value) => duration(value)} formatX={utcDay} label={t('speed.title')} />
      )}
    </Card>
  );
}

const reasons: { key: Reason; colour: string }[] = [
  { key: 'limit', colour: 'var(--c5)' },
  { key: 'budget', colour: 'var(--c4)' },
  { key: 'rule', colour: 'var(--c1)' },
  { key: 'busy', colour: 'var(--c2)' },
  { key: 'key', colour: 'var(--c6)' },
  { key: 'other', colour: 'var(--c3)' },
];

export function RefusedCard({ filter, days }: { filter: CallFilter; days: number }) {
  const { t } = useTranslation('usage');
  const shown = useShownDays(days);
  const refused = useCalls(filter, 'refused');
  const failed = useCalls(filter, 'failed');
  const calls = [...(refused.data ?? []), ...(failed.data ?? [])];
  const found = new Set(calls.map(reason));
  const series = reasons.filter((each) => found.has(each.key)).slice(0, 5).map((each): Series => ({ ...each, label: t(`refused.${each.key}`) }));
  const points: Point[] = lastDays(shown).map((day) => {
    const point: Point = { x: day };
    for (const each of series) point[each.key] = calls.filter((call) => call.opened_at.startsWith(day) && reason(call) === each.key).length;
    return point;
  });
  const error = refused.error ?? failed.error;
  return (
    <Card title={t('refused.title')} hint={Math.max(refused.data?.length ?? 0, failed.data?.length ?? 0) >= most ? t('newest', { count: most, shown: number(most) }) : undefined} series={series}>
      {error ? (
        <ProblemNote error={error} retry={() => void refused.refetch()} />
      ) : refused.isSuccess && failed.isSuccess && calls.length === 0 ? (
        <p className="t2 grid h-[150px] place-items-center">{t('refused.none')}</p>
      ) : (
        <Bars points={points} series={series} height={150} format={(value) => number(Math.round(value))} formatX={utcDay} label={t('refused.title')} />
      )}
    </Card>
  );
}

import type { CredentialView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { addMoney, lastDays, since, usageQuery } from '@/api/usage';
import { Legend } from '@/components/Legend';
import { ProblemNote } from '@/components/Problem';
import { SkeletonBlock } from '@/components/Skeleton';
import { money, moneys, utcDay } from '@/util/format';
import { useNarrow } from '@/util/media';
import { stack } from '@/util/series';

const Bars = lazy(() => import('@/components/Chart').then((module) => ({ default: module.Bars })));

const plain = ['var(--c1)', 'var(--c3)', 'var(--c4)', 'var(--c6)'];

/** What the credential has paid for each day, by workflow. */
export function CostCard({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const days = useNarrow() ? 14 : 30;
  const { data, error, refetch } = useQuery(usageQuery(['workflow', 'day'], { credential_id: credential.id, from: since(days) }));
  const currency = addMoney((data?.rows ?? []).map((row) => row.cost))[0]?.currency ?? 'USD';
  const amount = (row: { cost: { amount: string; currency: string }[] }) => Number(row.cost.find((cost) => cost.currency === currency)?.amount ?? 0);
  const { points, series: stacked } = stack(data?.rows ?? [], lastDays(days), (row) => row.workflow ?? '', amount, { none: t('noWorkflow'), others: (count) => t('others', { count }) });
  // Brass is the key's own colour: beside a key its workflows get none of it.
  const series = stacked.map((each, index) => (each.key === 'rest' ? each : { ...each, colour: plain[index] ?? each.colour }));
  const total = moneys(data?.total.cost);
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('costPerDay')}</h2>
        <Legend series={series} />
        <span className="t2 sm num hide-m end">{t('inDays', { cost: total, count: days })}</span>
      </div>
      <div className="bd">
        {error && <ProblemNote error={error} retry={() => void refetch()} />}
        {data && series.length === 0 && <p className="t2 grid h-24 place-items-center">{t('paidNothing')}</p>}
        {!error && series.length > 0 && (
          <Suspense fallback={<SkeletonBlock height={190} />}>
            <Bars points={points} series={series} format={(value) => money(value, currency)} formatX={utcDay} label={t('costLabel', { cost: total, count: days })} />
          </Suspense>
        )}
      </div>
    </section>
  );
}

import { useTranslation } from 'react-i18next';
import type { UsageRow } from '@/api/usage';
import { money, moneys, number, percent, short } from '@/util/format';
import { change } from './shares';

function Figure({ label, value, detail }: { label: string; value: string; detail: string | null }) {
  return (
    <div className="fig">
      <div className="l">{label}</div>
      <div className="f">{value}</div>
      <div className="d">{detail ?? ' '}</div>
    </div>
  );
}

/** The period in a few numbers, each against the one before. */
export function Figures({ total, before, days }: { total: UsageRow; before: UsageRow | undefined; days: number }) {
  const { t } = useTranslation('usage');
  const first = [...total.cost].sort((a, b) => Number(b.amount) - Number(a.amount))[0];
  const amount = Number(first?.amount ?? 0);
  const earlier = Number(before?.cost.find((cost) => cost.currency === first?.currency)?.amount ?? 0);
  const changed = change(amount, earlier);
  const signed = (share: number) => `${share > 0 ? '+' : ''}${percent(share)}`;
  const uncounted = total.estimated_calls + total.lost_calls;
  const asked = total.calls + total.refused;
  return (
    <div className="figs mb-5">
      <Figure label={t('figures.cost')} value={moneys(total.cost)} detail={changed === null ? t('figures.noBefore', { count: days }) : t('figures.before', { change: signed(changed), count: days })} />
      <Figure label={t('figures.perCall')} value={first && total.calls > 0 ? money(amount / total.calls, first.currency) : '—'} detail={t('figures.onAverage')} />
      <Figure label={t('figures.calls')} value={number(total.calls)} detail={asked > 0 ? t('figures.refused', { count: total.refused, share: percent(total.refused / asked, 1) }) : null} />
      <Figure label={t('figures.in')} value={short(total.input_tokens)} detail={total.input_tokens > 0 ? t('figures.cached', { share: percent(total.cache_read_tokens / total.input_tokens) }) : null} />
      <Figure label={t('figures.out')} value={short(total.output_tokens)} detail={total.reasoning_tokens > 0 ? t('figures.reasoning', { tokens: short(total.reasoning_tokens) }) : null} />
      {uncounted > 0 && <Figure label={t('figures.uncounted')} value={number(uncounted)} detail={t('figures.estimated')} />}
      {total.unpriced_calls > 0 && <Figure label={t('figures.unpriced')} value={number(total.unpriced_calls)} detail={t('figures.noPrice')} />}
    </div>
  );
}

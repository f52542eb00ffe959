import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery } from '@/api/queries';
import { lastDays, type UsageRow } from '@/api/usage';
import { Bar } from '@/components/Bar';
import { Segmented } from '@/components/Choice';
import { CredentialName, last4 } from '@/components/CredentialName';
import { ProviderMark } from '@/components/ProviderMark';
import { SkeletonBlock } from '@/components/Skeleton';
import { money, number, percent, short, utcDay } from '@/util/format';
import { useNarrow } from '@/util/media';
import { stack } from '@/util/series';
import { amountIn, type By, bys, change, isBy, keyOf, type Share, shares } from './shares';

const Bars = lazy(() => import('@/components/Chart').then((module) => ({ default: module.Bars })));

function Name({ share, by }: { share: Share; by: By }) {
  const { t } = useTranslation('usage');
  const { data: credentials } = useQuery(credentialsQuery);
  const { row } = share;
  if (by === 'credential') {
    const known = credentials?.find((credential) => credential.id === row.credential_id);
    if (!row.credential) return <span className="t2">{t('noCredential')}</span>;
    return <CredentialName provider={known?.provider ?? row.provider ?? '?'} name={row.credential} last4={known ? last4(known) : null} />;
  }
  const text = row[by];
  if (!text) return <span className="t2">{t(`nothing.${by}`)}</span>;
  if (by === 'model')
    return (
      <span className="row">
        <ProviderMark provider={row.provider ?? '?'} /> <span className="b ell">{text}</span>
      </span>
    );
  return (
    <span className={by === 'node' || by === 'end_user' ? 'mono ell block max-w-72' : 'b ell block max-w-72'} dir="auto">
      {text}
      {by === 'node' && row.workflow && <span className="t3 font-sans"> · {row.workflow}</span>}
    </span>
  );
}

type LineProps = { name: React.ReactNode; colour: string; amount: number; total: number; before: number; calls: number; tokens: number; currency: string; onPick?: () => void; label: string };

function LineOf({ name, colour, amount, total, before, calls, tokens, currency, onPick, label }: LineProps) {
  const share = total > 0 ? amount / total : 0;
  const changed = change(amount, before);
  return (
    <tr className={onPick ? 'go' : ''} onClick={onPick}>
      <td className="full">
        {onPick ? (
          <button type="button" className="max-w-full cursor-pointer text-left" onClick={onPick}>
            {name}
          </button>
        ) : (
          name
        )}
      </td>
      <td className="full w-[16%]">
        <Bar share={share} tone="plain" colour={colour} label={label} />
      </td>
      <td className="r">{money(amount, currency)}</td>
      <td className="r t2">{percent(share)}</td>
      <td className="r t2 hide-m">{changed === null ? '—' : `${changed > 0 ? '+' : ''}${percent(changed)}`}</td>
      <td className="r t2 hide-m">{number(calls)}</td>
      <td className="r t2 hide-m">{short(tokens)}</td>
    </tr>
  );
}

type UsageSearch = { by?: string; credential?: string; workflow?: string; model?: string; user?: string; environment?: string; node?: string };
type Props = { rows: UsageRow[]; before: UsageRow[]; by: By; days: number; currencies: string[] };

/** What it cost each day, and of what; the table below is the legend and the exact numbers. */
export function CostCard({ rows, before, by, days, currencies }: Props) {
  const { t } = useTranslation('usage');
  const navigate = useNavigate({ from: '/usage' });
  const [picked, setPicked] = useState<string | null>(null);
  const narrow = useNarrow();
  const currency = picked && currencies.includes(picked) ? picked : (currencies[0] ?? 'USD');
  const shown = narrow ? Math.min(days, 14) : days;
  const { points, series, top } = stack(rows, lastDays(shown), (row) => keyOf(row, by), (row) => amountIn(row, currency), { none: t(`nothing.${by}`), others: (count) => t('others', { count }) });
  const all = shares(rows, by, currency);
  const earlier = shares(before, by, currency);
  const total = all.reduce((sum, share) => sum + share.amount, 0);
  // Without any price the calls still count: the first four stand in the table.
  const mine = total > 0 ? all.filter((share) => top.includes(share.key)) : all.slice(0, 4);
  const rest = all.filter((share) => !mine.includes(share));
  const named = series.map((each, index) => {
    const share = all.find((candidate) => candidate.key === top[index]);
    const text = share && (by === 'credential' ? share.row.credential : share.row[by]);
    return text ? { ...each, label: text } : each;
  });
  const set = (next: UsageSearch) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const filterBy = (share: Share): (() => void) | undefined => {
    if (by === 'credential' && share.row.credential_id) return () => set({ credential: share.row.credential_id ?? undefined });
    if (by === 'workflow' && share.row.workflow_id) return () => set({ workflow: share.row.workflow_id ?? undefined });
    if (by === 'model' && share.row.model) return () => set({ model: share.row.model ?? undefined });
    if (by === 'end_user' && share.row.end_user) return () => set({ user: share.row.end_user ?? undefined });
    if (by === 'environment' && share.row.environment) return () => set({ environment: share.row.environment ?? undefined });
    if (by === 'node' && share.row.node) return () => set({ node: share.row.node ?? undefined });
    return undefined;
  };
  const was = (keys: string[]) => earlier.filter((share) => keys.includes(share.key)).reduce((sum, share) => sum + share.amount, 0);
  const sum = (list: Share[], field: 'amount' | 'calls' | 'tokens') => list.reduce((adding, share) => adding + share[field], 0);
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('costPerDay')}</h2>
        {currencies.length > 1 && <Segmented label={t('currency')} value={currency} options={currencies.map((value) => ({ value, label: value }))} onChange={setPicked} />}
        <span className="end max-w-full overflow-x-auto">
          <Segmented label={t('by')} value={by} options={bys.map((value) => ({ value, label: t(`bys.${value}`) }))} onChange={(value) => isBy(value) && set({ by: value === 'credential' ? undefined : value })} />
        </span>
      </div>
      <div className="bd">
        <Suspense fallback={<SkeletonBlock height={210} />}>
          <Bars points={points} series={named} height={210} format={(value) => money(value, currency)} formatX={utcDay} label={t('chartLabel', { by: t(`bys.${by}`), cost: money(total, currency), count: shown })} />
        </Suspense>
      </div>
      <table className="tbl stack usage border-t border-line">
        <thead>
          <tr>
            <th>{t(`bys.${by}`)}</th>
            <th>
              <span className="vh">{t('col.bar')}</span>
            </th>
            <th className="r">{t('col.cost')}</th>
            <th className="r">{t('col.share')}</th>
            <th className="r">{t('col.change')}</th>
            <th className="r">{t('col.calls')}</th>
            <th className="r">{t('col.tokens')}</th>
          </tr>
        </thead>
        <tbody>
          {mine.map((share) => {
            const colour = series[top.indexOf(share.key)]?.colour ?? 'var(--c5)';
            return <LineOf key={share.key} name={<Name share={share} by={by} />} colour={colour} amount={share.amount} total={total} before={was([share.key])} calls={share.calls} tokens={share.tokens} currency={currency} onPick={filterBy(share)} label={t('col.share')} />;
          })}
          {rest.length > 0 && <LineOf name={<span className="t2">{t('others', { count: rest.length })}</span>} colour="var(--c5)" amount={sum(rest, 'amount')} total={total} before={was(rest.map((share) => share.key))} calls={sum(rest, 'calls')} tokens={sum(rest, 'tokens')} currency={currency} label={t('col.share')} />}
        </tbody>
      </table>
    </section>
  );
}

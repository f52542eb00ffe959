import { credentialReferences, type CredentialView, type ReferenceView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { all } from '@/api/queries';
import { ok } from '@/api/http';
import { since, type UsageRow, usageQuery } from '@/api/usage';
import { LevelBadge } from '@/components/LevelBadge';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { Tag } from '@/components/Tag';
import { moneys, number } from '@/util/format';
import { addMoney } from '@/api/usage';

type Row = { key: string; workflow: string | null; name: string; nodes: string[]; byVariable: boolean; kinds: string[]; level: string | null; calls: number; cost: UsageRow['cost'] };

/** Workflows that name the credential and workflows that it has paid for, each once. */
export function usedBy(references: ReferenceView[], rows: UsageRow[]): Row[] {
  const found = new Map<string, Row>();
  const at = (key: string, workflow: string | null, name: string) => {
    const row = found.get(key) ?? { key, workflow, name, nodes: [], byVariable: false, kinds: [], level: null, calls: 0, cost: [] };
    found.set(key, row);
    return row;
  };
  for (const reference of references) {
    // A call outside of every workflow, such as a test of the key.
    if (reference.kind === 'paid' && !reference.workflow_id && !reference.dataset_id) continue;
    const id = reference.workflow_id ?? reference.dataset_id ?? reference.kind;
    const row = at(id, reference.workflow_id ?? null, reference.workflow_name ?? reference.dataset_name ?? '');
    if (reference.node_id && !row.nodes.includes(reference.node_id)) row.nodes.push(reference.node_id);
    if (!row.kinds.includes(reference.kind)) row.kinds.push(reference.kind);
    row.byVariable ||= reference.by_variable;
  }
  for (const sums of rows) {
    if (!sums.workflow_id) continue;
    const row = at(sums.workflow_id, sums.workflow_id, sums.workflow ?? '');
    row.calls += sums.calls;
    row.cost = addMoney([row.cost, sums.cost]);
    row.level ??= sums.level ?? null;
  }
  return [...found.values()].sort((a, b) => b.calls - a.calls || a.name.localeCompare(b.name));
}

export function UsedByCard({ credential }: { credential: CredentialView }) {
  const { t } = useTranslation('credentials');
  const references = useQuery({
    queryKey: ['credentials', credential.id, 'references'],
    queryFn: () => all<ReferenceView>((cursor) => ok(credentialReferences({ path: { id: credential.id }, query: { limit: 200, cursor } })), 1000),
  });
  const { data: sums } = useQuery(usageQuery(['workflow', 'level'], { credential_id: credential.id, from: since(30) }));
  const rows = usedBy(references.data ?? [], sums?.rows ?? []);
  return (
    <section className="card">
      <div className="hd">
        <h2>{t('whoUses')}</h2>
        <span className="t3 sm">{t('last30')}</span>
      </div>
      {references.error && <ProblemNote error={references.error} retry={() => void references.refetch()} className="px-4 pb-4" />}
      {references.isPending && <SkeletonRows rows={3} />}
      {references.data && rows.length === 0 && <p className="t2 border-t border-line px-4 py-3">{t('nobody')}</p>}
      {rows.length > 0 && (
        <table className="tbl den stack">
          <thead>
            <tr>
              <th>{t('use.workflow')}</th>
              <th>{t('use.nodes')}</th>
              <th>{t('use.chosen')}</th>
              <th>{t('use.level')}</th>
              <th className="r">{t('use.calls')}</th>
              <th className="r">{t('use.cost')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <td className="full">
                  {row.workflow ? (
                    <Link to="/workflows/$id" params={{ id: row.workflow }} className="b" dir="auto">
                      {row.name}
                    </Link>
                  ) : (
                    <span className="b">{row.name || t(`kinds.${row.key}`, row.key)}</span>
                  )}
                </td>
                <td className="t2 sm full">
                  <span className="ell block max-w-60" title={row.nodes.join(', ')}>
                    {row.nodes.join(', ')}
                  </span>
                </td>
                <td className="sm">{row.byVariable ? t('use.byVariable') : row.kinds.map((kind) => <Tag key={kind}>{t(`kinds.${kind}`, kind)}</Tag>)}</td>
                <td className="hide-m">{row.level ? <LevelBadge level={row.level} /> : <span className="t3">—</span>}</td>
                <td className="r t2 hide-m">{number(row.calls)}</td>
                <td className="r push">{moneys(row.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

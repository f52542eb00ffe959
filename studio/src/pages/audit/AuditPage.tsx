import { type AuditView, listAudit } from '@latchkey/client';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Download, Lock, ScrollText } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { isStatus } from '@/api/problem';
import { credentialsQuery, keysQuery, poolsQuery, workflowsQuery } from '@/api/queries';
import { membersQuery, useMay, useSession } from '@/api/session';
import { Button } from '@/components/Button';
import { Empty } from '@/components/Empty';
import { FilterChip, FilterOptions } from '@/components/Filters';
import { Page } from '@/components/Page';
import { ProblemNote, useErrorText } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { Tag } from '@/components/Tag';
import { Time } from '@/components/Time';
import { toast } from '@/components/Toast';
import { asText, saveFile } from '@/util/save';

const areas = ['credential', 'pool', 'workflow', 'provider', 'api_key', 'member', 'invitation', 'session', 'price', 'dataset', 'tool_provider', 'tool_bindings', 'trigger'];

/** Ids as the names that they have now; what is gone stays an id. */
function useNames() {
  const { t } = useTranslation('audit');
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: pools } = useQuery(poolsQuery);
  const { data: keys } = useQuery(keysQuery);
  const { data: members } = useQuery(membersQuery);
  const all = new Map([...(credentials ?? []), ...(workflows ?? []), ...(pools ?? []), ...(keys ?? []), ...(members ?? [])].map((each) => [each.id, each.name]));
  const workflowIds = new Set((workflows ?? []).map((each) => each.id));
  const credentialIds = new Set((credentials ?? []).map((each) => each.id));
  return {
    actor: (text: string) => {
      const [kind = '', id] = text.split(':');
      if (!id) return t(`actors.${kind}`, kind);
      return all.get(id) ?? `${t(`actors.${kind}`, kind)} ${id.slice(0, 8)}`;
    },
    subject: (id: string) => {
      const name = all.get(id);
      if (name && workflowIds.has(id)) return <Link className="link" to="/workflows/$id" params={{ id }} search={{}}>{name}</Link>;
      if (name && credentialIds.has(id)) return <Link className="link mono" to="/credentials/$id" params={{ id }}>{name}</Link>;
      return name ?? <code className="t2">{id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id}</code>;
    },
  };
}

function Row({ row, names }: { row: AuditView; names: ReturnType<typeof useNames> }) {
  const { t } = useTranslation('audit');
  const [open, setOpen] = useState(false);
  const has = Object.keys(row.detail).length > 0;
  return (
    <Fragment>
      <tr>
        <td className="t2 sm nw">
          <Time at={row.at} />
        </td>
        <td className="b" dir="auto">
          {names.actor(row.actor)}
        </td>
        <td>
          <Tag>{row.action}</Tag>
        </td>
        <td className="full" dir="auto">
          {names.subject(row.subject)}
        </td>
        <td className="r push">
          {has && (
            <Button size="sm" kind="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? t('hide') : t('show')}
            </Button>
          )}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5} className="full !h-auto !py-3">
            <pre className="code" tabIndex={0}>{JSON.stringify(row.detail, null, 2)}</pre>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function AuditPage() {
  const { t } = useTranslation(['audit', 'common']);
  const search = useSearch({ from: '/inside/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const say = useErrorText();
  const names = useNames();
  const may = useMay('audit:read');
  const session = useSession();
  const query = { action: search.action, actor: search.actor, subject: search.subject, from: search.from, to: search.to };
  const audit = useInfiniteQuery({
    queryKey: ['audit', query],
    enabled: may,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => ok(listAudit({ query: { ...query, limit: 50, cursor: pageParam ?? undefined } })),
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const csv = useMutation({
    mutationFn: () => ok(listAudit({ query: { ...query, limit: 200 }, headers: { Accept: 'text/csv' }, parseAs: 'text' })),
    onSuccess: (text) => saveFile('audit.csv', asText(text), 'text/csv'),
    onError: (error) => toast(say(error), { tone: 'warn' }),
  });
  const rows = audit.data?.pages.flatMap((page) => page.data) ?? [];
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const forbidden = !may || isStatus(audit.error, 403);
  if (forbidden)
    return (
      <Page title={t('title')}>
        <div className="card">
          <Empty icon={Lock} title={t('common:forbidden.title', { role: t('common:forbidden.admin') })}>
            {session.member ? t('common:forbidden.text', { mine: t(`common:forbidden.as.${session.member.role}`), workspace: session.workspace.name }) : t('common:forbidden.key', { permission: 'audit:read' })}
          </Empty>
        </div>
      </Page>
    );
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
      <div className="row wrap mb-3">
        <FilterChip label={t('area')} value={search.action} shown={search.action && t(`areas.${search.action}`, search.action)} onClear={() => set({ action: undefined })}>
          {(done) => (
            <FilterOptions
              value={search.action}
              options={areas.map((area) => ({ value: area, label: t(`areas.${area}`) }))}
              onPick={(action) => {
                set({ action });
                done();
              }}
            />
          )}
        </FilterChip>
        <FilterChip label={t('actor')} value={search.actor} shown={search.actor && names.actor(search.actor)} onClear={() => set({ actor: undefined })}>
          {(done) => (
            <FilterOptions
              value={search.actor}
              options={[...new Set(rows.map((row) => row.actor))].map((actor) => ({ value: actor, label: names.actor(actor) }))}
              onPick={(actor) => {
                set({ actor });
                done();
              }}
            />
          )}
        </FilterChip>
        {search.subject && <FilterChip label={t('subject')} value={search.subject} onClear={() => set({ subject: undefined })}>{() => null}</FilterChip>}
      </div>
      {audit.error && <ProblemNote error={audit.error} title={t('failed')} retry={() => void audit.refetch()} className="mb-4" />}
      {audit.isPending && (
        <div className="card">
          <SkeletonRows rows={8} />
        </div>
      )}
      {audit.isSuccess && rows.length === 0 && (
        <div className="card">
          <Empty icon={ScrollText} title={t('none')} actions={<Button onClick={() => void navigate({ search: {}, replace: true })}>{t('common:filter.clear')}</Button>} />
        </div>
      )}
      {rows.length > 0 && (
        <div className="card">
          <table className="tbl den stack">
            <thead>
              <tr>
                <th>{t('when')}</th>
                <th>{t('actor')}</th>
                <th>{t('action')}</th>
                <th>{t('subject')}</th>
                <th>
                  <span className="vh">{t('detail')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} names={names} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {audit.hasNextPage && (
        <div className="mt-3 text-center">
          <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {t('common:more')}
          </Button>
        </div>
      )}
    </Page>
  );
}

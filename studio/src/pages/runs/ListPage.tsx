import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ListTree, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, workflowsQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { CredentialName, last4 } from '@/components/CredentialName';
import { Empty } from '@/components/Empty';
import { FilterChip, FilterOptions, FilterText } from '@/components/Filters';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { SkeletonRows } from '@/components/Skeleton';
import { RunState } from '@/components/State';
import { RunTable } from './RunTable';
import { useRuns } from './use-runs';

const statuses = ['queued', 'running', 'paused', 'succeeded', 'partial-succeeded', 'failed', 'stopped'];
const environments = ['production', 'staging', 'development'];
const spans = ['1', '24', '168', '720'] as const;

function Filters() {
  const { t } = useTranslation(['runs', 'common', 'states']);
  const search = useSearch({ from: '/inside/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: credentials } = useQuery(credentialsQuery);
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const credential = credentials?.find((each) => each.id === search.credential);
  const shownSpan = search.from && (spans.some((span) => span === search.from) ? t(`spans.${search.from}`) : search.from);
  return (
    <div className="row wrap mb-3">
      <FilterChip label={t('filters.workflow')} value={search.workflow} shown={workflows?.find((each) => each.id === search.workflow)?.name} onClear={() => set({ workflow: undefined })}>
        {(done) => (
          <FilterOptions
            value={search.workflow}
            options={(workflows ?? []).map((each) => ({ value: each.id, label: <span dir="auto">{each.name}</span> }))}
            onPick={(workflow) => {
              set({ workflow });
              done();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={t('filters.status')} value={search.status} shown={search.status && t(`states:${search.status}`)} onClear={() => set({ status: undefined })}>
        {(done) => (
          <FilterOptions
            value={search.status}
            options={statuses.map((value) => ({ value, label: <RunState status={value} /> }))}
            onPick={(status) => {
              set({ status });
              done();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={t('filters.environment')} value={search.environment} onClear={() => set({ environment: undefined })}>
        {(done) => (
          <FilterOptions
            value={search.environment}
            options={environments.map((value) => ({ value, label: value }))}
            onPick={(environment) => {
              set({ environment });
              done();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={t('filters.credential')} value={search.credential} shown={credential ? credential.name : undefined} onClear={() => set({ credential: undefined })}>
        {(done) => (
          <FilterOptions
            value={search.credential}
            options={(credentials ?? []).map((each) => ({ value: each.id, label: <CredentialName provider={each.provider} name={each.name} last4={last4(each)} /> }))}
            onPick={(picked) => {
              set({ credential: picked });
              done();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={t('filters.user')} value={search.user} onClear={() => set({ user: undefined })}>
        {(done) => (
          <FilterText
            label={t('filters.user')}
            value={search.user ?? ''}
            onPick={(user) => {
              set({ user });
              done();
            }}
          />
        )}
      </FilterChip>
      <FilterChip label={t('filters.time')} value={search.from} shown={shownSpan} onClear={() => set({ from: undefined, to: undefined })}>
        {(done) => (
          <FilterOptions
            value={search.from}
            options={spans.map((value) => ({ value, label: t(`spans.${value}`) }))}
            onPick={(from) => {
              set({ from, to: undefined });
              done();
            }}
          />
        )}
      </FilterChip>
    </div>
  );
}

export function ListPage() {
  const { t } = useTranslation(['runs', 'common']);
  const search = useSearch({ from: '/inside/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const runs = useRuns(search);
  const filtered = Object.values(search).some(Boolean);
  return (
    <Page title={t('title')} sub={t('sub')}>
      <Filters />
      {runs.error && <ProblemNote error={runs.error} title={t('failed')} retry={() => void runs.refetch()} className="mb-4" />}
      {runs.isPending && !runs.error && (
        <div className="card">
          <SkeletonRows rows={10} />
        </div>
      )}
      {runs.rows.length === 0 && runs.isSuccess && (
        <div className="card">
          {filtered ? (
            <Empty icon={SearchX} title={t('noMatch')} actions={<Button onClick={() => void navigate({ search: {}, replace: true })}>{t('common:filter.clear')}</Button>} />
          ) : (
            <Empty
              icon={ListTree}
              title={t('empty.title')}
              actions={
                <>
                  <Button onClick={() => void navigate({ to: '/workflows', search: {} })}>{t('empty.start')}</Button>
                  <Button kind="ghost" onClick={() => void navigate({ to: '/api-keys', search: {} })}>
                    {t('empty.copy')}
                  </Button>
                </>
              }
            >
              {t('empty.text')}
            </Empty>
          )}
        </div>
      )}
      {runs.rows.length > 0 && <RunTable runs={runs} />}
    </Page>
  );
}

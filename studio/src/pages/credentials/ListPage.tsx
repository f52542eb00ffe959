import type { CredentialView, ProviderView } from '@latchkey/client';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound, Layers, Plus, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, poolsQuery, providersQuery } from '@/api/queries';
import { since, usageQuery } from '@/api/usage';
import { Button } from '@/components/Button';
import { last4 } from '@/components/CredentialName';
import { NewCredential } from '@/components/credentials/NewCredential';
import { Empty } from '@/components/Empty';
import { FilterChip, FilterOptions, SearchInput } from '@/components/Filters';
import { useForbidden } from '@/components/May';
import { Note } from '@/components/Note';
import { Page } from '@/components/Page';
import { ProblemNote } from '@/components/Problem';
import { Rich } from '@/components/Rich';
import { SkeletonRows } from '@/components/Skeleton';
import { toast } from '@/components/Toast';
import { byUrgency, needsAttention, standing } from '@/util/credential-state';
import { useMinutes } from '@/util/now';
import { CredentialTable } from './CredentialTable';
import { PoolDialog } from './PoolDialog';
import { PoolList } from './PoolList';

const environments = ['production', 'staging', 'development'];
const states = ['active', 'attention', 'invalid', 'exhausted', 'cooling', 'expires', 'disabled', 'untested'] as const;

type Search = { q?: string; provider?: string; state?: string; environment?: string };

function matches(credential: CredentialView, search: Search, now: number): boolean {
  const words = (search.q ?? '').toLowerCase();
  const traces = Object.values(credential.values).map((value) => `${value.last4} ${value.fingerprint}`);
  if (words && !`${credential.name} ${credential.provider} ${last4(credential)} ${traces.join(' ')}`.toLowerCase().includes(words)) return false;
  if (search.provider && credential.provider !== search.provider) return false;
  if (search.state === 'attention' ? !needsAttention(credential, now) : search.state && standing(credential, now).name !== search.state) return false;
  return !search.environment || !credential.scope.environments || credential.scope.environments.includes(search.environment);
}

const asCode = { c: (text: string) => <code>{text}</code> };

function Attention({ credentials, onReview }: { credentials: CredentialView[]; onReview: () => void }) {
  const { t } = useTranslation('credentials');
  const { data: providers } = useQuery(providersQuery);
  const now = useMinutes();
  const bad = credentials.filter((credential) => needsAttention(credential, now)).sort(byUrgency(now));
  const first = bad[0];
  if (!first) return null;
  return (
    <Note
      tone="warn"
      className="mb-4"
      title={t('attention', { count: bad.length })}
      action={
        <button type="button" className="link" onClick={onReview}>
          {t('review')}
        </button>
      }
    >
      <code>{first.name}</code> <Rich t={t} k={`attentionWhy.${standing(first, now).name}`} values={{ provider: providers?.find((provider) => provider.id === first.provider)?.label ?? first.provider }} as={asCode} />
    </Note>
  );
}

export function ListPage() {
  const { t } = useTranslation(['credentials', 'common', 'states']);
  const search = useSearch({ from: '/inside/credentials' });
  const navigate = useNavigate({ from: '/credentials' });
  const now = useMinutes();
  const { data: credentials, error, refetch } = useQuery(credentialsQuery);
  const { data: pools } = useQuery(poolsQuery);
  const { data: providers } = useQuery(providersQuery);
  const { data: costs } = useQuery(usageQuery(['credential', 'day'], { from: since(12) }));
  const forbidden = useForbidden('credentials:write');
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const rows = (credentials ?? []).filter((credential) => matches(credential, search, now));
  const used = [...new Set((credentials ?? []).map((credential) => credential.provider))];
  const label = (id: string) => providers?.find((provider: ProviderView) => provider.id === id)?.label ?? id;
  const chip = (name: 'provider' | 'state' | 'environment', options: { value: string; label: string }[]) => (
    <FilterChip label={t(`filters.${name}`)} value={search[name]} shown={options.find((option) => option.value === search[name])?.label} onClear={() => set({ [name]: undefined })}>
      {(done) => (
        <FilterOptions
          value={search[name]}
          options={options}
          onPick={(value) => {
            set({ [name]: value });
            done();
          }}
        />
      )}
    </FilterChip>
  );
  const none = credentials?.length === 0;
  return (
    <Page
      title={t('title')}
      sub={t('writeOnly')}
      actions={
        <>
          <Button icon={Layers} forbidden={forbidden} onClick={() => set({ pool: 'new' })}>
            {t('newPool')}
          </Button>
          <Button icon={Plus} kind="primary" forbidden={forbidden} onClick={() => set({ new: 'credential' })}>
            {t('add')}
          </Button>
        </>
      }
    >
      {error && <ProblemNote error={error} title={t('failed')} retry={() => void refetch()} className="mb-4" />}
      {credentials && <Attention credentials={credentials} onReview={() => set({ state: 'attention' })} />}
      {!none && (
        <div className="row wrap mb-3">
          <SearchInput value={search.q ?? ''} onValue={(q) => set({ q: q || undefined })} placeholder={t('filter')} />
          {chip('provider', used.map((id) => ({ value: id, label: label(id) })))}
          {chip('state', states.map((state) => ({ value: state, label: t(`stateNames.${state}`) })))}
          {chip('environment', environments.map((environment) => ({ value: environment, label: environment })))}
        </div>
      )}
      {!credentials && !error && (
        <div className="card">
          <SkeletonRows rows={8} />
        </div>
      )}
      {none && (
        <div className="card">
          <Empty
            icon={KeyRound}
            title={t('empty.title')}
            actions={
              <Button kind="primary" icon={Plus} forbidden={forbidden} onClick={() => set({ new: 'credential' })}>
                {t('add')}
              </Button>
            }
          >
            {t('empty.text')}
          </Empty>
        </div>
      )}
      {credentials && !none && rows.length === 0 && (
        <div className="card">
          <Empty icon={SearchX} title={t('noMatch')} actions={<Button onClick={() => void navigate({ search: {}, replace: true })}>{t('common:filter.clear')}</Button>} />
        </div>
      )}
      {rows.length > 0 && <CredentialTable rows={rows} providers={providers ?? []} costs={costs?.rows ?? []} />}
      {credentials && !none && <PoolList pools={pools ?? []} credentials={credentials} onOpen={(id) => set({ pool: id })} />}
      {search.new && (
        <NewCredential
          provider={search.new !== 'credential' ? search.new : undefined}
          name={search.name}
          onClose={() => set({ new: undefined, name: undefined })}
          onMade={(credential) => {
            toast(t('made', { name: credential.name }));
            void navigate({ to: '/credentials/$id', params: { id: credential.id } });
          }}
        />
      )}
      {search.pool && (search.pool === 'new' || pools?.some((pool) => pool.id === search.pool)) && (
        <PoolDialog key={search.pool} pool={pools?.find((pool) => pool.id === search.pool)} credentials={credentials ?? []} onClose={() => set({ pool: undefined })} />
      )}
    </Page>
  );
}

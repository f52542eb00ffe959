import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Calendar, ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { credentialsQuery, workflowsQuery } from '@/api/queries';
import { since, type UsageKey, usageQuery } from '@/api/usage';
import { CredentialName, last4 } from '@/components/CredentialName';
import { FilterChip, FilterOptions } from '@/components/Filters';
import { Icon } from '@/components/Icon';
import { Menu } from '@/components/Menu';

/** Values of one column that the ledger has in this time. */
function useValues(key: Extract<UsageKey, 'environment' | 'model' | 'end_user'>, days: number) {
  const { data } = useQuery(usageQuery([key], { from: since(days) }));
  return (data?.rows ?? []).flatMap((row) => row[key] ?? []);
}

export function UsageFilters({ days }: { days: number }) {
  const { t } = useTranslation('usage');
  const search = useSearch({ from: '/inside/usage' });
  const navigate = useNavigate({ from: '/usage' });
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: credentials } = useQuery(credentialsQuery);
  const environments = useValues('environment', days);
  const models = useValues('model', days);
  const users = useValues('end_user', days);
  const set = (next: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  type Name = 'environment' | 'workflow' | 'model' | 'user' | 'credential';
  const chip = (name: Name, options: { value: string; label: React.ReactNode }[], shown?: string) => (
    <FilterChip label={t(`filters.${name}`)} value={search[name]} shown={shown} onClear={() => set({ [name]: undefined })}>
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
  const plain = (values: string[]) => values.map((value) => ({ value, label: <span dir="auto">{value}</span> }));
  return (
    <div className="row wrap mb-5">
      <Menu
        label={t('time')}
        align="start"
        trigger={
          <button type="button" className="chipf set">
            <Icon of={Calendar} size="xs" /> <b>{t(`days.${days}`)}</b> <Icon of={ChevronDown} size="xs" />
          </button>
        }
        items={[7, 30, 90].map((count) => ({ label: t(`days.${count}`), onSelect: () => set({ days: count === 30 ? undefined : String(count) }) }))}
      />
      {chip('environment', plain(environments))}
      {chip('credential', (credentials ?? []).map((each) => ({ value: each.id, label: <CredentialName provider={each.provider} name={each.name} last4={last4(each)} /> })), credentials?.find((each) => each.id === search.credential)?.name)}
      {chip('workflow', (workflows ?? []).map((each) => ({ value: each.id, label: <span dir="auto">{each.name}</span> })), workflows?.find((each) => each.id === search.workflow)?.name)}
      {chip('model', plain(models))}
      {chip('user', plain(users))}
      {search.node && <FilterChip label={t('filters.node')} value={search.node} onClear={() => set({ node: undefined })}>{() => null}</FilterChip>}
    </div>
  );
}

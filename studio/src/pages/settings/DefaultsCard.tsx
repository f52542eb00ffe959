import { type ProviderView, setDefault } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { credentialsQuery, providersQuery } from '@/api/queries';
import { CredentialName, last4 } from '@/components/CredentialName';
import { KeyPicker } from '@/components/KeyPicker';
import { useForbidden } from '@/components/May';
import { ProblemNote } from '@/components/Problem';
import { ProviderMark } from '@/components/ProviderMark';
import { Tag } from '@/components/Tag';

function Default({ provider, forbidden }: { provider: ProviderView; forbidden: string | null }) {
  const { t } = useTranslation('settings');
  const { data: credentials } = useQuery(credentialsQuery);
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (id: string | null) => ok(setDefault({ path: { provider: provider.id }, body: { credential_id: id } })),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['providers'] }), client.invalidateQueries({ queryKey: ['resolve'] })]),
  });
  const current = credentials?.find((credential) => credential.id === provider.default_credential_id);
  return (
    <li className="border-t border-line px-4 py-2.5">
      <div className="row wrap">
        <span className="row min-w-40 grow">
          <ProviderMark provider={provider.id} /> <span className="b">{provider.label}</span>
          {provider.model_defaults.map((each) => (
            <Tag key={`${each.model}-${each.model_type}`} title={t('defaults.model')}>
              {each.model}: {credentials?.find((credential) => credential.id === each.credential_id)?.name ?? each.credential_id.slice(0, 8)}
            </Tag>
          ))}
        </span>
        <span className="w-72 max-w-full" title={forbidden ?? undefined}>
          <KeyPicker
            provider={provider.id}
            pools={false}
            disabled={!!forbidden || set.isPending}
            label={t('defaults.label', { provider: provider.label })}
            shown={current ? <CredentialName provider={provider.id} name={current.name} last4={last4(current)} /> : <span className="t3">{t('defaults.none')}</span>}
            onPick={(key) => set.mutate(key.id)}
            onClear={current ? () => set.mutate(null) : undefined}
            clearLabel={t('defaults.clear')}
          />
        </span>
      </div>
      {set.error && <ProblemNote error={set.error} className="mt-2" />}
    </li>
  );
}

/** Level five: who pays where no stronger level names a key. */
export function DefaultsCard() {
  const { t } = useTranslation('settings');
  const { data: credentials } = useQuery(credentialsQuery);
  const { data: providers } = useQuery(providersQuery);
  const forbidden = useForbidden('credentials:write');
  const used = (providers ?? []).filter((provider) => credentials?.some((credential) => credential.provider === provider.id));
  return (
    <section className="card">
      <div className="hd wrap">
        <h2>{t('defaults.title')}</h2>
        <span className="t3 sm">{t('defaults.hint')}</span>
      </div>
      {used.length === 0 && <p className="t2 border-t border-line px-4 py-3">{t('defaults.empty')}</p>}
      <ul>
        {used.map((provider) => (
          <Default key={provider.id} provider={provider} forbidden={forbidden} />
        ))}
      </ul>
    </section>
  );
}

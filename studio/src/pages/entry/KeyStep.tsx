import { createCredential, type ProviderView } from '@latchkey/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ok } from '@/api/http';
import { providersQuery } from '@/api/queries';
import { Button } from '@/components/Button';
import { fieldsOf, filled, missing } from '@/components/credentials/form';
import { ValueFields } from '@/components/credentials/ValueFields';
import { Select, TextField } from '@/components/Field';
import { fieldError, ProblemNote } from '@/components/Problem';
import { ProviderMark } from '@/components/ProviderMark';
import { cx } from '@/util/cx';

const tiles = ['simulated', 'openai', 'anthropic', 'google', 'azure_openai'];

function Tiles({ providers, value, onPick }: { providers: ProviderView[]; value: string; onPick: (id: string) => void }) {
  const { t } = useTranslation('entry');
  const shown = tiles.flatMap((id) => providers.find((provider) => provider.id === id) ?? []);
  const rest = providers.filter((provider) => !tiles.includes(provider.id)).sort((a, b) => a.label.localeCompare(b.label));
  return (
    <div className="tiles mb-5" role="group" aria-label={t('setup.providers')}>
      {shown.map((provider) => (
        <button key={provider.id} type="button" className={cx('tile', provider.id === value && 'on')} aria-pressed={provider.id === value} onClick={() => onPick(provider.id)}>
          <ProviderMark provider={provider.id} /> <span className="ell">{provider.id === 'simulated' ? t('setup.simulated') : provider.label}</span>
        </button>
      ))}
      <Select className={cx('h-10', rest.some((provider) => provider.id === value) && 'border-accent')} aria-label={t('setup.more', { count: rest.length })} value={rest.some((provider) => provider.id === value) ? value : ''} onChange={(event) => event.target.value && onPick(event.target.value)}>
        <option value="">{t('setup.more', { count: rest.length })}</option>
        {rest.map((provider) => (
          <option key={provider.id} value={provider.id}>
            {provider.label}
          </option>
        ))}
      </Select>
    </div>
  );
}

/** A provider's key that becomes the workspace's default, or none: the simulated model needs none. */
export function KeyStep({ onDone, onName }: { onDone: () => void; onName: (name: string) => void }) {
  const { t } = useTranslation('entry');
  const { data: providers } = useQuery(providersQuery);
  const [provider, setProvider] = useState('openai');
  const [name, setName] = useState('openai-main');
  const [values, setValues] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const client = useQueryClient();
  const chosen = providers?.find((each) => each.id === provider);
  const fields = chosen ? fieldsOf(chosen) : [];
  const save = useMutation({
    mutationFn: (validate: boolean) => ok(createCredential({ body: { provider, name: name.trim(), values: filled(values), default: true, validate } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['credentials'] });
      onDone();
    },
  });
  const wrong = tried ? missing({ provider, name, values, isDefault: true, validate: true, environments: [] }, fields) : [];
  const rename = (next: string) => {
    setName(next);
    onName(next);
  };
  const submit = (validate: boolean) => {
    setTried(true);
    if (missing({ provider, name, values, isDefault: true, validate, environments: [] }, fields).length === 0) save.mutate(validate);
  };
  const pick = (id: string) => {
    setProvider(id);
    setValues({});
    save.reset();
    rename(`${id.replaceAll('_', '-')}-main`);
  };
  const free = provider === 'simulated';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (free) onDone();
        else submit(true);
      }}
    >
      <Tiles providers={providers ?? []} value={provider} onPick={pick} />
      {free ? (
        <p className="t2">{t('setup.free')}</p>
      ) : (
        <div className="col gap-4">
          <TextField label={t('setup.keyName')} mono value={name} error={fieldError(save.error, 'name')} onChange={(event) => rename(event.target.value)} />
          <ValueFields fields={fields} values={values} onValues={setValues} error={save.error} wrong={wrong} />
        </div>
      )}
      {save.error && <ProblemNote error={save.error} title={t('setup.notSaved')} className="mt-4" />}
      <div className="row wrap mt-6">
        <Button type="submit" kind="primary" size="lg" busy={save.isPending}>
          {free ? t('setup.goOn') : t('setup.saveAndGoOn')}
        </Button>
        {save.error && (
          <Button size="lg" onClick={() => submit(false)}>
            {t('setup.untested')}
          </Button>
        )}
        {!free && (
          <Button kind="ghost" size="lg" onClick={onDone}>
            {t('setup.skip')}
          </Button>
        )}
      </div>
    </form>
  );
}
